package dev.pyro.workspace;

import dev.pyro.agent.AgentClient;
import dev.pyro.agent.ExecOutcome;
import dev.pyro.agent.ExecOutput;
import dev.pyro.agent.ExecRequest;
import dev.pyro.machine.Machine;
import dev.pyro.model.ExecResult;
import dev.pyro.model.ExecVm;
import dev.pyro.model.OutputListener;
import dev.pyro.model.OutputListener.Stream;

/** Runs one command through the agent. Stateless. */
final class GuestExec {
    private GuestExec() {}

    static ExecResult run(
            Machine machine, AgentClient client, String command, ExecVm options, OutputListener listener) {
        OutputCapture capture = new OutputCapture(options.maxKeptBytes(), listener);
        ExecOutcome outcome = MachineFailure.explain(
                machine,
                () -> client.exec(
                        ExecRequest.of(command).withTimeout(options.timeout()),
                        new ExecOutput(
                                bytes -> capture.onOutput(Stream.STDOUT, bytes),
                                bytes -> capture.onOutput(Stream.STDERR, bytes))));
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
