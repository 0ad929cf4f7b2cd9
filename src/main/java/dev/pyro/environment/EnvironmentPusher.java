package dev.pyro.environment;

import dev.pyro.model.Arguments;
import dev.pyro.model.ErrorCode;
import dev.pyro.model.Progress;
import dev.pyro.model.PushedEnvironment;
import dev.pyro.model.PyroException;
import dev.pyro.model.RegistryOptions;
import dev.pyro.oci.Descriptor;
import dev.pyro.oci.ImageReference;
import dev.pyro.oci.Images;
import dev.pyro.oci.MediaTypes;
import dev.pyro.oci.RegistryClient;
import dev.pyro.oci.RegistryReference;
import dev.pyro.store.PyroPaths;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.Consumer;

/** Puts environments into registries, as ordinary images. Safe for use by several threads and processes. */
public final class EnvironmentPusher {
    private final EnvironmentStore store;
    private final Registries registries;

    EnvironmentPusher(EnvironmentStore store, Registries registries) {
        this.store = store;
        this.registries = registries;
    }

    /** Opens repositories to push to. */
    @FunctionalInterface
    interface Registries {
        RegistryClient open(RegistryReference reference, RegistryOptions options);
    }

    /** Pushes what a store holds, to registries that are reached as the variables say. */
    public static EnvironmentPusher local(PyroPaths paths, EnvironmentStore store, Map<String, String> environment) {
        return new EnvironmentPusher(
                store, (reference, options) -> Images.of(paths, environment).openForPush(reference, options));
    }

    /**
     * Pushes an environment.
     *
     * @param name an installed environment's
     * @param reference {@code HOST[:PORT]/PATH[:TAG]}; without a tag it is {@code latest}
     * @throws PyroException {@link ErrorCode#UNKNOWN_ENVIRONMENT} also when it is not installed, {@link ErrorCode#INVALID_ARGUMENT} when the
     *     reference is none that can be pushed to, {@link ErrorCode#REGISTRY_DENIED}, {@link ErrorCode#REGISTRY_UNAVAILABLE}, {@link
     *     ErrorCode#IMAGE_NOT_FOUND} when the registry knows no such repository and makes none, {@link ErrorCode#DISK_FULL}, {@link
     *     ErrorCode#STORAGE_UNUSABLE}, {@link ErrorCode#INTERRUPTED}
     */
    public PushedEnvironment push(String name, String reference, RegistryOptions options, Progress.Listener listener) {
        if (ImageReference.parse(reference, Path.of("")).orElse(null) instanceof RegistryReference registry) {
            return push(name, registry, options, listener);
        }
        throw new PyroException(
                ErrorCode.INVALID_ARGUMENT,
                "\"" + Arguments.printableName(reference)
                        + "\" is no place in a registry; give it as HOST[:PORT]/PATH[:TAG]");
    }

    PushedEnvironment push(
            String name, RegistryReference reference, RegistryOptions options, Progress.Listener listener) {
        String tag = reference.tag();
        if (reference.digest() != null || tag == null) {
            throw new PyroException(
                    ErrorCode.INVALID_ARGUMENT,
                    "cannot push to " + reference.familiar()
                            + ": what the digest will be is not for you to say; give a tag instead");
        }
        InstalledEnvironment installed = store.find(name)
                .orElseThrow(() -> new PyroException(
                        ErrorCode.UNKNOWN_ENVIRONMENT,
                        "cannot push " + Arguments.printable(name)
                                + ": it is not installed here; run `pyro env pull " + Arguments.printable(name)
                                + "` first"));
        try (RegistryClient client = registries.open(reference, options)) {
            EnvironmentExporter.Exported exported = store.exporter().export(installed, listener);
            return upload(client, installed, reference, tag, exported, listener);
        }
    }

    private static PushedEnvironment upload(
            RegistryClient client,
            InstalledEnvironment installed,
            RegistryReference reference,
            String tag,
            EnvironmentExporter.Exported exported,
            Progress.Listener listener) {
        EnvironmentImage image = exported.image();
        Descriptor layer = image.manifest().layers().getFirst();
        Descriptor config = image.manifest().config();
        Progress step = new Progress("push", "upload", installed.name(), null, "");
        FractionProgress progress = new FractionProgress(step, layer.size() + config.size(), listener);
        listener.onProgress(step);
        Consumer<String> notices =
                notice -> listener.onProgress(new Progress("push", "upload", installed.name(), null, notice));
        long uploaded = 0;
        for (Blob blob : new Blob[] {new Blob(layer, exported.layer()), new Blob(config, exported.config())}) {
            boolean now = client.upload(blob.file(), blob.descriptor(), progress::gained, notices);
            uploaded += now ? blob.descriptor().size() : 0;
        }
        String digest = client.putManifest(image.manifestBytes(), MediaTypes.OCI_MANIFEST, tag, notices);
        listener.onProgress(Progress.of("push", "ready", installed.name()));
        return new PushedEnvironment(
                installed.name(),
                reference.canonical(),
                installed.digest(),
                digest,
                layer.size() + config.size(),
                uploaded);
    }

    private record Blob(Descriptor descriptor, Path file) {}
}
