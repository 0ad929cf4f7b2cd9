package dev.pyro.machine.namespace;

import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import dev.pyro.os.ProcessIdentity;
import dev.pyro.os.Undisturbed;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** The two processes of a machine that the host sees. Stateless. */
final class Processes {
    /** How long the kernel may take to end killed processes; a full disk or a frozen file system can hold them. */
    private static final Duration END_TIMEOUT = Duration.ofSeconds(10);

    /** How long a monitor may take to have its child; it takes some 10 ms. */
    private static final Duration BIRTH_TIMEOUT = Duration.ofSeconds(3);

    private Processes() {}

    /** Returns all processes of a machine, whose start may have been left unfinished. */
    static List<ProcessIdentity> of(NamespaceRecord record) {
        return record.agent().isPresent()
                ? record.processes()
                : Stream.concat(awaitChildOf(record.monitor()).stream(), Stream.of(record.monitor()))
                        .toList();
    }

    /**
     * Returns the only child of bubblewrap's monitor as soon as it is there, interrupted or not; empty when the monitor ends without one. Who kills the
     * monitor before would leave a child that nobody knows.
     */
    private static Optional<ProcessIdentity> awaitChildOf(ProcessIdentity monitor) {
        return Undisturbed.call(() -> {
            Pause pause = new Pause(BIRTH_TIMEOUT);
            Optional<ProcessIdentity> child = Optional.empty();
            while (child.isEmpty() && monitor.isAlive()) {
                child = childOf(monitor.pid());
                if (child.isEmpty() && !pause.await("the first process of a machine")) {
                    break;
                }
            }
            return child;
        });
    }

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
     * Kills processes and waits for their end, interrupted or not: a caller who is cancelled still has to leave nothing behind. When
     * process 1 of a PID namespace has ended, all others in it have.
     *
     * @throws PyroException {@link ErrorCode#HOST_TOOL_FAILED} when one of them is still there after the bound
     */
    static void end(String machineId, List<ProcessIdentity> processes) {
        processes.forEach(ProcessIdentity::kill);
        Undisturbed.run(() -> awaitEnd(machineId, processes));
    }

    private static void awaitEnd(String machineId, List<ProcessIdentity> processes) {
        Pause pause = new Pause(END_TIMEOUT);
        while (processes.stream().anyMatch(ProcessIdentity::isAlive)) {
            if (!pause.await("the end of machine " + machineId)) {
                throw new PyroException(
                        ErrorCode.HOST_TOOL_FAILED,
                        "processes "
                                + processes.stream().map(ProcessIdentity::pid).toList() + " of machine "
                                + machineId + " do not end within " + END_TIMEOUT.toSeconds()
                                + " s after SIGKILL; the kernel holds them, look at its log (dmesg)");
            }
        }
    }
}
