package dev.pyro.environment;

import dev.pyro.model.ImageSettings;
import dev.pyro.oci.ImageReference;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * What an image is to be installed as. Immutable.
 *
 * @param reference the image
 * @param resolvedAt when it became known what the reference stands for, in epoch seconds; null when that is asked now
 * @param recorded the canonical reference that is recorded; null for what was built here
 * @param name the name that it is shown under
 * @param nameFile where that name is recorded
 * @param source where it comes from, as records and payloads say it
 */
record ImageTarget(
        ImageReference reference,
        @Nullable Long resolvedAt,
        @Nullable String recorded,
        String name,
        Path nameFile,
        String source) {
    private static final int VERSION_CHARS = 12;

    /** Returns the record of the name, once the image is an environment. */
    EnvironmentPublisher.Name named(String manifestDigest, String treeDigest, ImageSettings settings, long resolvedAt) {
        return new EnvironmentPublisher.Name(
                nameFile,
                new NamedEnvironment(
                        name,
                        treeDigest,
                        source,
                        version(manifestDigest, settings),
                        new ImageOrigin(recorded, manifestDigest, resolvedAt, settings)));
    }

    /** An environment of the catalogue keeps the version that it had where it was pushed. */
    private String version(String manifestDigest, ImageSettings settings) {
        String version = settings.labels().get(ImageLabels.VERSION);
        return settings.loginShell()
                        && version != null
                        && name.equals(settings.labels().get(ImageLabels.ENVIRONMENT))
                ? version
                : shortDigest(manifestDigest);
    }

    static String shortDigest(String digest) {
        int begin = digest.indexOf(':') + 1;
        return digest.substring(begin, begin + VERSION_CHARS);
    }
}
