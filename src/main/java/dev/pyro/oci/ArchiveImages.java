package dev.pyro.oci;

import dev.pyro.json.Json;
import dev.pyro.json.JsonFormatException;
import dev.pyro.json.JsonReader;
import dev.pyro.json.JsonValue;
import dev.pyro.json.JsonValue.JsonArray;
import dev.pyro.json.JsonValue.JsonObject;
import dev.pyro.model.Arguments;
import dev.pyro.model.ErrorCode;
import dev.pyro.model.Progress;
import dev.pyro.model.PyroException;
import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * An image in an archive that {@code docker save} wrote. Nothing in it names its layers but the configuration, by what they are when they are
 * not compressed: so they get into the store, and are verified.
 */
final class ArchiveImages implements ImageSource {
    private static final String MANIFEST = "manifest.json";
    private static final int MAX_SHOWN_TAGS = 12;
    private static final Pattern NAMED_BY_DIGEST = Pattern.compile("(?:.*/)?([0-9a-f]{64})(?:\\.json)?");

    private final ArchiveReference reference;
    private final BlobStore store;
    private final ArchiveFile archive;
    private final Map<String, ArchiveFile.Member> layers = new HashMap<>();
    private byte @Nullable [] config;

    ArchiveImages(ArchiveReference reference, BlobStore store) {
        this.reference = reference;
        this.store = store;
        this.archive = new ArchiveFile(reference.file());
    }

    @Override
    public ImageManifest resolve(Progress.Listener listener) {
        BlobFetch.resolving(listener, reference.familiar());
        try {
            ArchiveFile.Content content = archive.read();
            return manifest(content, choose(images(content)));
        } catch (JsonFormatException e) {
            throw refused(String.valueOf(e.getMessage()), e);
        } catch (IOException e) {
            throw failure(e);
        }
    }

    /** One of the images. */
    private record Image(String config, List<String> tags, List<String> layers) {
        static Image of(JsonValue value) {
            if (!(value instanceof JsonObject object)) {
                throw new JsonFormatException("an image in " + MANIFEST + " is not an object");
            }
            JsonReader json = new JsonReader(object);
            return new Image(
                    json.string("Config"),
                    json.find("RepoTags").isEmpty() ? List.of() : json.strings("RepoTags"),
                    json.strings("Layers"));
        }
    }

    private List<Image> images(ArchiveFile.Content content) {
        byte[] bytes = document(content, MANIFEST);
        if (bytes.length <= ManifestReader.MAX_BYTES
                && Json.parseBounded(new String(bytes, StandardCharsets.UTF_8)) instanceof JsonArray array) {
            return array.elements().stream().map(Image::of).toList();
        }
        throw new JsonFormatException(MANIFEST + " is not a list of images");
    }

    private byte[] document(ArchiveFile.Content content, String name) {
        return content.document(name)
                .orElseThrow(() -> new JsonFormatException(
                        "there is no document \"" + name + "\" in it, so that it is not what `docker save` writes"));
    }

    private Image choose(List<Image> images) {
        String wanted = reference.reference();
        List<Image> fitting = wanted == null
                ? images
                : images.stream()
                        .filter(image -> image.tags().stream().anyMatch(tag -> same(tag, wanted)))
                        .toList();
        if (fitting.size() == 1) {
            return fitting.getFirst();
        }
        String tags = images.stream()
                .flatMap(image -> image.tags().stream())
                .limit(MAX_SHOWN_TAGS)
                .map(Arguments::printable)
                .collect(Collectors.joining(", "));
        throw new PyroException(
                ErrorCode.IMAGE_NOT_FOUND,
                "the archive " + reference.file() + " has "
                        + (fitting.isEmpty() ? "no" : "more than one") + " image"
                        + (wanted == null ? "" : " \"" + wanted + "\"")
                        + (tags.isEmpty() ? "; it names none" : "; it has: " + tags)
                        + ". Name one as docker-archive:FILE:REFERENCE");
    }

    private static boolean same(String tag, String wanted) {
        return ReferenceParser.registry(tag)
                .map(ImageReference::canonical)
                .equals(ReferenceParser.registry(wanted).map(ImageReference::canonical));
    }

    private ImageManifest manifest(ArchiveFile.Content content, Image image) throws IOException {
        byte[] bytes = document(content, image.config());
        String digest = Sha256.of(bytes);
        Matcher name = NAMED_BY_DIGEST.matcher(image.config());
        if (name.matches() && !digest.equals(Sha256.PREFIX + name.group(1))) {
            throw new PyroException(
                    ErrorCode.IMAGE_CORRUPT,
                    "the configuration in " + reference.file() + " is not what its name says; save the image again");
        }
        int count = image.layers().size();
        if (count > ManifestReader.MAX_LAYERS) {
            throw ManifestReader.unsuitable(
                    reference.familiar(), "has " + count + " layers, and may have " + ManifestReader.MAX_LAYERS);
        }
        List<String> diffIds =
                ConfigReader.parse(reference.familiar(), bytes, count).diffIds();
        List<Descriptor> descriptors = new ArrayList<>();
        Map<String, Long> sizes = new HashMap<>();
        for (int i = 0; i < count; i++) {
            String layerName = image.layers().get(i);
            ArchiveFile.Member member = content.find(layerName)
                    .orElseThrow(() -> new JsonFormatException("the layer \"" + layerName + "\" is not in it"));
            if (member.packing() == Packing.ZSTD) {
                throw ManifestReader.unsuitable(
                        reference.familiar(),
                        "has layers that are compressed with zstd, which such an archive does not say of them; copy it"
                                + " (`skopeo copy docker-archive:FILE oci:DIR:TAG`) and name that");
            }
            Long size = sizes.get(diffIds.get(i));
            if (size == null) {
                size = archive.plainSize(member);
                sizes.put(diffIds.get(i), size);
                layers.put(diffIds.get(i), member);
            }
            descriptors.add(new Descriptor(MediaTypes.OCI_LAYER, diffIds.get(i), size));
        }
        config = bytes;
        return new ImageManifest(digest, new Descriptor(MediaTypes.OCI_CONFIG, digest, bytes.length), descriptors);
    }

    @Override
    public LocalImage fetch(ImageManifest manifest, Progress.Listener listener) {
        byte[] configBytes = configOf(manifest);
        return new BlobFetch(store, reference.familiar(), listener)
                .fetch(
                        manifest,
                        (blob, progress) -> new BlobDownload.Transfer(
                                blob.equals(manifest.config())
                                        ? (from, originOnly) -> part(new ByteArrayInputStream(configBytes), from)
                                        : (from, originOnly) -> part(archive.open(layer(blob)), from),
                                Retry.ONCE,
                                this::failure,
                                progress::gained,
                                progress::notice));
    }

    /** What was resolved elsewhere is looked for again. */
    private byte[] configOf(ImageManifest manifest) {
        if (config == null) {
            resolve(Progress.Listener.NONE);
        }
        byte[] bytes = Objects.requireNonNull(config, "it was resolved");
        if (!Sha256.of(bytes).equals(manifest.config().digest())) {
            throw new PyroException(
                    ErrorCode.IMAGE_NOT_FOUND,
                    reference.file() + " holds another image now than " + manifest.digest() + "; pull it again");
        }
        return bytes;
    }

    private ArchiveFile.Member layer(Descriptor blob) {
        return Objects.requireNonNull(layers.get(blob.digest()), "no layer of the resolved image");
    }

    private static BlobFetcher.Body part(InputStream stream, long from) throws IOException {
        try {
            stream.skipNBytes(from);
            return new BlobFetcher.Body(stream, from);
        } catch (IOException e) {
            stream.close();
            throw e;
        }
    }

    private PyroException failure(IOException e) {
        if (Thread.currentThread().isInterrupted()) {
            return new PyroException(ErrorCode.INTERRUPTED, "reading " + reference.file() + " was interrupted", e);
        }
        if (e instanceof NoSuchFileException) {
            return new PyroException(
                    ErrorCode.IMAGE_NOT_FOUND, "there is no file " + reference.file() + "; check the name", e);
        }
        if (ArchiveFile.isContent(e)) {
            return refused(e instanceof EOFException ? "it ends too early" : String.valueOf(e.getMessage()), e);
        }
        return new PyroException(
                ErrorCode.STORAGE_UNUSABLE,
                "cannot read " + reference.file() + ": " + Arguments.printable(String.valueOf(e.getMessage()))
                        + "; check its permissions",
                e);
    }

    private PyroException refused(String why, Exception e) {
        return new PyroException(
                ErrorCode.ARCHIVE_REFUSED,
                "the archive " + reference.file() + " cannot be used: " + Arguments.printable(why)
                        + "; save the image again (`docker save -o FILE IMAGE`)",
                e);
    }

    @Override
    public void close() {
        // Nothing stays open.
    }
}
