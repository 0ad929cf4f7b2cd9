package dev.pyro.oci;

import dev.pyro.json.Json;
import dev.pyro.json.JsonFormatException;
import dev.pyro.json.JsonReader;
import dev.pyro.json.JsonValue;
import dev.pyro.json.JsonValue.JsonObject;
import dev.pyro.model.Arguments;
import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Reads manifests and indexes of strangers, within bounds. Stateless. */
final class ManifestReader {
    /** The longest manifest or index. */
    static final int MAX_BYTES = 4 << 20;

    /** The longest configuration. */
    static final int MAX_CONFIG_BYTES = 8 << 20;

    static final int MAX_LAYERS = 128;

    private static final long MAX_LAYER_BYTES = 1L << 40;
    private static final int MAX_ENTRIES = 1_000;
    private static final Pattern OTHER_DIGEST = Pattern.compile("[a-z0-9]+(?:[+._-][a-z0-9]+)*:[0-9a-f]{32,}");
    private static final int MAX_SHOWN_PLATFORMS = 12;
    private static final List<String> VARIANTS = List.of("", "v1", "v2", "v3");

    private ManifestReader() {}

    /** What a document turned out to be. */
    sealed interface Document permits Image, Index {}

    /** One image. */
    record Image(ImageManifest manifest) implements Document {}

    /** Images for several platforms. */
    record Index(List<Entry> entries) implements Document {
        Index {
            entries = List.copyOf(entries);
        }
    }

    /**
     * One line of an index.
     *
     * @param platform {@code OS/ARCHITECTURE[/VARIANT]}, or empty
     * @param annotations what is noted on it
     */
    record Entry(Descriptor descriptor, String platform, Map<String, String> annotations) {}

    /**
     * Reads a manifest or an index.
     *
     * @param what what it is, for messages
     * @param bytes what was fetched, which has this digest
     * @param contentType what it was said to be, possibly empty; what it says of itself counts more
     * @throws PyroException {@link ErrorCode#IMAGE_CORRUPT}, {@link ErrorCode#IMAGE_UNSUITABLE}
     */
    static Document read(String what, byte[] bytes, String digest, String contentType) {
        try {
            JsonReader json = new JsonReader(object(bytes));
            boolean index = json.find("manifests").isPresent();
            boolean manifest =
                    json.find("config").isPresent() || json.find("layers").isPresent();
            if (index && manifest) {
                // Somebody wants two readers to see two images.
                throw new JsonFormatException("it is a manifest and an index at once");
            }
            String type = Objects.requireNonNullElse(json.nullableString("mediaType"), MediaTypes.bare(contentType));
            if (!index && (json.find("fsLayers").isPresent() || type.contains("distribution.manifest.v1+"))) {
                throw unsuitable(
                        what,
                        "is of the form of 2015 (schema 1), which names no verifiable content; push it again with a"
                                + " newer program");
            }
            if (index && !MediaTypes.isManifest(type)) {
                return index(json);
            }
            if (manifest && !MediaTypes.isIndex(type)) {
                return new Image(manifest(what, json, digest));
            }
            throw new JsonFormatException("it is neither a manifest nor an index");
        } catch (JsonFormatException e) {
            throw corrupt(what, e);
        }
    }

    /** Reads a JSON object of a stranger. */
    static JsonObject object(byte[] bytes) {
        try {
            String text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
            if (Json.parseBounded(text) instanceof JsonObject object) {
                return object;
            }
            throw new JsonFormatException("the document is not an object");
        } catch (CharacterCodingException e) {
            throw new JsonFormatException("it is not UTF-8", e);
        }
    }

    private static Index index(JsonReader json) {
        List<Entry> entries = new ArrayList<>();
        List<JsonValue> lines = json.array("manifests");
        if (lines.size() > MAX_ENTRIES) {
            throw new JsonFormatException("it has more than " + MAX_ENTRIES + " entries");
        }
        for (JsonValue line : lines) {
            JsonReader entry = reader(line);
            Map<String, String> annotations =
                    entry.find("annotations").isPresent() ? entry.stringMap("annotations") : Map.of();
            // One that nobody can check here does not spoil the others.
            if (!isOtherDigest(entry)) {
                entries.add(new Entry(descriptor(entry), platform(entry), annotations));
            }
        }
        return new Index(entries);
    }

    private static String platform(JsonReader entry) {
        if (entry.find("platform").isEmpty()) {
            return "";
        }
        JsonReader platform = entry.object("platform");
        String variant = Objects.requireNonNullElse(platform.nullableString("variant"), "");
        return platform.string("os") + "/" + platform.string("architecture") + (variant.isEmpty() ? "" : "/" + variant);
    }

    private static boolean isOtherDigest(JsonReader descriptor) {
        String digest = descriptor.string("digest");
        return OTHER_DIGEST.matcher(digest).matches() && !digest.startsWith(Sha256.PREFIX);
    }

    private static ImageManifest manifest(String what, JsonReader json, String digest) {
        if (isOtherDigest(json.object("config"))
                || json.array("layers").stream().map(ManifestReader::reader).anyMatch(ManifestReader::isOtherDigest)) {
            throw unsuitable(what, "names its parts by other digests than sha256; push it with those");
        }
        Descriptor config = descriptor(json.object("config"));
        if (!MediaTypes.isConfig(config.mediaType())) {
            throw unsuitable(
                    what,
                    "is no image but something of the kind \"" + Arguments.printable(config.mediaType())
                            + "\"; name an image of a Linux system");
        }
        if (config.size() > MAX_CONFIG_BYTES) {
            throw unsuitable(
                    what,
                    "has a configuration of " + config.size() + " bytes, and " + MAX_CONFIG_BYTES
                            + " are read at most");
        }
        List<JsonValue> lines = json.array("layers");
        if (lines.size() > MAX_LAYERS) {
            throw unsuitable(
                    what,
                    "has " + lines.size() + " layers, and may have " + MAX_LAYERS
                            + "; squash them (`buildah bud --squash`)");
        }
        List<Descriptor> layers = new ArrayList<>();
        Map<String, Long> sizes = new HashMap<>();
        for (JsonValue line : lines) {
            JsonReader entry = reader(line);
            Descriptor layer = descriptor(entry);
            String type = layer.mediaType();
            if (MediaTypes.isEncrypted(type)) {
                throw unsuitable(what, "has encrypted layers, for which there are no keys here; name one that is not");
            }
            if (MediaTypes.isForeign(type) && entry.find("urls").isPresent()) {
                throw unsuitable(
                        what, "has layers that its registry does not hold (as Windows images do); name a Linux image");
            }
            if (!MediaTypes.isLayer(type)) {
                throw unsuitable(
                        what,
                        "has a layer of the kind \"" + Arguments.printable(type)
                                + "\", which holds no files of a system; name an image of a Linux system");
            }
            Long before = sizes.putIfAbsent(layer.digest(), layer.size());
            if (before != null && before != layer.size()) {
                throw new JsonFormatException("one blob is said to have two sizes");
            }
            layers.add(layer);
        }
        return new ImageManifest(digest, config, layers);
    }

    private static JsonReader reader(JsonValue value) {
        if (value instanceof JsonObject object) {
            return new JsonReader(object);
        }
        throw new JsonFormatException("a descriptor is not an object");
    }

    private static Descriptor descriptor(JsonReader json) {
        String digest = json.string("digest");
        if (!ReferenceParser.isDigest(digest)) {
            throw new JsonFormatException("a digest is not sha256 but \"" + Arguments.printable(digest) + "\"");
        }
        long size = json.number("size");
        if (size < 0 || size > MAX_LAYER_BYTES) {
            throw new JsonFormatException("a size is " + size);
        }
        return new Descriptor(
                MediaTypes.bare(Objects.requireNonNullElse(json.nullableString("mediaType"), "")), digest, size);
    }

    /**
     * Returns the entry for this platform.
     *
     * @throws PyroException {@link ErrorCode#IMAGE_UNSUITABLE} naming those that there are
     */
    static Descriptor choose(String what, Index index) {
        for (String variant : VARIANTS) {
            String wanted = "linux/amd64" + (variant.isEmpty() ? "" : "/" + variant);
            for (Entry entry : index.entries()) {
                if (entry.platform().equals(wanted)) {
                    return entry.descriptor();
                }
            }
        }
        // Some tools leave it out where there is no choice; then the configuration tells.
        List<Entry> silent = index.entries().stream()
                .filter(entry -> entry.platform().isEmpty())
                .toList();
        if (silent.size() == 1 && index.entries().size() == 1) {
            return silent.getFirst().descriptor();
        }
        String platforms = index.entries().stream()
                .map(Entry::platform)
                .filter(platform -> !platform.isEmpty() && !platform.startsWith("unknown/"))
                .distinct()
                .limit(MAX_SHOWN_PLATFORMS)
                .map(Arguments::printable)
                .collect(Collectors.joining(", "));
        throw unsuitable(
                what,
                "has nothing for linux/amd64, only for: " + (platforms.isEmpty() ? "none that is named" : platforms)
                        + "; name an image for linux/amd64");
    }

    static PyroException corrupt(String what, JsonFormatException e) {
        return new PyroException(
                ErrorCode.IMAGE_CORRUPT,
                "the manifest of " + what + " is not one: " + Arguments.printable(String.valueOf(e.getMessage()))
                        + "; whoever published the image has to push it again",
                e);
    }

    static PyroException unsuitable(String what, String why) {
        return new PyroException(ErrorCode.IMAGE_UNSUITABLE, what + " " + why);
    }
}
