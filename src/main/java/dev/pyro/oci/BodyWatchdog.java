package dev.pyro.oci;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Closes bodies that stand still or drip: the HTTP client's streams have no bound of their own for a read. One thread watches all bodies of a
 * client. Safe for use by several threads.
 */
final class BodyWatchdog implements AutoCloseable {
    private final HttpBounds bounds;
    private final ScheduledThreadPoolExecutor timer = new ScheduledThreadPoolExecutor(
            1, action -> Thread.ofPlatform().daemon().name("pyro-watchdog").unstarted(action));

    BodyWatchdog(HttpBounds bounds) {
        this.bounds = bounds;
        timer.setRemoveOnCancelPolicy(true);
    }

    /**
     * Returns the same bytes; a read of them fails when too few came.
     *
     * @param host who sends them, as it is shown; every failure names it
     */
    InputStream watch(String host, InputStream body) {
        Watched watched = new Watched(host, body, bounds);
        long window = bounds.stall().toNanos();
        watched.task = timer.scheduleWithFixedDelay(watched::look, window, window, TimeUnit.NANOSECONDS);
        return watched;
    }

    /** What comes is too little for too long: more of the same helps nobody. */
    static final class SlowBody extends IOException {
        private static final long serialVersionUID = 1L;

        SlowBody(String message) {
            super(message);
        }
    }

    @Override
    public void close() {
        timer.shutdownNow();
    }

    private static final class Watched extends FilterInputStream {
        private final String host;
        private final HttpBounds bounds;
        private final AtomicLong count = new AtomicLong();
        private long looks;
        private long countAtLastLook;
        private long countAtLastRating;
        private volatile @Nullable IOException verdict;
        private volatile @Nullable ScheduledFuture<?> task;

        Watched(String host, InputStream body, HttpBounds bounds) {
            super(body);
            this.host = host;
            this.bounds = bounds;
        }

        /** Runs on the watchdog's thread. */
        void look() {
            long now = count.get();
            looks++;
            if (now - countAtLastLook < HttpBounds.LEAST_BYTES) {
                end(new IOException("nothing came for " + bounds.stall().toSeconds() + " s"));
            } else if (looks % HttpBounds.STALLS_PER_RATING == 0) {
                if (now - countAtLastRating < bounds.leastBytes(bounds.rating())) {
                    end(new SlowBody("less than " + bounds.leastRate() + " bytes a second for "
                            + bounds.rating().toSeconds() + " s"));
                }
                countAtLastRating = now;
            }
            countAtLastLook = now;
        }

        private void end(IOException reason) {
            verdict = reason;
            try {
                super.close();
            } catch (IOException e) {
                // The reader hears of it anyway.
                return;
            }
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
                IOException reason = verdict;
                if (read > 0) {
                    count.addAndGet(read);
                } else if (reason != null) {
                    throw reason;
                }
                return read;
            } catch (IOException e) {
                IOException reason = verdict;
                IOException cause = reason == null ? e : reason;
                throw new HostFailure(host, cause.getMessage(), cause);
            }
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
