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
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Runs one command through the agent. Stateless. */
final class GuestExec {
    private GuestExec() {}

    static ExecResult run(
            Machine machine, AgentClient client, String command, ExecVm options, OutputListener listener) {
        return run(
                machine,
                client,
                new Guarded(command, null, Map.of(), options.timeout(), SecretMask.NONE),
                options.maxKeptBytes(),
                listener);
    }

    /**
     * A command that may get secrets.
     *
     * @param command the shell command line
     * @param directory where it runs, or null for where the agent chooses
     * @param environment its variables
     * @param timeout after which it is killed
     * @param mask hides the secrets in its output
     */
    record Guarded(
            String command,
            @Nullable String directory,
            Map<String, String> environment,
            Duration timeout,
            SecretMask mask) {
        ExecRequest request() {
            return ExecRequest.of(command)
                    .withDirectory(directory)
                    .withEnvironment(environment)
                    .withTimeout(timeout);
        }

        /** Returns the names of the variables only. */
        @Override
        public String toString() {
            return "Guarded[" + mask.text(command) + ", " + directory + ", " + environment.keySet() + ", " + timeout
                    + "]";
        }
    }

    /** Runs it; neither the listener nor the result gets to see a secret. */
    static ExecResult run(
            Machine machine, AgentClient client, Guarded command, int maxKeptBytes, OutputListener listener) {
        OutputCapture capture = new OutputCapture(maxKeptBytes, listener);
        SecretMask.Masked masked = command.mask().output(capture);
        long start = System.nanoTime();
        ExecOutcome outcome;
        try {
            outcome = MachineFailure.explain(
                    machine,
                    () -> client.exec(
                            command.request(),
                            new ExecOutput(
                                    bytes -> masked.onOutput(Stream.STDOUT, bytes),
                                    bytes -> masked.onOutput(Stream.STDERR, bytes))));
        } catch (PyroException e) {
            masked.finish();
            Duration elapsed = Duration.ofNanos(System.nanoTime() - start);
            if (e.code() != ErrorCode.GUEST_TIMEOUT || elapsed.compareTo(command.timeout()) < 0) {
                throw e;
            }
            // A guest that does not end its command in time has timed out, whatever keeps it from saying so.
            outcome = new ExecOutcome(ExecResult.EXIT_TIMED_OUT, true, elapsed, 0);
        }
        masked.finish();
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
