package dev.pyro.oci;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Closes bodies that stand still: the HTTP client's streams have no bound of their own for a read. One thread watches all bodies of a client. Safe
 * for use by several threads.
 */
final class BodyWatchdog implements AutoCloseable {
    private final Duration window;
    private final ScheduledThreadPoolExecutor timer = new ScheduledThreadPoolExecutor(
            1, action -> Thread.ofPlatform().daemon().name("pyro-watchdog").unstarted(action));

    BodyWatchdog(Duration window) {
        this.window = window;
        timer.setRemoveOnCancelPolicy(true);
    }

    /** Returns the same bytes; a read of them fails when too few came within the window. */
    InputStream watch(InputStream body) {
        Watched watched = new Watched(body, window);
        watched.task =
                timer.scheduleWithFixedDelay(watched::look, window.toNanos(), window.toNanos(), TimeUnit.NANOSECONDS);
        return watched;
    }

    @Override
    public void close() {
        timer.shutdownNow();
    }

    private static final class Watched extends FilterInputStream {
        private final Duration window;
        private final AtomicLong count = new AtomicLong();
        private long countAtLastLook;
        private volatile boolean stalled;
        private volatile @Nullable ScheduledFuture<?> task;

        Watched(InputStream body, Duration window) {
            super(body);
            this.window = window;
        }

        /** Runs on the watchdog's thread. */
        void look() {
            long now = count.get();
            if (now - countAtLastLook < HttpBounds.LEAST_BYTES) {
                stalled = true;
                try {
                    super.close();
                } catch (IOException e) {
                    // The reader hears of it anyway.
                    return;
                }
            }
            countAtLastLook = now;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            int read = read(one, 0, 1);
            return read < 0 ? read : Byte.toUnsignedInt(one[0]);
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            try {
                int read = super.read(bytes, offset, length);
                if (read > 0) {
                    count.addAndGet(read);
                } else if (stalled) {
                    throw standstill(null);
                }
                return read;
            } catch (IOException e) {
                throw stalled ? standstill(e) : e;
            }
        }

        private IOException standstill(@Nullable IOException cause) {
            return new IOException("nothing came for " + window.toSeconds() + " s", cause);
        }

        @Override
        public void close() throws IOException {
            ScheduledFuture<?> scheduled = task;
            if (scheduled != null) {
                scheduled.cancel(false);
            }
            super.close();
        }
    }
}
