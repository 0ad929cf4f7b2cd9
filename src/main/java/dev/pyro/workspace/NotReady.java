package dev.pyro.workspace;

import dev.pyro.agent.JobState;
import dev.pyro.machine.LogText;
import dev.pyro.model.ErrorCode;
import dev.pyro.model.OutputListener.Stream;
import dev.pyro.model.PyroException;
import dev.pyro.model.Service;
import dev.pyro.model.ServiceEnd;
import dev.pyro.model.WorkspaceId;

/** Says of a service that did not become ready what happened to it, and what it wrote last. Stateless. */
final class NotReady {
    private NotReady() {}

    /**
     * Returns the failure of a start.
     *
     * @param reason why it is over
     * @param last how its process ended
     * @param output what it wrote, without secrets
     */
    static PyroException failure(
            WorkspaceId id, ServiceRecord record, ServiceEnd reason, JobState last, ServiceOutput output) {
        String message =
                "service \"" + record.name() + "\" of workspace " + id + " " + whatHappened(record, reason, last)
                        + (last.end() + last.errorEnd() == 0 ? "; it wrote nothing" : "; its last output:");
        String both = output.part(Stream.STDOUT).text() + "\n"
                + output.part(Stream.STDERR).text();
        return new PyroException(ErrorCode.SERVICE_NOT_READY, LogText.after(message, LogText.tail(both)));
    }

    private static String whatHappened(ServiceRecord record, ServiceEnd reason, JobState last) {
        Service.Probe probe = record.settings().probe();
        return switch (reason) {
            case READY_TIMEOUT ->
                "was not ready within " + probe.timeout().toSeconds() + " s (" + probe.type() + " " + probe.target()
                        + ") and was stopped";
            case STOP_REQUESTED -> "was stopped before it was ready";
            default ->
                "ended before it was ready, with exit code " + last.exitCode()
                        + (last.exitCode() == 0 ? " (its command must stay in the foreground)" : "");
        };
    }
}
