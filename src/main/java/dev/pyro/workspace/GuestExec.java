package dev.pyro.workspace;

import dev.pyro.agent.AgentClient;
import dev.pyro.agent.ExecOutcome;
import dev.pyro.agent.ExecOutput;
import dev.pyro.agent.ExecRequest;
import dev.pyro.machine.Machine;
import dev.pyro.model.ErrorCode;
import dev.pyro.model.ExecResult;
import dev.pyro.model.OutputListener;
import dev.pyro.model.OutputListener.Stream;
import dev.pyro.model.PyroException;
import java.time.Duration;
import java.util.Objects;

/** Runs one command through the agent. Stateless. */
final class GuestExec {
    private GuestExec() {}

    /**
     * Runs it; neither the listener nor the result gets to see a secret.
     *
     * @param request has a time-out
     * @param mask hides the secrets that it may get
     */
    static ExecResult run(
            Machine machine,
            AgentClient client,
            ExecRequest request,
            SecretMask mask,
            int maxKeptBytes,
            OutputListener listener) {
        OutputCapture capture = new OutputCapture(maxKeptBytes, listener);
        SecretMask.Masked masked = mask.output(capture);
        long start = System.nanoTime();
        ExecOutcome outcome;
        try {
            outcome = MachineFailure.explain(
                    machine,
                    () -> client.exec(
                            request,
                            new ExecOutput(
                                    bytes -> masked.onOutput(Stream.STDOUT, bytes),
                                    bytes -> masked.onOutput(Stream.STDERR, bytes))));
        } catch (PyroException e) {
            masked.finish();
            Duration elapsed = Duration.ofNanos(System.nanoTime() - start);
            Duration timeout = Objects.requireNonNull(request.timeout());
            if (e.code() != ErrorCode.GUEST_TIMEOUT || elapsed.compareTo(timeout) < 0) {
                throw CommandSettings.explain(e, request.options().user());
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
