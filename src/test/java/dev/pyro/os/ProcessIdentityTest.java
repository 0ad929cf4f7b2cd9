package dev.pyro.os;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class ProcessIdentityTest {
    private static final Duration BOUND = Duration.ofSeconds(20);

    /** Ends its first thread while another one sleeps. */
    private static final String HEADLESS = """
            import ctypes, threading, time
            threading.Thread(target=time.sleep, args=(300,)).start()
            ctypes.CDLL(None).pthread_exit(None)
            """;

    @Test
    void thisProcessRuns() {
        assertThat(ProcessIdentity.current().isAlive()).isTrue();
    }

    @Test
    void aProcessLivesUntilItsLastThreadHasEnded() throws IOException {
        Process process = new ProcessBuilder(List.of("python3", "-c", HEADLESS)).start();
        try {
            ProcessIdentity identity = ProcessIdentity.of(process.pid()).orElseThrow();
            Path stat = Path.of("/proc", Long.toString(process.pid()), "stat");
            await().atMost(BOUND).until(() -> Files.readString(stat).contains(") Z "));

            assertThat(identity.isAlive()).isTrue();
            identity.kill();
            await().atMost(BOUND).until(() -> !identity.isAlive());
        } finally {
            process.destroyForcibly();
        }
    }
}
