package dev.pyro.image;

import dev.pyro.tar.TarEntry;
import dev.pyro.tar.TarReader;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import org.jspecify.annotations.Nullable;

/**
 * Reads the entries of one layer on a thread of its own, so that several layers are decompressed at the same time; it runs ahead of who takes the
 * entries by a bounded number of them. One thread takes them.
 */
final class LayerReader implements AutoCloseable {
    private static final int BATCH = 256;
    private static final int BATCH_BYTES = 64 << 10;
    private static final int MAX_BATCHES = 24;

    /** Opens the layer's archive. */
    @FunctionalInterface
    interface Source {
        LayerStream open() throws IOException;
    }

    /** Some entries; after the last ones why they are the last. */
    private record Batch(
            List<LayerEntry> entries,
            boolean last,
            @Nullable Throwable failure) {}

    private final BlockingQueue<Batch> batches = new ArrayBlockingQueue<>(MAX_BATCHES);
    private final Thread thread;
    private Batch present = new Batch(List.of(), false, null);
    private int at;

    private LayerReader(Source source) {
        this.thread = Thread.ofPlatform().daemon().name("pyro-layer").unstarted(() -> run(source));
    }

    /** Starts to read. */
    static LayerReader start(Source source) {
        LayerReader reader = new LayerReader(source);
        reader.thread.start();
        return reader;
    }

    private void run(Source source) {
        Throwable failure = null;
        List<LayerEntry> entries = new ArrayList<>(BATCH);
        try {
            try (LayerStream stream = source.open()) {
                TarReader reader = TarReader.lenient(stream);
                int weight = 0;
                for (TarEntry raw = reader.next(); raw != null; raw = reader.next()) {
                    LayerEntry entry = LayerEntry.of(raw);
                    entries.add(entry);
                    weight += entry.weight();
                    if (entries.size() == BATCH || weight > BATCH_BYTES) {
                        batches.put(new Batch(entries, false, null));
                        entries = new ArrayList<>(BATCH);
                        weight = 0;
                    }
                }
            } catch (IOException | RuntimeException | Error e) {
                failure = e;
            }
            batches.put(new Batch(entries, true, failure));
        } catch (InterruptedException e) {
            // Nobody takes them any more.
            return;
        }
    }

    /** Returns the next entry, or null behind the last. What the reading has thrown, this throws. */
    @Nullable
    LayerEntry next() throws IOException, InterruptedException {
        while (at == present.entries().size()) {
            if (present.last()) {
                rethrow(present.failure());
                return null;
            }
            present = batches.take();
            at = 0;
        }
        return present.entries().get(at++);
    }

    private static void rethrow(@Nullable Throwable failure) throws IOException {
        switch (failure) {
            case null -> {}
            case IOException e -> throw e;
            case RuntimeException e -> throw e;
            case Error e -> throw e;
            default -> throw new IllegalStateException(failure);
        }
    }

    /** Ends the reading and waits until it has ended, interrupted or not. */
    @Override
    public void close() {
        thread.interrupt();
        boolean interrupted = false;
        while (true) {
            try {
                thread.join();
                break;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
