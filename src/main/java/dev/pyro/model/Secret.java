package dev.pyro.model;

import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * A value that a workspace may give to its commands and shows to nobody. No text that is made of one, nor the message of any failure, holds
 * the value. Immutable.
 *
 * @param name its name, letters, digits and {@code _}, at most {@value Arguments#MAX_SECRET_NAME_CHARS}, not beginning with a digit
 * @param source where the value came from
 * @param value the value: not empty, without NUL, at most {@value #MAX_BYTES} bytes of UTF-8
 */
public record Secret(String name, SecretSource source, String value) {
    /** The longest value, in bytes of UTF-8. */
    public static final int MAX_BYTES = 64 * 1024;

    /** Throws {@link ErrorCode#INVALID_ARGUMENT} when the name or the value is none. */
    public Secret {
        Arguments.secretName(name);
        Arguments.secretValue(name, value);
    }

    /** A value that is given as it is. */
    public static Secret literal(String name, String value) {
        return new Secret(name, SecretSource.LITERAL, value);
    }

    /**
     * The content of a file of the host, which is read now. A pipe is read to its end, within {@link SecretFiles#PIPE_BOUND}.
     *
     * @throws PyroException {@link ErrorCode#INVALID_ARGUMENT} when it cannot be read, or its content is no value of a secret
     */
    public static Secret file(String name, Path file) {
        Arguments.secretName(name);
        return new Secret(name, SecretSource.FILE, SecretFiles.read(name, file));
    }

    /**
     * What a stream holds, which is read to its end now, but no further than a secret is long.
     *
     * @param what the stream, for a message
     * @throws PyroException as for {@link #file}
     */
    public static Secret stream(String name, String what, InputStream stream) {
        Arguments.secretName(name);
        return new Secret(name, SecretSource.FILE, SecretFiles.read(name, what, stream));
    }

    /** Returns how long the value is in UTF-8. */
    int bytes() {
        return value.getBytes(StandardCharsets.UTF_8).length;
    }

    /** Returns what may be told of it. */
    public WorkspaceSecret described() {
        return new WorkspaceSecret(name, source);
    }

    /** Returns name and source. */
    @Override
    public String toString() {
        return "Secret[" + name + ", " + source.wireName() + "]";
    }
}
