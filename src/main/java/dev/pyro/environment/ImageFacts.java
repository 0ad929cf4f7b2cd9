package dev.pyro.environment;

import dev.pyro.image.OwnerIds;
import dev.pyro.image.Unpacked;
import dev.pyro.model.Arguments;
import dev.pyro.model.ErrorCode;
import dev.pyro.model.ImageSettings;
import dev.pyro.model.PyroException;
import dev.pyro.oci.ImageConfig;
import dev.pyro.oci.LocalImage;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What an image's configuration and content say of themselves, as far as Pyro keeps it: all of it is somebody else's text. Stateless. */
final class ImageFacts {
    /** The longest variables, entry point and command, in characters; records of machines hold them too. */
    private static final int MAX_SETTINGS_CHARS = 256 * 1024;

    /** Longer labels are left out: build tools keep whole documents in them, and nothing here needs those. */
    private static final int MAX_LABEL_CHARS = 4096;

    private static final int MAX_LABELS_CHARS = 64 * 1024;

    /** What stands in the place of a distribution that nobody knows. */
    static final String UNKNOWN_DISTRIBUTION = "image";

    private static final Pattern WORD = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._+~-]{0,63}");

    private ImageFacts() {}

    /**
     * Returns how commands run in an image.
     *
     * @throws PyroException {@link ErrorCode#IMAGE_UNSUITABLE} when its configuration is too large to be one
     */
    static ImageSettings settings(String name, LocalImage image, Optional<OwnerIds> user) {
        ImageConfig config = image.config();
        long chars = length(config.workingDir())
                + length(config.user())
                + Stream.of(config.env(), config.entrypoint(), config.cmd())
                        .flatMap(List::stream)
                        .mapToLong(String::length)
                        .sum();
        if (chars > MAX_SETTINGS_CHARS) {
            throw new PyroException(
                    ErrorCode.IMAGE_UNSUITABLE,
                    "the image " + name + " cannot be an environment: its variables and its command have " + chars
                            + " characters, and at most " + MAX_SETTINGS_CHARS
                            + " are allowed; make it anew with fewer");
        }
        return new ImageSettings(
                config.env(),
                emptyToNull(config.workingDir()),
                emptyToNull(config.user()),
                user.map(OwnerIds::uid).orElse(null),
                user.map(OwnerIds::gid).orElse(null),
                config.entrypoint(),
                config.cmd(),
                labels(config),
                isPushedByPyro(image)
                        && ImageLabels.LOGIN.equals(config.labels().get(ImageLabels.SHELL)));
    }

    private static long length(@Nullable String text) {
        return text == null ? 0 : text.length();
    }

    private static Map<String, String> labels(ImageConfig config) {
        Map<String, String> kept = new TreeMap<>();
        int chars = 0;
        for (Map.Entry<String, String> label : new TreeMap<>(config.labels()).entrySet()) {
            int length = label.getKey().length() + label.getValue().length();
            if (length <= MAX_LABEL_CHARS && chars + length <= MAX_LABELS_CHARS) {
                kept.put(label.getKey(), label.getValue());
                chars += length;
            }
        }
        return kept;
    }

    /** Tells whether an image is one that {@code env push} has made, and not one that was made of it and so has its labels. */
    static boolean isPushedByPyro(LocalImage image) {
        Map<String, String> labels = image.config().labels();
        List<String> diffIds = image.config().diffIds();
        return labels.containsKey(ImageLabels.DIGEST)
                && diffIds.size() == 1
                && labels.getOrDefault(ImageLabels.LAYER, diffIds.getFirst()).equals(diffIds.getFirst());
    }

    /**
     * Holds an image that {@code env push} has made to what it says of its content.
     *
     * @throws PyroException {@link ErrorCode#IMAGE_CORRUPT}
     */
    static void requireSaidDigest(String name, LocalImage image, Unpacked unpacked) {
        String said = image.config().labels().getOrDefault(ImageLabels.DIGEST, "");
        if (isPushedByPyro(image) && !said.equals(unpacked.digest())) {
            throw new PyroException(
                    ErrorCode.IMAGE_CORRUPT,
                    "the image " + name + " says that it holds " + Arguments.printable(said) + ", and holds "
                            + unpacked.digest() + "; push the environment again from where it is whole");
        }
    }

    /** Returns the distribution's id and version, when the image tells them in words that can be shown. */
    static EnvironmentPublisher.Content content(Unpacked unpacked) {
        return new EnvironmentPublisher.Content(
                word(unpacked.osRelease(), "ID", UNKNOWN_DISTRIBUTION),
                word(unpacked.osRelease(), "VERSION_ID", ""),
                List.of());
    }

    private static String word(Map<String, String> fields, String name, String otherwise) {
        String value = fields.getOrDefault(name, "");
        return WORD.matcher(value).matches() ? value : otherwise;
    }

    private static @Nullable String emptyToNull(@Nullable String text) {
        return text == null || text.isEmpty() ? null : text;
    }
}
