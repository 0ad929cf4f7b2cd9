package dev.pyro.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pyro.os.HostCommand;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InterProcessLockTest {
    @TempDir
    Path folder;

    @Test
    void aSecondThreadsAttemptDoesNotDropTheLockForOtherProcesses() {
        Path file = folder.resolve("lock");
        try (InterProcessLock held = InterProcessLock.tryAcquire(file).orElseThrow()) {
            assertThat(InterProcessLock.tryAcquire(file)).isEmpty();
            assertThat(InterProcessLock.tryAcquire(folder.resolve("./lock"))).isEmpty();

            assertThat(takenByAnotherProcess(file))
                    .as("free for others: %s", held)
                    .isFalse();
        }
        assertThat(takenByAnotherProcess(file)).isTrue();
        Optional<InterProcessLock> again = InterProcessLock.tryAcquire(file);
        assertThat(again).isPresent();
        again.orElseThrow().close();
    }

    private static boolean takenByAnotherProcess(Path file) {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        return HostCommand.of(
                                Duration.ofSeconds(30),
                                List.of(
                                        java,
                                        "-cp",
                                        System.getProperty("java.class.path"),
                                        OtherProcess.class.getName(),
                                        file.toString()))
                        .run()
                        .exitCode()
                == 0;
    }

    /** Ends with 0 when it gets the lock. */
    static final class OtherProcess {
        private OtherProcess() {}

        public static void main(String[] arguments) {
            System.exit(InterProcessLock.tryAcquire(Path.of(arguments[0])).isPresent() ? 0 : 1);
        }
    }
}
