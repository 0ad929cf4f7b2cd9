package dev.pyro.environment;

import dev.pyro.image.OwnerIds;
import dev.pyro.image.Unpacked;
import dev.pyro.model.ErrorCode;
import dev.pyro.model.Progress;
import dev.pyro.model.PyroException;
import dev.pyro.model.RegistryOptions;
import dev.pyro.oci.BlobStore;
import dev.pyro.oci.Descriptor;
import dev.pyro.oci.ImageConfig;
import dev.pyro.oci.ImageManifest;
import dev.pyro.oci.ImageReference;
import dev.pyro.oci.ImageSource;
import dev.pyro.oci.LocalImage;
import dev.pyro.oci.RegistryReference;
import dev.pyro.store.AtomicFiles;
import dev.pyro.store.PyroPaths;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A registry by hand: tags stand for images, and an image is a list of texts, its layers. What an image "unpacks" to is its layers'
 * texts in a row, whose digest follows from them.
 */
final class FakeImages {
    static final ImageConfig CONFIG = new ImageConfig(
            List.of("PATH=/bin", "A=b"), "/srv", "app", List.of(), List.of("sh"), Map.of("k", "v"), null, List.of());

    final AtomicInteger resolved = new AtomicInteger();
    final AtomicInteger unpacked = new AtomicInteger();
    final List<RegistryOptions> options = Collections.synchronizedList(new ArrayList<>());
    volatile Runnable whileResolving = () -> {};
    volatile Runnable whileUnpacking = () -> {};
    volatile Runnable afterFetch = () -> {};
    volatile ErrorCode failure = ErrorCode.IMAGE_NOT_FOUND;

    /** How many times each layer was fetched. */
    final Map<String, Integer> fetches = new ConcurrentHashMap<>();

    private final Map<String, Image> tags = new HashMap<>();
    private final Map<String, Image> digests = new HashMap<>();
    private final BlobStore blobs;
    private final PyroPaths paths;

    FakeImages(PyroPaths paths) {
        this.paths = paths;
        this.blobs = new BlobStore(paths);
    }

    private record Image(ImageManifest manifest, ImageConfig config, List<String> layers) {}

    /** Returns what the blob of a configuration holds. */
    static String text(ImageConfig config) {
        return "{" + config;
    }

    /** Makes a tag stand for an image, and returns the digest of its manifest. */
    String tag(String reference, String... layers) {
        return tag(reference, CONFIG, layers);
    }

    String tag(String reference, ImageConfig config, String... layers) {
        List<Descriptor> descriptors = new ArrayList<>();
        for (String layer : layers) {
            descriptors.add(new Descriptor("layer", FakeSource.digest(layer), layer.length()));
        }
        ImageManifest manifest = new ImageManifest(
                FakeSource.digest("manifest" + List.of(layers) + config),
                new Descriptor(
                        "config", FakeSource.digest(text(config)), text(config).length()),
                descriptors);
        Image image = new Image(manifest, config, List.of(layers));
        tags.put(canonical(reference), image);
        digests.put(manifest.digest(), image);
        return manifest.digest();
    }

    /** What an untagged image comes to, sooner or later. */
    void forget(String digest) {
        digests.remove(digest);
    }

    void remove(String reference) {
        tags.remove(canonical(reference));
    }

    private static String canonical(String reference) {
        return ImageReference.parse(reference, Path.of("/")).orElseThrow().canonical();
    }

    ImageParts parts(Optional<CatalogueRegistry> registry, Path workingDirectory) {
        return new ImageParts(this::open, this::unpack, blobs, registry, workingDirectory);
    }

    private ImageSource open(ImageReference reference, RegistryOptions given) {
        options.add(given);
        return new ImageSource() {
            @Override
            public ImageManifest resolve(Progress.Listener listener) {
                resolved.incrementAndGet();
                ImageManifest manifest = find(reference).manifest();
                whileResolving.run();
                return manifest;
            }

            @Override
            public LocalImage fetch(ImageManifest manifest, Progress.Listener listener) {
                LocalImage image = fetchAll(find(reference), listener);
                afterFetch.run();
                return image;
            }

            @Override
            public void close() {
                // There is nothing to end.
            }
        };
    }

    private Image find(ImageReference reference) {
        Image image = reference instanceof RegistryReference it && it.digest() != null
                ? digests.get(it.digest())
                : tags.get(reference.canonical());
        if (image == null) {
            throw new PyroException(failure, "the fake has no " + reference.canonical());
        }
        return image;
    }

    private LocalImage fetchAll(Image image, Progress.Listener listener) {
        List<Path> files = new ArrayList<>();
        for (int i = 0; i < image.layers().size(); i++) {
            Descriptor layer = image.manifest().layers().get(i);
            listener.onProgress(new Progress(
                    "fetch", "download", "it", (double) i / image.layers().size(), "layers"));
            String text = image.layers().get(i);
            files.add(blobs.find(layer).orElseGet(() -> fetch(layer, text)));
        }
        return new LocalImage(image.manifest(), image.config(), files);
    }

    private Path fetch(Descriptor layer, String text) {
        fetches.merge(text, 1, Integer::sum);
        try {
            Path folder = AtomicFiles.createDirectories(paths.cache());
            Path fetched = Files.writeString(Files.createTempFile(folder, "fetched", ""), text);
            return blobs.put(fetched, layer.digest());
        } catch (IOException e) {
            throw AtomicFiles.failure("write", paths.cache(), e);
        }
    }

    private Unpacked unpack(LocalImage image, Path stage, Progress.Listener listener) {
        unpacked.incrementAndGet();
        try {
            listener.onProgress(Progress.of("fake", "unpack", "it"));
            Files.writeString(stage.resolve("half"), "x");
            whileUnpacking.run();
            StringBuilder text = new StringBuilder();
            for (Path layer : image.layers()) {
                text.append(Files.readString(layer));
            }
            return new Unpacked(
                    Files.writeString(stage.resolve("rootfs.ext4"), text),
                    FakeSource.digest(text.toString()),
                    text.length(),
                    1,
                    Optional.of(new OwnerIds(1000, 100)),
                    Map.of("ID", "fakeos", "VERSION_ID", "7"));
        } catch (IOException e) {
            throw AtomicFiles.failure("unpack in", stage, e);
        }
    }
}
