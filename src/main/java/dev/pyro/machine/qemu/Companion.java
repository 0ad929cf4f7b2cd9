package dev.pyro.machine.qemu;

import dev.pyro.model.PyroException;
import dev.pyro.os.ProcessIdentity;
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

    /** Starts it and waits until it listens; when this throws, it does not run. */
    ProcessIdentity start(MachineFolder folder, Confinement confinement, boolean leased) {
        Process child = MachineProcess.start(command, folder, log, confinement.withLimitedFiles(), leased, null);
        ProcessIdentity process = ProcessIdentity.of(child.pid()).orElseThrow(() -> failure.apply("it ended at once"));
        boolean listening = false;
        try {
            long deadline = System.nanoTime() + START_TIMEOUT.toNanos();
            while (!Files.exists(folder.socket(socket))) {
                if (!child.isAlive()) {
                    throw failure.apply("it ended with exit code " + child.exitValue());
                }
                if (System.nanoTime() >= deadline) {
                    throw failure.apply("it did not listen within " + START_TIMEOUT.toSeconds() + " s");
                }
                UnixSockets.pause();
            }
            listening = true;
            return process;
        } finally {
            if (!listening) {
                process.kill();
            }
        }
    }
}
