package dev.pyro.machine.qemu;

import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.FileChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** Connections to the Unix sockets of a machine. Stateless. */
final class UnixSockets {
    /** The kernel's {@code sun_path} has 108 bytes with its final zero; Java leaves some of them unused. */
    private static final int MAX_PATH_BYTES = 100;

    private static final Duration PAUSE = Duration.ofMillis(1);

    private UnixSockets() {}

    /**
     * Connects as soon as somebody listens.
     *
     * @param alive whether the process that is to listen still runs
     * @return empty when it ended before that
     * @throws PyroException {@link ErrorCode#MACHINE_START_FAILED} when the bound is over
     */
    static Optional<SocketChannel> connectWhenReady(Path socket, BooleanSupplier alive, Duration timeout) {
        long deadline = System.nanoTime() + timeout.toNanos();
        while (true) {
            if (Files.exists(socket)) {
                try {
                    return Optional.of(connect(socket));
                } catch (IOException e) {
                    // It is bound and not yet listening.
                }
            }
            if (!alive.getAsBoolean()) {
                return Optional.empty();
            }
            if (System.nanoTime() >= deadline) {
                throw new PyroException(
                        ErrorCode.MACHINE_START_FAILED,
                        "nobody listens on " + socket + " after " + timeout.toSeconds() + " s");
            }
            pause();
        }
    }

    /** Connects at once. */
    static SocketChannel connect(Path socket) throws IOException {
        return withShortPath(socket, path -> {
            SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
            try {
                channel.connect(UnixDomainSocketAddress.of(path));
                return channel;
            } catch (IOException | RuntimeException e) {
                channel.close();
                throw e;
            }
        });
    }

    /** Listens. */
    static ServerSocketChannel listen(Path socket) throws IOException {
        return withShortPath(socket, path -> {
            ServerSocketChannel channel = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
            try {
                channel.bind(UnixDomainSocketAddress.of(path));
                return channel;
            } catch (IOException | RuntimeException e) {
                channel.close();
                throw e;
            }
        });
    }

    /** Waits a moment before the next look. */
    static void pause() {
        try {
            TimeUnit.NANOSECONDS.sleep(PAUSE.toNanos());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new PyroException(ErrorCode.INTERRUPTED, "interrupted while waiting for a machine", e);
        }
    }

    /** Something that is done with a socket's path. */
    @FunctionalInterface
    private interface SocketCall<T> {
        T on(Path socket) throws IOException;
    }

    private static <T> T withShortPath(Path socket, SocketCall<T> call) throws IOException {
        if (socket.toString().getBytes(StandardCharsets.UTF_8).length <= MAX_PATH_BYTES) {
            return call.on(socket);
        }
        // Too long for the system call: reach the folder through a descriptor of this process.
        Path folder = socket.toAbsolutePath().resolveSibling(".").toRealPath();
        FileChannel handle = FileChannel.open(folder, StandardOpenOption.READ);
        try {
            return call.on(descriptorOf(folder).resolve(socket.getFileName()));
        } finally {
            handle.close();
        }
    }

    private static Path descriptorOf(Path folder) throws IOException {
        try (DirectoryStream<Path> descriptors = Files.newDirectoryStream(Path.of("/proc/self/fd"))) {
            for (Path descriptor : descriptors) {
                if (Files.isSymbolicLink(descriptor)
                        && Files.readSymbolicLink(descriptor).equals(folder)) {
                    return descriptor;
                }
            }
        }
        throw new IOException("the path of " + folder + " is too long for a socket");
    }
}
