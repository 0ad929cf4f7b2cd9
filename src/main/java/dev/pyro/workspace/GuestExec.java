package dev.pyro.workspace;

import dev.pyro.agent.AgentClient;
import dev.pyro.agent.ExecOutcome;
import dev.pyro.agent.ExecOutput;
import dev.pyro.agent.ExecRequest;
import dev.pyro.machine.Machine;
import dev.pyro.model.ErrorCode;
import dev.pyro.model.ExecResult;
import dev.pyro.model.ExecVm;
import dev.pyro.model.OutputListener;
import dev.pyro.model.OutputListener.Stream;
import dev.pyro.model.PyroException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Runs one command through the agent. Stateless. */
final class GuestExec {
    private GuestExec() {}

    static ExecResult run(
            Machine machine, AgentClient client, String command, ExecVm options, OutputListener listener) {
        return run(machine, client, command, null, options.timeout(), options.maxKeptBytes(), listener);
    }

    /** Runs it in a directory, or where the agent chooses. */
    static ExecResult run(
            Machine machine,
            AgentClient client,
            String command,
            @Nullable String directory,
            Duration timeout,
            int maxKeptBytes,
            OutputListener listener) {
        OutputCapture capture = new OutputCapture(maxKeptBytes, listener);
        long start = System.nanoTime();
        ExecOutcome outcome;
        try {
            outcome = MachineFailure.explain(
                    machine,
                    () -> client.exec(
                            ExecRequest.of(command).withDirectory(directory).withTimeout(timeout),
                            new ExecOutput(
                                    bytes -> capture.onOutput(Stream.STDOUT, bytes),
                                    bytes -> capture.onOutput(Stream.STDERR, bytes))));
        } catch (PyroException e) {
            Duration elapsed = Duration.ofNanos(System.nanoTime() - start);
            if (e.code() != ErrorCode.GUEST_TIMEOUT || elapsed.compareTo(timeout) < 0) {
                throw e;
            }
            // A guest that does not end its command in time has timed out, whatever keeps it from saying so.
            outcome = new ExecOutcome(ExecResult.EXIT_TIMED_OUT, true, elapsed, 0);
        }
        return new ExecResult(
                capture.takeText(Stream.STDOUT),
                capture.takeText(Stream.STDERR),
                outcome.exitCode(),
                outcome.duration(),
                outcome.timedOut(),
                capture.isTruncated(Stream.STDOUT),
                capture.isTruncated(Stream.STDERR));
    }
}
