package dev.pyro.agent;

import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** Random bytes from the host's kernel itself: the first SecureRandom costs a short-lived process more than all else here. */
final class HostEntropy {
    private static final Path SOURCE = Path.of("/dev/urandom");

    private HostEntropy() {}

    static byte[] draw(int length) {
        try (InputStream source = Files.newInputStream(SOURCE)) {
            byte[] bytes = source.readNBytes(length);
            if (bytes.length == length) {
                return bytes;
            }
            throw new IOException("it ended");
        } catch (IOException e) {
            throw new PyroException(
                    ErrorCode.HOST_UNSUPPORTED, "cannot read " + SOURCE + ": /dev must be mounted (" + e + ")", e);
        }
    }
}
