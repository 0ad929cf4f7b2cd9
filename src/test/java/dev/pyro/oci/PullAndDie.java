package dev.pyro.oci;

import dev.pyro.model.RegistryOptions;
import dev.pyro.store.PyroPaths;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;

/** A process that pulls an image and dies in the middle of it, without a chance to do anything before. */
final class PullAndDie {
    private PullAndDie() {}

    /** Pulls the image {@code arguments[0]} into the cache {@code arguments[1]}. */
    public static void main(String[] arguments) {
        Path cache = Path.of(arguments[1]);
        Images images = Images.of(new PyroPaths(cache, cache.resolve("state")), Map.of());
        ImageReference reference = ImageReference.parse(arguments[0], cache).orElseThrow();
        try (ImageSource source = images.open(reference, RegistryOptions.NONE)) {
            source.fetch(source.resolve(progress -> {}), progress -> {
                if (progress.phase().equals("download") && Objects.requireNonNullElse(progress.fraction(), 0.0) > 0.3) {
                    Runtime.getRuntime().halt(137);
                }
            });
        }
    }
}
