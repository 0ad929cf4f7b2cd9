package dev.pyro.oci;

import dev.pyro.json.JsonFormatException;
import dev.pyro.json.JsonReader;
import dev.pyro.model.Arguments;
import dev.pyro.model.ErrorCode;
import dev.pyro.model.Progress;
import dev.pyro.model.PyroException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;

/** An image in a folder that has the form of the OCI image layout. Its blobs are copied: whoever made the folder may still write to it. */
final class LayoutImages implements ImageSource {
    private static final String TAG = "org.opencontainers.image.ref.name";
    private static final String LAYOUT_VERSION = "1.";
    private static final int MAX_LAYOUT_FILE_BYTES = 64 << 10;
    private static final int MAX_SHOWN_TAGS = 12;

    private final LayoutReference reference;
    private final BlobStore store;

    LayoutImages(LayoutReference reference, BlobStore store) {
        this.reference = reference;
        this.store = store;
    }

    @Override
    public ImageManifest resolve(Progress.Listener listener) {
        String what = reference.familiar();
        BlobFetch.resolving(listener, what);
        requireLayout();
        Path indexFile = reference.directory().resolve("index.json");
        byte[] bytes = read(indexFile, ManifestReader.MAX_BYTES);
        if (!(ManifestReader.read(what, bytes, Sha256.of(bytes), MediaTypes.OCI_INDEX)
                instanceof ManifestReader.Index top)) {
            throw new PyroException(
                    ErrorCode.IMAGE_CORRUPT,
                    indexFile + " is no index; make the layout anew, such as with `skopeo copy`");
        }
        Descriptor next = chooseTag(what, top);
        for (int indexes = 0; indexes <= RegistryImages.MAX_INDEXES; indexes++) {
            byte[] document = verified(next);
            switch (ManifestReader.read(what, document, next.digest(), next.mediaType())) {
                case ManifestReader.Image(ImageManifest manifest) -> {
                    return manifest;
                }
                case ManifestReader.Index index -> next = ManifestReader.choose(what, index);
            }
        }
        throw ManifestReader.unsuitable(what, "is an index of indexes of indexes; make the layout of one image alone");
    }

    private void requireLayout() {
        Path file = reference.directory().resolve("oci-layout");
        String version;
        try {
            version = Objects.requireNonNullElse(
                    new JsonReader(ManifestReader.object(read(file, MAX_LAYOUT_FILE_BYTES)))
                            .nullableString("imageLayoutVersion"),
                    "");
        } catch (JsonFormatException e) {
            version = "";
        }
        if (!version.startsWith(LAYOUT_VERSION)) {
            throw ManifestReader.unsuitable(
                    reference.directory().toString(),
                    "is no OCI image layout of version 1 (its oci-layout says \"" + Arguments.printable(version)
                            + "\"); make it anew, such as with `skopeo copy`");
        }
    }

    /** With a tag what bears it; without one the only image, or the one for this platform where all are of one image. */
    private Descriptor chooseTag(String what, ManifestReader.Index top) {
        String tag = reference.tag();
        List<ManifestReader.Entry> entries = tag == null
                ? top.entries()
                : top.entries().stream()
                        .filter(entry -> tag.equals(entry.annotations().get(TAG)))
                        .toList();
        if (entries.size() == 1) {
            return entries.getFirst().descriptor();
        }
        List<String> tags = top.entries().stream()
                .map(entry -> entry.annotations().getOrDefault(TAG, ""))
                .filter(name -> !name.isEmpty())
                .distinct()
                .toList();
        if (entries.isEmpty() || (tag == null && tags.size() > 1)) {
            String shown = tags.stream()
                    .limit(MAX_SHOWN_TAGS)
                    .map(Arguments::printable)
                    .collect(Collectors.joining(", "));
            throw new PyroException(
                    ErrorCode.IMAGE_NOT_FOUND,
                    "the layout " + reference.directory()
                            + (tag == null
                                    ? " has " + (entries.isEmpty() ? "no image" : "several images")
                                    : " has no image \"" + Arguments.printable(tag) + "\"")
                            + (shown.isEmpty() ? "; it names none" : "; it has: " + shown)
                            + ". Name one as oci:DIR:TAG");
        }
        return ManifestReader.choose(what, new ManifestReader.Index(entries));
    }

    private byte[] verified(Descriptor document) {
        Path file = file(document);
        byte[] bytes = read(file, ManifestReader.MAX_BYTES);
        if (bytes.length != document.size() || !Sha256.of(bytes).equals(document.digest())) {
            throw new PyroException(
                    ErrorCode.IMAGE_CORRUPT,
                    file + " is not what its name and size say; make the layout anew, such as with `skopeo copy`");
        }
        return bytes;
    }

    @Override
    public LocalImage fetch(ImageManifest manifest, Progress.Listener listener) {
        return new BlobFetch(store, reference.familiar(), listener)
                .fetch(
                        manifest,
                        (blob, progress) -> new BlobDownload.Transfer(
                                (from, originOnly) -> open(blob, from),
                                Retry.ONCE,
                                e -> unreadable(file(blob), e),
                                progress::gained,
                                progress::notice));
    }

    private BlobFetcher.Body open(Descriptor blob, long from) throws IOException {
        Path file = file(blob);
        requireFile(file);
        long size = Files.size(file);
        if (size != blob.size()) {
            throw new BlobFetcher.WrongBody("has " + size + " bytes in " + file + ", not " + blob.size());
        }
        InputStream stream = Files.newInputStream(file);
        try {
            stream.skipNBytes(from);
            return new BlobFetcher.Body(stream, from);
        } catch (IOException e) {
            stream.close();
            throw e;
        }
    }

    private Path file(Descriptor blob) {
        return reference.directory().resolve("blobs").resolve("sha256").resolve(Sha256.hex(blob.digest()));
    }

    private byte[] read(Path file, int maxBytes) {
        try {
            requireFile(file);
            try (InputStream stream = Files.newInputStream(file)) {
                byte[] bytes = stream.readNBytes(maxBytes + 1);
                if (bytes.length > maxBytes) {
                    throw ManifestReader.unsuitable(file.toString(), "is longer than " + maxBytes + " bytes");
                }
                return bytes;
            }
        } catch (IOException e) {
            throw unreadable(file, e);
        }
    }

    /** A pipe would keep us waiting for ever, a device would never end. */
    private static void requireFile(Path file) throws IOException {
        if (!Files.exists(file)) {
            throw new NoSuchFileException(file.toString());
        }
        if (!Files.isRegularFile(file)) {
            throw new IOException("it is no file");
        }
    }

    private PyroException unreadable(Path file, IOException e) {
        if (e instanceof NoSuchFileException) {
            return new PyroException(
                    ErrorCode.IMAGE_NOT_FOUND,
                    "there is no " + file + ": " + reference.directory()
                            + " is no OCI image layout, or not a whole one; make it such as with `skopeo copy docker://IMAGE oci:DIR:TAG`",
                    e);
        }
        return new PyroException(
                ErrorCode.STORAGE_UNUSABLE,
                "cannot read " + file + ": " + Arguments.printable(String.valueOf(e.getMessage()))
                        + "; check its permissions",
                e);
    }

    @Override
    public void close() {
        // Nothing stays open.
    }
}
