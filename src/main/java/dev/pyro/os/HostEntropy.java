package dev.pyro.os;

import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Random bytes from the host's kernel itself: the first {@code SecureRandom} costs a short-lived process more than all else that it
 * does with random bytes. Stateless.
 */
public final class HostEntropy {
    private static final Path SOURCE = Path.of("/dev/urandom");

    private HostEntropy() {}

    /** Returns fresh random bytes, fit for keys. */
    public static byte[] draw(int length) {
        try (InputStream source = Files.newInputStream(SOURCE)) {
            byte[] bytes = source.readNBytes(length);
            if (bytes.length == length) {
                return bytes;
            }
            throw new IOException("it ended");
        } catch (IOException e) {
            throw new PyroException(
                    ErrorCode.HOST_UNSUPPORTED,
                    "cannot read " + SOURCE + " (" + e.getMessage() + "): /dev must be mounted",
                    e);
        }
    }
}
