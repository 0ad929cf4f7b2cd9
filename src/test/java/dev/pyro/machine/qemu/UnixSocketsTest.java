package dev.pyro.machine.qemu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import java.io.IOException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UnixSocketsTest {
    @TempDir
    Path folder;

    @Test
    void pathMayBeLongerThanTheKernelTakes() throws IOException {
        Path deep = Files.createDirectories(folder.resolve("d".repeat(100)).resolve("e".repeat(100)));
        assertConnects(deep.resolve("agent.0"));
        int used = folder.toString().length() + 1;
        for (int length = 90; length <= 115; length++) {
            assertConnects(folder.resolve("s".repeat(length - used)));
        }
    }

    private static void assertConnects(Path socket) throws IOException {
        try (ServerSocketChannel server = UnixSockets.listen(socket);
                SocketChannel client = UnixSockets.connect(socket);
                SocketChannel accepted = server.accept()) {
            assertThat(client.isConnected()).isTrue();
            assertThat(accepted.isConnected()).isTrue();
        }
    }

    @Test
    void endedProcessEndsTheWait() {
        assertThat(UnixSockets.connectWhenReady(folder.resolve("none"), () -> false, Duration.ofSeconds(10)))
                .isEmpty();
    }

    @Test
    void waitIsBounded() {
        assertThatThrownBy(
                        () -> UnixSockets.connectWhenReady(folder.resolve("none"), () -> true, Duration.ofMillis(50)))
                .isInstanceOfSatisfying(
                        PyroException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.MACHINE_START_FAILED));
    }
}
