package dev.pyro.oci;

import java.io.Closeable;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;

/**
 * A blob that is not whole yet, and the digest of what is there. Whoever uses it holds the blob's lock. Not a channel: an interruption would
 * close it.
 */
final class PartFile implements Closeable {
    private static final int PIECE_BYTES = 64 << 10;

    private final Path file;
    private FileOutputStream out;
    private MessageDigest digest = Sha256.start();
    private long length;

    private PartFile(Path file, FileOutputStream out) {
        this.file = file;
        this.out = out;
    }

    /**
     * Opens it and reads what a former download has left; more than the blob can have is deleted.
     *
     * @throws IOException when it cannot be read or written
     */
    static PartFile open(Path file, long maxBytes) throws IOException {
        boolean usable = Files.isRegularFile(file) && Files.size(file) <= maxBytes;
        if (!usable) {
            Files.deleteIfExists(file);
        }
        PartFile part = new PartFile(file, new FileOutputStream(file.toFile(), true));
        boolean opened = false;
        try (InputStream in = Files.newInputStream(file)) {
            byte[] piece = new byte[PIECE_BYTES];
            for (int count = in.read(piece); count > 0; count = in.read(piece)) {
                part.digest.update(piece, 0, count);
                part.length += count;
                if (Thread.currentThread().isInterrupted()) {
                    throw new IOException("interrupted");
                }
            }
            opened = true;
            return part;
        } finally {
            if (!opened) {
                part.close();
            }
        }
    }

    /** Returns how many bytes are there. */
    long length() {
        return length;
    }

    void append(byte[] bytes, int count) throws IOException {
        out.write(bytes, 0, count);
        digest.update(bytes, 0, count);
        length += count;
    }

    /** Begins anew. */
    void clear() throws IOException {
        out.close();
        out = new FileOutputStream(file.toFile());
        digest = Sha256.start();
        length = 0;
    }

    /** Returns the digest of what is there; afterwards nothing may be appended. */
    String endDigest() {
        return Sha256.end(digest);
    }

    /** Flushes it to the disk. */
    void sync() throws IOException {
        out.getFD().sync();
    }

    @Override
    public void close() throws IOException {
        out.close();
    }
}
