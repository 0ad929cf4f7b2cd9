package dev.pyro.environment;

import dev.pyro.model.ErrorCode;
import dev.pyro.model.Progress;
import dev.pyro.model.PyroException;
import dev.pyro.store.AtomicFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.concurrent.atomic.AtomicInteger;

/** Makes an "image" of a few bytes, whose digest follows from {@link #content}. */
final class FakeSource implements EnvironmentSource {
    final AtomicInteger builds = new AtomicInteger();
    volatile String content = "one";
    volatile boolean failing;
    volatile Runnable whileBuilding = () -> {};

    @Override
    public String name() {
        return "fake";
    }

    @Override
    public RootFilesystem build(CatalogueEntry entry, Path directory, Progress.Listener listener) {
        builds.incrementAndGet();
        String text = entry.name() + entry.version() + content;
        try {
            Files.writeString(directory.resolve("half"), text);
            whileBuilding.run();
            if (failing) {
                throw new PyroException(ErrorCode.ENVIRONMENT_BUILD_FAILED, "the fake failed");
            }
            Files.delete(directory.resolve("half"));
            return new RootFilesystem(Files.writeString(directory.resolve("rootfs.ext4"), text), digest(text));
        } catch (IOException e) {
            throw AtomicFiles.failure("write", directory, e);
        }
    }

    static String digest(String text) {
        try {
            return "sha256:"
                    + HexFormat.of()
                            .formatHex(
                                    MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
