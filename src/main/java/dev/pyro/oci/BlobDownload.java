package dev.pyro.oci;

import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import dev.pyro.store.AtomicFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.util.function.Consumer;
import java.util.function.LongConsumer;

/**
 * Fills one part file until it is the blob that its descriptor names: goes on where it stopped, begins anew where that is refused, and takes
 * no byte more than promised. For one thread.
 */
final class BlobDownload {
    private static final int PIECE_BYTES = 64 << 10;

    private final Descriptor blob;
    private final Path file;
    private final Transfer transfer;
    private long best;

    /**
     * How the bytes come.
     *
     * @param fetcher where they come from
     * @param retry how often is tried
     * @param failure makes the error of the last try's exception
     * @param gained hears how many bytes more there are; negative when it begins anew
     * @param notices hears why it takes long, in words for a person
     */
    record Transfer(
            BlobFetcher fetcher,
            Retry retry,
            java.util.function.Function<IOException, PyroException> failure,
            LongConsumer gained,
            Consumer<String> notices) {}

    BlobDownload(Descriptor blob, Path file, Transfer transfer) {
        this.blob = blob;
        this.file = file;
        this.transfer = transfer;
    }

    /**
     * Makes the file whole, verified and flushed to the disk.
     *
     * @throws PyroException {@link ErrorCode#IMAGE_CORRUPT} when what comes is something else, and comes so again from the place itself
     */
    void run() {
        boolean again = false;
        while (true) {
            String wrong;
            try (PartFile part = PartFile.open(file, blob.size())) {
                best = part.length();
                wrong = fill(part, again);
                if (wrong.isEmpty()) {
                    part.sync();
                    return;
                }
                transfer.gained().accept(-part.length());
                part.clear();
            } catch (IOException e) {
                if (Thread.currentThread().isInterrupted()) {
                    throw new PyroException(ErrorCode.INTERRUPTED, "fetching an image was interrupted", e);
                }
                throw AtomicFiles.failure("write", file, e);
            }
            if (again) {
                throw new PyroException(
                        ErrorCode.IMAGE_CORRUPT,
                        "the blob " + blob.digest() + " " + wrong
                                + ": whoever published the image has to push it again; nothing of it was used");
            }
            again = true;
        }
    }

    /** Returns what is wrong, or an empty text. */
    private String fill(PartFile part, boolean originOnly) throws IOException {
        String wrong = part.length() == blob.size()
                ? ""
                : transfer.retry()
                        .run(transfer.notices(), transfer.failure(), tries -> attempt(part, originOnly, tries));
        if (!wrong.isEmpty()) {
            return wrong;
        }
        String digest = part.endDigest();
        return digest.equals(blob.digest()) ? "" : "has other content than its digest says (" + digest + ")";
    }

    private String attempt(PartFile part, boolean originOnly, Retry.Tries tries) throws IOException {
        try (BlobFetcher.Body body = transfer.fetcher().open(part.length(), originOnly)) {
            if (body.start() != part.length()) {
                clear(part);
            }
            byte[] piece = new byte[PIECE_BYTES];
            for (int count = body.stream().read(piece);
                    count >= 0;
                    count = body.stream().read(piece)) {
                if (part.length() + count > blob.size()) {
                    return "is longer than its manifest says (" + blob.size() + " bytes)";
                }
                append(part, piece, count);
                if (part.length() > best) {
                    best = part.length();
                    tries.progress();
                }
                if (Thread.currentThread().isInterrupted()) {
                    throw new IOException("interrupted");
                }
            }
        } catch (BlobFetcher.RangeRefused e) {
            clear(part);
            throw e;
        } catch (BlobFetcher.WrongBody e) {
            return String.valueOf(e.getMessage());
        }
        if (part.length() < blob.size()) {
            throw new IOException("the content of " + Sha256.shown(blob.digest()) + " ended early");
        }
        return "";
    }

    private void append(PartFile part, byte[] piece, int count) {
        try {
            part.append(piece, count);
        } catch (IOException e) {
            // Not what another try would mend.
            throw AtomicFiles.failure("write", file, e);
        }
        transfer.gained().accept(count);
    }

    private void clear(PartFile part) {
        transfer.gained().accept(-part.length());
        try {
            part.clear();
        } catch (IOException e) {
            throw AtomicFiles.failure("write", file, e);
        }
    }
}
