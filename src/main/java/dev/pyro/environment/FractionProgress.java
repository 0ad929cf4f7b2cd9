package dev.pyro.environment;

import dev.pyro.model.Progress;

/** Turns counts of bytes into steps of progress, a hundred at most. Safe for use by several threads. */
final class FractionProgress {
    private static final int STEPS = 100;

    private final Progress step;
    private final long total;
    private final Progress.Listener listener;
    private long reached;
    private long told = -1;

    /**
     * Tells of the way to a total.
     *
     * @param step what is told, with a fraction each time
     * @param total how many bytes there will be; more than that count as all
     */
    FractionProgress(Progress step, long total, Progress.Listener listener) {
        this.step = step;
        this.total = Math.max(1, total);
        this.listener = listener;
    }

    /** So many bytes are done in all. */
    synchronized void reached(long bytes) {
        reached = bytes;
        long now = Math.clamp(reached, 0, total) * STEPS / total;
        if (now != told) {
            told = now;
            listener.onProgress(
                    new Progress(step.operation(), step.phase(), step.subject(), now / (double) STEPS, step.detail()));
        }
    }

    /** So many bytes more are done, or fewer. */
    synchronized void gained(long bytes) {
        reached(reached + bytes);
    }
}
