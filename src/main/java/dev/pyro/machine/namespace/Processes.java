package dev.pyro.machine.namespace;

import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import dev.pyro.os.ProcessIdentity;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** The two processes of a machine that the host sees. Stateless. */
final class Processes {
    /** How long the kernel may take to end killed processes; a full disk or a frozen file system can hold them. */
    private static final Duration END_TIMEOUT = Duration.ofSeconds(10);

    private Processes() {}

    /** Returns the only child of bubblewrap's monitor: the agent, or what is to become it. */
    static Optional<ProcessIdentity> childOf(long monitor) {
        try {
            String children = Files.readString(Path.of("/proc/" + monitor + "/task/" + monitor + "/children"))
                    .strip();
            return children.isEmpty() ? Optional.empty() : ProcessIdentity.of(Long.parseLong(children.split(" ")[0]));
        } catch (IOException e) {
            // The process has ended, or the kernel has no such file; the search through all processes takes longer.
            return ProcessHandle.of(monitor)
                    .flatMap(process -> process.children().findFirst())
                    .flatMap(child -> ProcessIdentity.of(child.pid()));
        }
    }

    /**
     * Kills processes and waits for their end. When process 1 of a PID namespace has ended, all others in it have.
     *
     * @throws PyroException {@link ErrorCode#HOST_TOOL_FAILED} when one of them is still there after the bound
     */
    static void end(String machineId, List<ProcessIdentity> processes) {
        processes.forEach(ProcessIdentity::kill);
        Pause pause = new Pause(END_TIMEOUT);
        // An interrupted caller still has to leave nothing behind, so the interruption waits.
        boolean interrupted = Thread.interrupted();
        try {
            while (processes.stream().anyMatch(ProcessIdentity::isAlive)) {
                if (!pause.await("the end of machine " + machineId)) {
                    throw new PyroException(
                            ErrorCode.HOST_TOOL_FAILED,
                            "processes "
                                    + processes.stream()
                                            .map(ProcessIdentity::pid)
                                            .toList() + " of machine "
                                    + machineId + " do not end within " + END_TIMEOUT.toSeconds()
                                    + " s after SIGKILL; the kernel holds them, look at its log (dmesg)");
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
