package dev.pyro.environment;

import dev.pyro.image.Ext4Layer;
import dev.pyro.json.JsonValue.JsonObject;
import dev.pyro.model.ErrorCode;
import dev.pyro.model.ImageSettings;
import dev.pyro.model.Progress;
import dev.pyro.model.PyroException;
import dev.pyro.oci.BlobStore;
import dev.pyro.oci.Descriptor;
import dev.pyro.oci.MediaTypes;
import dev.pyro.os.BuildNamespace;
import dev.pyro.store.AtomicFiles;
import dev.pyro.store.InterProcessLock;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Makes images of environments. A layer is written once and then lies in the store of blobs, so that the next one who wants it finds it there.
 * Safe for use by several threads and processes; one that is killed leaves staging that the next one deletes.
 */
final class EnvironmentExporter {
    private static final Duration LAYER_WAIT = Duration.ofMinutes(30);

    /** Labels of an image that the environment was made of say nothing of the image that is made now. */
    private static final String OWN_LABELS = "dev.pyro.";

    /** What a login shell gives to root; the shells of the catalogue's environments are such. */
    private static final String PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    private final EnvironmentLayout layout;
    private final Catalogue catalogue;
    private final BlobStore blobs;
    private final EnvironmentPublisher publisher;
    private final BuildNamespace namespace;

    EnvironmentExporter(
            EnvironmentLayout layout,
            Catalogue catalogue,
            BlobStore blobs,
            EnvironmentPublisher publisher,
            BuildNamespace namespace) {
        this.layout = layout;
        this.catalogue = catalogue;
        this.blobs = blobs;
        this.publisher = publisher;
        this.namespace = namespace;
    }

    /**
     * An image whose blobs are in the store.
     *
     * @param image what it says
     * @param config its configuration's file
     * @param layer its layer's file
     */
    record Exported(EnvironmentImage image, Path config, Path layer) {}

    /** Makes an image. From then on a pull of it here has nothing to do. */
    Exported export(InstalledEnvironment installed, Progress.Listener listener) {
        try (InterProcessLock _ = InterProcessLock.acquire(
                layout.layerLock(),
                "the writing of layers",
                LAYER_WAIT,
                () -> listener.onProgress(new Progress(
                        "push", "wait", installed.name(), null, "waits for another process that writes a layer")))) {
            new Staging(layout, namespace).delete(EnvironmentLayout.LAYER_STAGING_PREFIX);
            Path stage = AtomicFiles.createStaging(layout.paths().staging(), EnvironmentLayout.LAYER_STAGING_PREFIX);
            try {
                return export(installed, stage, listener);
            } finally {
                AtomicFiles.deleteTree(stage);
            }
        }
    }

    private Exported export(InstalledEnvironment installed, Path stage, Progress.Listener listener) {
        Optional<Ext4Layer.Layer> known = known(installed.digest());
        Ext4Layer.Layer layer = known.isPresent() ? known.get() : write(installed, stage, listener);
        ImageSettings settings = settings(installed, layer);
        JsonObject others = others(installed);
        EnvironmentImage image = EnvironmentImage.of(settings, others, layer, created(installed));
        Path config = blobs.findIntact(image.manifest().config()).orElseGet(() -> {
            Path file = stage.resolve("config");
            AtomicFiles.write(file, AtomicFiles.Durability.POWER, out -> out.write(image.config()));
            return blobs.put(file, image.manifest().config().digest());
        });
        Path file = blobs.find(descriptor(layer))
                .orElseThrow(() -> new PyroException(
                        ErrorCode.STORAGE_UNUSABLE,
                        "the layer of " + installed.name() + " was deleted while it was needed; run it again"));
        publisher.record(ImageRecord.of(image.manifest(), installed.digest(), settings, others, publisher.now(), true));
        return new Exported(image, config, file);
    }

    private Ext4Layer.Layer write(InstalledEnvironment installed, Path stage, Progress.Listener listener) {
        Path file = stage.resolve("layer");
        FractionProgress progress = new FractionProgress(
                new Progress("push", "layer", installed.name(), null, "packs the environment"),
                installed.sizeBytes(),
                listener);
        Ext4Layer.Layer layer = Ext4Layer.write(installed.rootfsImage(), file, progress::reached);
        blobs.put(file, layer.digest());
        return layer;
    }

    /** Returns the layer that an image of this environment has, when it was made before and is still there. */
    private Optional<Ext4Layer.Layer> known(String treeDigest) {
        for (Path file : Staging.children(layout.images())) {
            Optional<Ext4Layer.Layer> layer = ImageRecord.find(file)
                    .filter(record -> record.treeDigest().equals(treeDigest))
                    .flatMap(this::layer);
            if (layer.isPresent()) {
                return layer;
            }
        }
        return Optional.empty();
    }

    private Optional<Ext4Layer.Layer> layer(ImageRecord record) {
        Map<String, String> labels = record.settings().labels();
        String diffId = labels.get(ImageLabels.LAYER);
        // What others have packed may be of another form, or hold more than what is unpacked here.
        if (!record.packed()
                || diffId == null
                || !EnvironmentLayout.isDigest(diffId)
                || !record.treeDigest().equals(labels.get(ImageLabels.DIGEST))
                || record.layers().size() != 1) {
            return Optional.empty();
        }
        ImageRecord.Layer only = record.layers().getFirst();
        return Optional.of(new Ext4Layer.Layer(only.digest(), diffId, only.size()))
                .filter(layer -> blobs.findIntact(descriptor(layer)).isPresent());
    }

    private JsonObject others(InstalledEnvironment installed) {
        return Optional.ofNullable(installed.image())
                .flatMap(origin -> ImageRecord.find(layout.imageRecord(origin.manifestDigest())))
                .map(ImageRecord::others)
                .orElse(new JsonObject(Map.of()));
    }

    private ImageSettings settings(InstalledEnvironment installed, Ext4Layer.Layer layer) {
        ImageOrigin origin = installed.image();
        ImageSettings own = origin == null
                ? new ImageSettings(List.of(PATH), null, null, 0, 0, List.of(), List.of("/bin/sh"), Map.of(), true)
                : origin.settings();
        Map<String, String> labels = new TreeMap<>(own.labels());
        labels.keySet().removeIf(name -> name.startsWith(OWN_LABELS));
        catalogue.find(installed.name()).ifPresent(entry -> labels.putIfAbsent(ImageLabels.TITLE, entry.description()));
        // Where somebody else's image came from, perhaps a folder of this host, is nobody's business there.
        if (catalogue.find(installed.name()).isPresent() || installed.source().equals(NamedEnvironment.DOCKERFILE)) {
            labels.put(ImageLabels.ENVIRONMENT, installed.name());
            labels.put(ImageLabels.VERSION, installed.version());
        }
        labels.put(ImageLabels.DIGEST, installed.digest());
        labels.put(ImageLabels.LAYER, layer.diffId());
        if (own.loginShell()) {
            labels.put(ImageLabels.SHELL, ImageLabels.LOGIN);
        }
        return new ImageSettings(
                own.env(),
                own.workingDir(),
                own.user(),
                own.uid(),
                own.gid(),
                own.entrypoint(),
                own.cmd(),
                labels,
                own.loginShell());
    }

    private static Instant created(InstalledEnvironment installed) {
        try {
            return Instant.ofEpochSecond(
                    EnvironmentManifest.read(installed.manifest()).createdAt());
        } catch (IOException e) {
            throw AtomicFiles.failure("read", installed.manifest(), e);
        }
    }

    private static Descriptor descriptor(Ext4Layer.Layer layer) {
        return new Descriptor(MediaTypes.OCI_LAYER_GZIP, layer.digest(), layer.size());
    }
}
