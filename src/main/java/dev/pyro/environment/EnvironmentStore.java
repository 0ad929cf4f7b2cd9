package dev.pyro.environment;

import dev.pyro.environment.EnvironmentRequest.Built;
import dev.pyro.environment.EnvironmentRequest.Catalogued;
import dev.pyro.environment.EnvironmentRequest.Imaged;
import dev.pyro.image.OwnedTree;
import dev.pyro.model.Arguments;
import dev.pyro.model.ErrorCode;
import dev.pyro.model.Progress;
import dev.pyro.model.PrunedEnvironments;
import dev.pyro.model.PyroException;
import dev.pyro.model.RegistryOptions;
import dev.pyro.oci.ImageReference;
import dev.pyro.oci.LayoutReference;
import dev.pyro.oci.RegistryReference;
import dev.pyro.os.BuildNamespace;
import dev.pyro.os.Host;
import dev.pyro.os.HostTools;
import dev.pyro.store.AtomicFiles;
import dev.pyro.store.InterProcessLock;
import dev.pyro.store.PyroPaths;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The environments in this user's cache. Safe for use by several threads and processes: an environment appears whole or not at
 * all, and two who want the same one at the same moment make it once.
 */
public final class EnvironmentStore {
    private static final Duration TREE_WAIT = Duration.ofMinutes(20);

    private final EnvironmentLayout layout;
    private final Catalogue catalogue;
    private final BuildNamespace namespace;
    private final ImageParts images;
    private final EnvironmentNames names;
    private final EnvironmentExporter exporter;
    private final LocalInstaller localInstaller;
    private final ImageInstaller imageInstaller;

    EnvironmentStore(
            PyroPaths paths,
            Catalogue catalogue,
            EnvironmentSource source,
            ImageParts images,
            BuildNamespace namespace,
            Clock clock) {
        this.layout = new EnvironmentLayout(paths);
        this.catalogue = catalogue;
        this.namespace = namespace;
        this.images = images;
        this.names = new EnvironmentNames(layout, catalogue, images.workingDirectory());
        EnvironmentPublisher publisher = new EnvironmentPublisher(layout, namespace, clock);
        this.exporter = new EnvironmentExporter(layout, catalogue, images.blobs(), publisher, namespace);
        this.localInstaller = new LocalInstaller(layout, names, source, publisher, namespace);
        this.imageInstaller = new ImageInstaller(layout, publisher, namespace, images.sources(), images.unpacker());
    }

    /**
     * Opens the store of the built-in catalogue, whose environments are built on this host or, where the variables say so, come from a
     * registry. Touches no file.
     */
    public static EnvironmentStore local(PyroPaths paths, HostTools tools, Map<String, String> environment) {
        BuildNamespace namespace = BuildNamespace.ofThisUser();
        Path packages = new EnvironmentLayout(paths).packages();
        return new EnvironmentStore(
                paths,
                Catalogue.builtIn(),
                new LocalEnvironmentSource(tools, namespace, packages, environment),
                ImageParts.local(paths, tools, namespace, environment),
                namespace,
                Clock.systemUTC());
    }

    /** Returns where its files are. */
    EnvironmentLayout layout() {
        return layout;
    }

    /** Returns what its environments of images are made with. */
    ImageParts images() {
        return images;
    }

    /** Returns what makes images of its environments. */
    EnvironmentExporter exporter() {
        return exporter;
    }

    /** Returns Pyro's own environments. */
    public Catalogue catalogue() {
        return catalogue;
    }

    /**
     * Finds out what is meant by a name, without a look at the network: whether there is such an image shows when it is installed.
     *
     * @throws PyroException {@link ErrorCode#UNKNOWN_ENVIRONMENT}, with the known ones, when it cannot be an environment's name
     */
    public EnvironmentRequest require(String name) {
        return names.parse(name);
    }

    /**
     * Returns an environment that is installed and whole, reading two small files; or empty.
     *
     * @throws PyroException {@link ErrorCode#UNKNOWN_ENVIRONMENT}; {@link ErrorCode#RECORD_TOO_NEW} when a newer Pyro made it
     */
    public Optional<InstalledEnvironment> find(String name) {
        return names.installed(names.parse(name));
    }

    /** Returns the views of environments that a person is shown. */
    public EnvironmentDescriptions descriptions() {
        return new EnvironmentDescriptions(layout, catalogue, names, images.registry());
    }

    /**
     * Returns an installed environment by its digest, whatever its name stands for now. Where it came from is not told.
     *
     * @throws PyroException {@link ErrorCode#ENVIRONMENT_CORRUPT} when it is gone or not whole
     */
    public InstalledEnvironment withDigest(String digest) {
        Path directory = layout.directory(digest);
        return EnvironmentFolders.open(directory)
                .map(manifest -> new NamedEnvironment(manifest.name(), digest, null, null, null))
                .flatMap(named -> EnvironmentFolders.find(layout, named))
                .orElseThrow(() -> new PyroException(
                        ErrorCode.ENVIRONMENT_CORRUPT,
                        "the environment " + digest + " is gone or damaged: " + directory
                                + " should hold it; delete what was made of it and create it anew"));
    }

    /**
     * Returns an environment, which is installed first when it is missing or damaged. What a reference stands for was recorded when it was
     * installed first, and is not asked again.
     *
     * @throws PyroException {@link ErrorCode#UNKNOWN_ENVIRONMENT}, {@link ErrorCode#INVALID_ARGUMENT} when a variable that says where it comes
     *     from has a value that it cannot have, {@link ErrorCode#ENVIRONMENT_BUILD_FAILED}, {@link ErrorCode#DISK_FULL}, {@link ErrorCode#STORAGE_UNUSABLE}, {@link ErrorCode#HOST_TOOL_MISSING}, {@link
     *     ErrorCode#HOST_UNSUPPORTED}, {@link ErrorCode#LOCK_TIMEOUT}, {@link ErrorCode#INTERRUPTED}; for images also {@link
     *     ErrorCode#IMAGE_NOT_FOUND}, {@link ErrorCode#IMAGE_UNSUITABLE}, {@link ErrorCode#IMAGE_CORRUPT}, {@link
     *     ErrorCode#ARCHIVE_REFUSED}, {@link ErrorCode#REGISTRY_UNAVAILABLE}, {@link ErrorCode#REGISTRY_DENIED}
     */
    public InstalledEnvironment ensureInstalled(String name, Progress.Listener listener) {
        return ensureInstalled(name, RegistryOptions.NONE, listener);
    }

    /** The same, with registries reached as the options say. */
    InstalledEnvironment ensureInstalled(String name, RegistryOptions options, Progress.Listener listener) {
        EnvironmentRequest request = names.parse(name);
        Optional<InstalledEnvironment> there = names.installed(request);
        return there.isPresent() ? there.get() : install(request, false, options, listener);
    }

    /** Like {@link #pull(String, RegistryOptions, Progress.Listener)}, with registries reached as the variables say. */
    public InstalledEnvironment pull(String name, Progress.Listener listener) {
        return pull(name, RegistryOptions.NONE, listener);
    }

    /**
     * Like {@link #ensureInstalled}, and replaces an environment that was made from an older definition, or of an image that its
     * reference no longer stands for. When that fails, the old one stays.
     */
    public InstalledEnvironment pull(String name, RegistryOptions options, Progress.Listener listener) {
        EnvironmentRequest request = names.parse(name);
        InstalledEnvironment installed = install(request, true, options, listener);
        listener.onProgress(Progress.of("pull", "ready", request.name()));
        return installed;
    }

    /**
     * Installs an image that was built on this host, under a name of its own.
     *
     * @param layout where it is; nothing of it is needed afterwards
     * @throws PyroException {@link ErrorCode#INVALID_ARGUMENT} when the name cannot be given, else as {@link #ensureInstalled} does
     */
    public InstalledEnvironment installBuilt(String name, LayoutReference layout, Progress.Listener listener) {
        requireBuildName(name);
        Built built = EnvironmentNames.built(name);
        return imageInstaller.install(
                new ImageTarget(layout, null, null, built.name(), names.file(built), NamedEnvironment.DOCKERFILE),
                RegistryOptions.NONE,
                listener);
    }

    /**
     * Tells whether something that is built on this host can have this name.
     *
     * @throws PyroException {@link ErrorCode#INVALID_ARGUMENT} when it cannot
     */
    public void requireBuildName(String name) {
        if (catalogue.find(name).isPresent()) {
            throw new PyroException(
                    ErrorCode.INVALID_ARGUMENT,
                    "\"" + name + "\" is the name of one of Pyro's own environments; choose another one with -t");
        }
        if (!names.isBuiltName(name)) {
            throw new PyroException(
                    ErrorCode.INVALID_ARGUMENT,
                    "\"" + Arguments.printableName(name)
                            + "\" cannot be an environment's name: small letters, digits, \".\", "
                            + "\"_\", \"-\" and \"/\", no registry's host, and a tag behind \":\"; choose another one with -t");
        }
    }

    private InstalledEnvironment install(
            EnvironmentRequest request, boolean again, RegistryOptions options, Progress.Listener listener) {
        return switch (request) {
            case Catalogued(CatalogueEntry entry) ->
                images.registry()
                        .map(registry -> installFrom(registry, entry, again, options, listener))
                        .orElseGet(() -> localInstaller.install(entry, again, listener));
            case Built built ->
                names.installed(built)
                        .orElseThrow(
                                () -> new PyroException(
                                        ErrorCode.ENVIRONMENT_CORRUPT,
                                        "the environment " + built.name()
                                                + " was built on this host, and is gone or damaged; build it again with `pyro env build`"));
            case Imaged imaged -> installImage(imaged, again, options, listener);
        };
    }

    private InstalledEnvironment installFrom(
            CatalogueRegistry registry,
            CatalogueEntry entry,
            boolean again,
            RegistryOptions options,
            Progress.Listener listener) {
        RegistryReference reference = registry.reference(entry);
        Catalogued request = new Catalogued(entry);
        Resolved asked = again ? new Resolved(reference, null) : resolved(request, reference);
        try {
            return imageInstaller.install(
                    new ImageTarget(
                            asked.reference(),
                            asked.at(),
                            reference.canonical(),
                            entry.name(),
                            names.file(request),
                            NamedEnvironment.OCI),
                    options,
                    listener);
        } catch (PyroException e) {
            if (e.code() != ErrorCode.IMAGE_NOT_FOUND) {
                throw e;
            }
            throw asked.pins(reference)
                    ? gone(e, entry.name())
                    : ImageInstaller.withHint(
                            e,
                            "push it there with `pyro env push " + entry.name() + " " + reference.canonical()
                                    + "` from a host that has it, or unset " + CatalogueRegistry.VARIABLE
                                    + " to build it here");
        }
    }

    private InstalledEnvironment installImage(
            Imaged imaged, boolean again, RegistryOptions options, Progress.Listener listener) {
        Resolved asked = again ? new Resolved(imaged.reference(), null) : resolved(imaged, imaged.reference());
        try {
            return imageInstaller.install(
                    new ImageTarget(
                            asked.reference(),
                            asked.at(),
                            imaged.reference().canonical(),
                            imaged.name(),
                            names.file(imaged),
                            NamedEnvironment.OCI),
                    options,
                    listener);
        } catch (PyroException e) {
            if (e.code() == ErrorCode.IMAGE_NOT_FOUND && asked.pins(imaged.reference())) {
                throw gone(e, imaged.name());
            }
            throw imaged.reference() instanceof RegistryReference reference
                            && !reference.hostGiven()
                            && ImageInstaller.mayBeMissing(e)
                    ? ImageInstaller.withHint(e, "Pyro's own environments are " + String.join(", ", catalogue.names()))
                    : e;
        }
    }

    private static PyroException gone(PyroException e, String name) {
        return ImageInstaller.withHint(
                e,
                "this is what " + name + " stood for when it was pulled, and that is not here any more; `pyro env pull "
                        + name + "` takes what it stands for now");
    }

    /** Returns what a reference stood for when it was installed; when nothing was, the reference itself. */
    ImageReference pinned(Imaged imaged) {
        return resolved(imaged, imaged.reference()).reference();
    }

    /**
     * A reference as it is asked for.
     *
     * @param at when it was found out what it stands for, in epoch seconds; null when that is asked now
     */
    private record Resolved(
            ImageReference reference, @Nullable Long at) {
        /** Tells whether it is asked for by what it stood for, and stands for something else by now perhaps. */
        boolean pins(ImageReference meant) {
            return !reference.equals(meant);
        }
    }

    /** What was installed once is installed again as it was, when its folder was damaged or is gone. */
    private Resolved resolved(EnvironmentRequest request, ImageReference reference) {
        Optional<ImageOrigin> origin = names.find(request).flatMap(named -> Optional.ofNullable(named.image()));
        return reference instanceof RegistryReference registry
                        && origin.isPresent()
                        && reference.canonical().equals(origin.get().reference())
                ? new Resolved(
                        new RegistryReference(
                                registry.host(),
                                registry.repository(),
                                registry.tag(),
                                origin.get().manifestDigest(),
                                registry.hostGiven()),
                        origin.get().pulledAt())
                : new Resolved(reference, null);
    }

    /**
     * Returns an environment's content as a folder, which is unpacked on first use. Everything in it belongs to one user, who may
     * read and write it; a caller who wants to write makes a copy.
     *
     * @param uid who owns it: this user's own id, or for root any
     * @throws PyroException {@link ErrorCode#DISK_FULL}, {@link ErrorCode#HOST_TOOL_FAILED}, {@link ErrorCode#HOST_UNSUPPORTED}, {@link
     *     ErrorCode#STORAGE_UNUSABLE}, {@link ErrorCode#LOCK_TIMEOUT}, {@link ErrorCode#INTERRUPTED}
     */
    public Path treeOf(InstalledEnvironment installed, int uid) {
        Path tree = EnvironmentLayout.tree(installed.directory(), uid);
        if (Files.isDirectory(tree)) {
            return tree;
        }
        try (InterProcessLock _ =
                InterProcessLock.acquire(layout.treeLock(), "the unpacking of environments", TREE_WAIT, () -> {})) {
            if (Files.isDirectory(tree)) {
                return tree;
            }
            new Staging(layout, namespace).delete(EnvironmentLayout.TREE_STAGING_PREFIX);
            Path staged = AtomicFiles.createStaging(layout.paths().staging(), EnvironmentLayout.TREE_STAGING_PREFIX);
            try {
                // Until the setuid bits are gone, nobody else may look in.
                Files.setPosixFilePermissions(staged, PosixFilePermissions.fromString("rwx------"));
                Path content = staged.resolve("content");
                OptionalInt owner = Host.isRoot() ? OptionalInt.of(uid) : OptionalInt.empty();
                OwnedTree.unpack(installed.rootfsImage(), content, owner);
                AtomicFiles.publish(content, tree);
                return tree;
            } catch (IOException e) {
                throw AtomicFiles.failure("prepare", staged, e);
            } finally {
                AtomicFiles.deleteTree(staged);
            }
        }
    }

    /**
     * Deletes what is of no more use: replaced and damaged environments, images and layers that nothing is made of any more, and what
     * dead processes have left.
     *
     * <p>What a reference of an image stood for stays known, unless all goes: the next use installs the same again.
     *
     * @param all whether the current environments go too, and what is known of their names
     * @param dryRun whether nothing is deleted, and only told
     * @param digestInUse tells which environments a machine or template needs; those stay in any case. It is asked twice: a user
     *     of an environment first records the use, and then opens the image
     */
    public PrunedEnvironments prune(boolean all, boolean dryRun, Predicate<String> digestInUse) {
        return new EnvironmentPruner(layout, images.blobs(), namespace, dryRun).prune(all, digestInUse);
    }
}
