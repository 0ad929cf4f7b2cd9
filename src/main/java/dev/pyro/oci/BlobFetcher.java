package dev.pyro.oci;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;

/** Where the bytes of one blob come from. */
@FunctionalInterface
interface BlobFetcher {
    /**
     * Opens the blob's bytes.
     *
     * @param from the first byte that is wanted; less than the blob's size
     * @param originOnly whether only the place itself is asked, and no copy of it
     * @throws RangeRefused when there is nothing to be had from there on: it has to begin anew
     * @throws WrongBody when it is certain already that it is not this blob
     * @throws IOException when another try may succeed
     */
    Body open(long from, boolean originOnly) throws IOException;

    /**
     * Bytes of a blob.
     *
     * @param stream what gives them
     * @param start where they begin: where it was wanted, or 0
     */
    record Body(InputStream stream, long start) implements Closeable {
        @Override
        public void close() throws IOException {
            stream.close();
        }
    }

    /** A registry does not continue where a download stopped. */
    final class RangeRefused extends IOException {
        private static final long serialVersionUID = 1L;

        RangeRefused(String message) {
            super(message);
        }
    }

    /** What comes is not what the descriptor promises. */
    final class WrongBody extends IOException {
        private static final long serialVersionUID = 1L;

        /**
         * @param message what is wrong, as the end of a sentence that begins with the blob
         */
        WrongBody(String message) {
            super(message);
        }
    }
}
