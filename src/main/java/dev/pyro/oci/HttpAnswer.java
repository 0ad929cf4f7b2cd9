package dev.pyro.oci;

import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpHeaders;
import java.time.Duration;
import java.util.Optional;

/**
 * What somebody answered. Must be closed: a body that nobody reads keeps its connection.
 *
 * @param uri who answered, after redirects
 * @param status the HTTP status
 * @param headers the head
 * @param body the body, which fails when it stands still
 */
record HttpAnswer(URI uri, int status, HttpHeaders headers, InputStream body) implements Closeable {
    private static final Duration LONGEST_READ = Duration.ofMinutes(5);
    private static final int PIECE_BYTES = 16 << 10;

    static final int OK = 200;
    static final int CREATED = 201;
    static final int ACCEPTED = 202;
    static final int NO_CONTENT = 204;
    static final int PARTIAL = 206;
    static final int UNAUTHORIZED = 401;
    static final int FORBIDDEN = 403;
    static final int NOT_FOUND = 404;
    static final int RANGE_NOT_SATISFIABLE = 416;

    Optional<String> header(String name) {
        return headers.firstValue(name);
    }

    /** Tells whether a later try may be answered otherwise. */
    boolean isTransient() {
        return switch (status) {
            case 408, 425, 429 -> true;
            // A server that does not know the method or the version of HTTP says so again.
            case 501, 505 -> false;
            // Those of content networks too, which are numbers of their own.
            default -> status >= 500 && status <= 599;
        };
    }

    boolean isRedirect() {
        return switch (status) {
            case 301, 302, 303, 307, 308 -> true;
            default -> false;
        };
    }

    /**
     * Reads the body.
     *
     * @throws BodyTooLong when it is longer than that
     */
    byte[] read(int maxBytes) throws IOException {
        byte[] bytes = readUpTo(maxBytes + 1);
        if (bytes.length > maxBytes) {
            throw new BodyTooLong();
        }
        return bytes;
    }

    /** Reads the body's beginning. It is short, so that it may not take for ever though it moves on. */
    byte[] readUpTo(int maxBytes) throws IOException {
        long deadline = System.nanoTime() + LONGEST_READ.toNanos();
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        byte[] piece = new byte[PIECE_BYTES];
        while (bytes.size() < maxBytes) {
            int count = body.read(piece, 0, Math.min(piece.length, maxBytes - bytes.size()));
            if (count < 0) {
                break;
            }
            bytes.write(piece, 0, count);
            if (System.nanoTime() > deadline) {
                throw new IOException("a short answer took more than " + LONGEST_READ.toSeconds() + " s");
            }
        }
        return bytes.toByteArray();
    }

    /** A body is longer than what is asked for can be. */
    static final class BodyTooLong extends IOException {
        private static final long serialVersionUID = 1L;
    }

    @Override
    public void close() {
        try {
            body.close();
        } catch (IOException e) {
            // Nothing more is wanted of it.
            return;
        }
    }
}
