package dev.pyro.machine.qemu;

import dev.pyro.model.PyroException;
import dev.pyro.os.HeldProcess;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.Function;

/**
 * A process beside QEMU, which QEMU connects to when it starts, and which ends with that connection.
 *
 * @param command the program and its arguments
 * @param socket the name of the last socket that it listens on, in the machine's folder of sockets
 * @param log where its output goes
 * @param failure makes the error out of a reason
 */
record Companion(List<String> command, String socket, Path log, Function<String, PyroException> failure) {
    private static final Duration START_TIMEOUT = Duration.ofSeconds(10);

    Companion {
        command = List.copyOf(command);
    }

    /** Makes its process, which waits until it is released. */
    HeldProcess hold(MachineFolder folder, Confinement confinement, boolean leased) {
        return MachineProcess.hold(command, folder, log, confinement.withLimitedFiles(), leased, null);
    }

    /** Waits until its process, which was released, listens. */
    void awaitListening(HeldProcess process, MachineFolder folder) {
        long deadline = System.nanoTime() + START_TIMEOUT.toNanos();
        while (!Files.exists(folder.socket(socket))) {
            if (!process.isAlive()) {
                throw failure.apply("it ended with exit code " + process.exitCode());
            }
            if (System.nanoTime() >= deadline) {
                throw failure.apply("it did not listen within " + START_TIMEOUT.toSeconds() + " s");
            }
            UnixSockets.pause();
        }
    }
}
