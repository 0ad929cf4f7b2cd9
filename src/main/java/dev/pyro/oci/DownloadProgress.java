package dev.pyro.oci;

import dev.pyro.model.Progress;

/** Tells how far the download of an image is, as one fraction over all bytes that were missing. Safe for use by several threads. */
final class DownloadProgress {
    private static final double STEP = 0.01;
    private static final String PHASE = "download";
    private static final long MIB = 1 << 20;

    private final Progress.Listener listener;
    private final String operation;
    private final String subject;
    private final int layers;
    private final long bytes;
    private int doneLayers;
    private long doneBytes;
    private double said = -1;

    /**
     * @param layers how many blobs there are, those included that are there already
     * @param doneLayers how many of them are there
     * @param bytes how many bytes are missing in all
     */
    DownloadProgress(
            Progress.Listener listener, String operation, String subject, int layers, int doneLayers, long bytes) {
        this.listener = listener;
        this.operation = operation;
        this.subject = subject;
        this.layers = layers;
        this.doneLayers = doneLayers;
        this.bytes = bytes;
    }

    /** More bytes are there; fewer when a blob began anew. */
    synchronized void gained(long count) {
        doneBytes += count;
        if (Math.abs(fraction() - said) >= STEP) {
            say();
        }
    }

    /** One more blob is whole. */
    synchronized void layerDone() {
        doneLayers++;
        say();
    }

    /** Says how much there is to do. */
    synchronized void begin() {
        say();
    }

    /** Something that a person wants to know while nothing moves; it comes without a fraction, so that it is shown by itself. */
    synchronized void notice(String words) {
        listener.onProgress(new Progress(operation, PHASE, subject, null, words));
    }

    private void say() {
        said = fraction();
        long shown = Math.max(0, Math.min(doneBytes, bytes));
        listener.onProgress(new Progress(
                operation,
                PHASE,
                subject,
                said,
                doneLayers + " of " + layers + " layers, " + mib(shown) + " of " + mib(bytes) + " MiB"));
    }

    private double fraction() {
        return bytes <= 0 ? 1 : Math.max(0, Math.min(1, (double) doneBytes / bytes));
    }

    static long mib(long bytes) {
        return (bytes + MIB / 2) / MIB;
    }
}
