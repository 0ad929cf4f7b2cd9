package dev.pyro.agent;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** The bytes of a file that is to be written in the guest: opened once, when their turn comes. */
public interface FileContent {
    /** Returns how many bytes there are: the stream must have exactly as many. */
    long sizeBytes();

    /** Opens them; the stream is closed after use. */
    InputStream open() throws IOException;

    /** Bytes in memory, which must not change any more. */
    static FileContent of(byte[] bytes) {
        return of(bytes.length, () -> new ByteArrayInputStream(bytes));
    }

    /** A file of the host with the size that it has now. */
    static FileContent of(Path file) throws IOException {
        return of(Files.size(file), () -> Files.newInputStream(file));
    }

    /** A stream of a known size. */
    static FileContent of(long sizeBytes, Source source) {
        return new FileContent() {
            @Override
            public long sizeBytes() {
                return sizeBytes;
            }

            @Override
            public InputStream open() throws IOException {
                return source.open();
            }
        };
    }

    /** Opens a stream. */
    @FunctionalInterface
    interface Source {
        InputStream open() throws IOException;
    }
}
