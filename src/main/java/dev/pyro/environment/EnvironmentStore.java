package dev.pyro.environment;

import dev.pyro.disk.DiskUsage;
import dev.pyro.disk.Ext4Images;
import dev.pyro.json.JsonFormatException;
import dev.pyro.model.ErrorCode;
import dev.pyro.model.Progress;
import dev.pyro.model.PyroException;
import dev.pyro.os.BuildNamespace;
import dev.pyro.os.FileStatus;
import dev.pyro.os.Host;
import dev.pyro.os.HostTool;
import dev.pyro.os.HostTools;
import dev.pyro.store.AtomicFiles;
import dev.pyro.store.InterProcessLock;
import dev.pyro.store.PyroPaths;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Predicate;

/**
 * The environments in this user's cache. Safe for use by several threads and processes: an environment appears whole or not at
 * all, and two who want the same one at the same moment build it once.
 */
public final class EnvironmentStore {
    private static final Duration BUILD_WAIT = Duration.ofMinutes(90);
    private static final Duration INDEX_WAIT = Duration.ofMinutes(1);
    private static final Duration TREE_WAIT = Duration.ofMinutes(20);

    private final EnvironmentLayout layout;
    private final Catalogue catalogue;
    private final EnvironmentSource source;
    private final HostTools tools;
    private final BuildNamespace namespace;
    private final Clock clock;

    /** Opens the store; touches no file. */
    public EnvironmentStore(PyroPaths paths, Catalogue catalogue, EnvironmentSource source, HostTools tools) {
        this(paths, catalogue, source, tools, BuildNamespace.ofThisUser(), Clock.systemUTC());
    }

    EnvironmentStore(
            PyroPaths paths,
            Catalogue catalogue,
            EnvironmentSource source,
            HostTools tools,
            BuildNamespace namespace,
            Clock clock) {
        this.layout = new EnvironmentLayout(paths);
        this.catalogue = catalogue;
        this.source = source;
        this.tools = tools;
        this.namespace = namespace;
        this.clock = clock;
    }

    /** Opens the store of the built-in catalogue, whose environments are built on this host. */
    public static EnvironmentStore local(PyroPaths paths, HostTools tools, Map<String, String> environment) {
        BuildNamespace namespace = BuildNamespace.ofThisUser();
        Path packages = new EnvironmentLayout(paths).packages();
        return new EnvironmentStore(
                paths,
                Catalogue.builtIn(),
                new LocalEnvironmentSource(tools, namespace, packages, environment),
                tools,
                namespace,
                Clock.systemUTC());
    }

    /** Returns what can be installed. */
    public Catalogue catalogue() {
        return catalogue;
    }

    /**
     * Returns an environment that is installed and whole, reading two small files; or empty.
     *
     * @throws PyroException {@link ErrorCode#UNKNOWN_ENVIRONMENT}; {@link ErrorCode#RECORD_TOO_NEW} when a newer Pyro made it
     */
    public Optional<InstalledEnvironment> find(String name) {
        CatalogueEntry entry = catalogue.require(name);
        Path nameFile = layout.name(entry.name());
        try {
            return open(layout.directory(EnvironmentManifest.readNamedDigest(nameFile)))
                    .filter(installed -> installed.name().equals(entry.name()));
        } catch (NoSuchFileException | JsonFormatException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw AtomicFiles.failure("read", nameFile, e);
        }
    }

    /**
     * Returns an installed environment by its digest, whatever its name stands for now.
     *
     * @throws PyroException {@link ErrorCode#ENVIRONMENT_CORRUPT} when it is gone or not whole
     */
    public InstalledEnvironment withDigest(String digest) {
        Path directory = layout.directory(digest);
        return open(directory)
                .orElseThrow(() -> new PyroException(
                        ErrorCode.ENVIRONMENT_CORRUPT,
                        "the environment " + digest + " is gone or damaged: " + directory
                                + " should hold it; delete what was made of it and create it anew"));
    }

    /** Opens an installed environment's folder; empty when it is not whole. */
    Optional<InstalledEnvironment> open(Path directory) {
        Path file = EnvironmentLayout.manifest(directory);
        Path image = EnvironmentLayout.image(directory);
        try {
            EnvironmentManifest manifest = EnvironmentManifest.read(file);
            if (!manifest.digest().equals(EnvironmentLayout.digestOf(directory)) || !manifest.describes(image)) {
                return Optional.empty();
            }
            return Optional.of(new InstalledEnvironment(
                    manifest.name(),
                    manifest.version(),
                    manifest.digest(),
                    manifest.source(),
                    directory,
                    file,
                    image,
                    manifest.sizeBytes()));
        } catch (NoSuchFileException | JsonFormatException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw AtomicFiles.failure("read", file, e);
        }
    }

    /**
     * Returns an environment, which is installed first when it is missing or damaged.
     *
     * @throws PyroException {@link ErrorCode#UNKNOWN_ENVIRONMENT}, {@link ErrorCode#ENVIRONMENT_BUILD_FAILED}, {@link
     *     ErrorCode#DISK_FULL}, {@link ErrorCode#STORAGE_UNUSABLE}, {@link ErrorCode#HOST_TOOL_MISSING}, {@link
     *     ErrorCode#HOST_UNSUPPORTED}, {@link ErrorCode#LOCK_TIMEOUT}, {@link ErrorCode#INTERRUPTED}
     */
    public InstalledEnvironment ensureInstalled(String name, Progress.Listener listener) {
        return install(name, installed -> true, listener);
    }

    /** Like {@link #ensureInstalled}, and replaces an environment that was made from an older definition. */
    public InstalledEnvironment pull(String name, Progress.Listener listener) {
        String version = catalogue.require(name).version();
        InstalledEnvironment installed = install(name, found -> found.version().equals(version), listener);
        listener.onProgress(Progress.of("pull", "ready", name));
        return installed;
    }

    private InstalledEnvironment install(
            String name, Predicate<InstalledEnvironment> goodEnough, Progress.Listener listener) {
        CatalogueEntry entry = catalogue.require(name);
        Optional<InstalledEnvironment> there = find(name).filter(goodEnough);
        if (there.isPresent()) {
            return there.get();
        }
        try (InterProcessLock _ = InterProcessLock.acquire(
                layout.buildLock(),
                "the build of environments",
                BUILD_WAIT,
                () -> listener.onProgress(new Progress(
                        "pull", "wait", entry.name(), null, "waits for another process that builds environments")))) {
            // Whoever had the lock may have built this very one.
            there = find(name).filter(goodEnough);
            if (there.isPresent()) {
                return there.get();
            }
            new EnvironmentPruner(layout, this, namespace).deleteBuildStaging();
            listener.onProgress(new Progress("pull", "install", entry.name(), null, "builds the environment"));
            return build(entry, listener);
        }
    }

    private InstalledEnvironment build(CatalogueEntry entry, Progress.Listener listener) {
        Path staged = AtomicFiles.createStaging(layout.paths().staging(), EnvironmentLayout.STAGING_PREFIX);
        try {
            EnvironmentSource.RootFilesystem root = source.build(entry, staged, listener);
            Path image = EnvironmentLayout.image(staged);
            if (!root.rootfsImage().equals(image)) {
                Files.move(root.rootfsImage(), image);
            }
            if (namespace.root()) {
                // Machines that root starts run as another user, whatever root's umask is.
                Files.setPosixFilePermissions(staged, PosixFilePermissions.fromString("rwxr-xr-x"));
                Files.setPosixFilePermissions(image, PosixFilePermissions.fromString("rw-r--r--"));
            }
            DiskUsage.flush(image);
            // Whatever changes the image's attributes is done by now.
            EnvironmentManifest manifest = new EnvironmentManifest(
                    entry.name(),
                    entry.version(),
                    root.digest(),
                    source.name(),
                    entry.distribution(),
                    entry.distributionVersion(),
                    entry.packages(),
                    Files.size(image),
                    DiskUsage.allocatedBytes(image),
                    clock.instant().getEpochSecond(),
                    FileStatus.of(image).stamp());
            AtomicFiles.write(EnvironmentLayout.manifest(staged), manifest.toJson(), AtomicFiles.Durability.POWER);
            return publish(staged, manifest);
        } catch (IOException e) {
            throw AtomicFiles.failure("install in", staged, e);
        } finally {
            if (Files.exists(staged)) {
                Leftovers.delete(namespace, staged);
            }
        }
    }

    private InstalledEnvironment publish(Path staged, EnvironmentManifest manifest) {
        Path directory = layout.directory(manifest.digest());
        try (InterProcessLock _ =
                InterProcessLock.acquire(layout.indexLock(), "the list of environments", INDEX_WAIT, () -> {})) {
            boolean same = open(directory)
                    .filter(installed -> installed.name().equals(manifest.name()))
                    .filter(installed -> installed.version().equals(manifest.version()))
                    .isPresent();
            if (!same) {
                AtomicFiles.deleteTree(directory);
                AtomicFiles.publish(staged, directory);
            }
            AtomicFiles.write(
                    layout.name(manifest.name()),
                    EnvironmentManifest.nameToJson(manifest.name(), manifest.digest()),
                    AtomicFiles.Durability.POWER);
        }
        return open(directory)
                .orElseThrow(() -> new PyroException(
                        ErrorCode.ENVIRONMENT_CORRUPT,
                        "the environment " + manifest.name() + " in " + directory
                                + " is damaged right after it was installed; check the disk"));
    }

    /**
     * Returns an environment's content as a folder, which is unpacked on first use. Everything in it belongs to one user, who may
     * read and write it; a caller who wants to write makes a copy.
     *
     * @param uid who owns it: this user's own id, or for root any
     * @throws PyroException {@link ErrorCode#DISK_FULL}, {@link ErrorCode#HOST_TOOL_FAILED}, {@link ErrorCode#HOST_TOOL_MISSING},
     *     {@link ErrorCode#STORAGE_UNUSABLE}, {@link ErrorCode#LOCK_TIMEOUT}, {@link ErrorCode#INTERRUPTED}
     */
    public Path treeOf(InstalledEnvironment installed, int uid) {
        Path tree = EnvironmentLayout.tree(installed.directory(), uid);
        if (Files.isDirectory(tree)) {
            return tree;
        }
        tools.require(List.of(HostTool.DEBUGFS), Progress.Listener.NONE);
        try (InterProcessLock _ =
                InterProcessLock.acquire(layout.treeLock(), "the unpacking of environments", TREE_WAIT, () -> {})) {
            if (Files.isDirectory(tree)) {
                return tree;
            }
            new EnvironmentPruner(layout, this, namespace).deleteTreeStaging();
            Path staged = AtomicFiles.createStaging(layout.paths().staging(), EnvironmentLayout.TREE_STAGING_PREFIX);
            try {
                // Until the setuid bits are gone, nobody else may look in.
                Files.setPosixFilePermissions(staged, PosixFilePermissions.fromString("rwx------"));
                Path content = staged.resolve("content");
                OptionalInt owner = Host.isRoot() ? OptionalInt.of(uid) : OptionalInt.empty();
                new Ext4Images(tools, namespace).extractTree(installed.rootfsImage(), content, owner);
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
     * Deletes what is of no more use: replaced and damaged environments, and what dead processes have left.
     *
     * @param all whether the current environments go too
     * @param digestInUse tells which environments a machine or template needs; those stay in any case. It is asked twice: a user
     *     of an environment first records the use, and then opens the image
     */
    public PruneResult prune(boolean all, Predicate<String> digestInUse) {
        try (InterProcessLock _ =
                InterProcessLock.acquire(layout.indexLock(), "the list of environments", INDEX_WAIT, () -> {})) {
            return new EnvironmentPruner(layout, this, namespace).prune(all, digestInUse);
        }
    }

    /**
     * What was deleted.
     *
     * @param deletedDirectories the folders of installed environments that are gone
     * @param freedBytes how much of the disk is free again, left-overs of dead processes and downloaded packages included
     */
    public record PruneResult(List<Path> deletedDirectories, long freedBytes) {
        public PruneResult {
            deletedDirectories = List.copyOf(deletedDirectories);
        }
    }
}
