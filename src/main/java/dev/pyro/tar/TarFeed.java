package dev.pyro.tar;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Entries with their content, one after the other. Whoever reads may trust that names are checked and parents come first. */
public interface TarFeed extends AutoCloseable {
    /** Returns the next entry, or null when everything was there and is as it was announced. */
    @Nullable
    TarEntry next() throws IOException;

    /** Reads the next bytes of the present entry's stored content, {@link TarEntry#storedBytes} in all. */
    int read(byte[] buffer, int offset, int length) throws IOException;

    @Override
    void close() throws IOException;
}
