package dev.pyro.machine.qemu;

import dev.pyro.machine.LogText;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the end of what a guest writes to its serial console, for messages. Safe for use by several threads.
 *
 * <p>A guest may write for ever; this keeps {@link LogText#MAX_BYTES} and nothing goes to the disk. When nobody is connected
 * QEMU throws the output away.
 */
final class ConsoleTail implements AutoCloseable {
    private static final Duration END_TIMEOUT = Duration.ofMillis(500);

    private final byte[] ring = new byte[LogText.MAX_BYTES];
    private long written;
    private boolean closed;
    private @Nullable SocketChannel channel;
    private @Nullable Thread reader;

    /** Connects and keeps reading on a thread of its own; a failure leaves the tail empty. */
    void follow(Path socket) {
        synchronized (this) {
            try {
                channel = closed ? null : UnixSockets.connect(socket);
            } catch (IOException e) {
                return;
            }
            SocketChannel connected = channel;
            if (connected != null) {
                // The first virtual thread starts one of the JVM's own that sits in native code, for which the JVM
                // waits 0.3 s
                // when the program ends.
                reader = Thread.ofPlatform().daemon().name("pyro-console").start(() -> drain(connected));
            }
        }
    }

    /** Returns the last lines so far; when QEMU has ended, after having read all of it. */
    String text(boolean ended) {
        Thread thread;
        synchronized (this) {
            thread = reader;
        }
        if (ended && thread != null) {
            try {
                thread.join(END_TIMEOUT);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        synchronized (this) {
            int count = (int) Math.min(written, ring.length);
            byte[] bytes = new byte[count];
            for (int i = 0; i < count; i++) {
                bytes[i] = ring[(int) ((written - count + i) % ring.length)];
            }
            return LogText.tail(new String(bytes, StandardCharsets.UTF_8));
        }
    }

    private void drain(SocketChannel console) {
        ByteBuffer bytes = ByteBuffer.allocate(4096);
        try (console) {
            while (console.read(bytes.clear()) >= 0) {
                keep(bytes.flip());
            }
        } catch (IOException e) {
            // QEMU has ended, or this tail was closed; what came is kept.
            return;
        }
    }

    private synchronized void keep(ByteBuffer bytes) {
        while (bytes.hasRemaining()) {
            ring[(int) (written++ % ring.length)] = bytes.get();
        }
    }

    @Override
    public synchronized void close() {
        closed = true;
        if (channel != null) {
            try {
                channel.close();
            } catch (IOException e) {
                // Nothing is lost with a console's connection.
                return;
            }
        }
    }
}
