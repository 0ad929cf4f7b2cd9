package dev.pyro.environment;

import dev.pyro.image.Unpacked;
import dev.pyro.json.JsonFormatException;
import dev.pyro.model.ErrorCode;
import dev.pyro.model.ImageSettings;
import dev.pyro.model.Progress;
import dev.pyro.model.PyroException;
import dev.pyro.model.RegistryOptions;
import dev.pyro.oci.ImageManifest;
import dev.pyro.oci.ImageReference;
import dev.pyro.oci.ImageSource;
import dev.pyro.oci.LocalImage;
import dev.pyro.os.BuildNamespace;
import dev.pyro.store.AtomicFiles;
import dev.pyro.store.InterProcessLock;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Makes environments of images. Those who want the same image at the same moment fetch each of its blobs once, and unpack it once. Safe
 * for use by several threads and processes; one that is killed leaves blobs that the next one uses, and staging that it deletes.
 */
final class ImageInstaller {
    private static final Duration UNPACK_WAIT = Duration.ofMinutes(90);

    /** A clean-up can take blobs away between their download and their use; whoever cleans up more often than this has to wait. */
    private static final int MAX_ROUNDS = 3;

    private final EnvironmentLayout layout;
    private final EnvironmentPublisher publisher;
    private final BuildNamespace namespace;
    private final Sources sources;
    private final Unpacker unpacker;

    ImageInstaller(
            EnvironmentLayout layout,
            EnvironmentPublisher publisher,
            BuildNamespace namespace,
            Sources sources,
            Unpacker unpacker) {
        this.layout = layout;
        this.publisher = publisher;
        this.namespace = namespace;
        this.sources = sources;
        this.unpacker = unpacker;
    }

    /** Opens images. */
    @FunctionalInterface
    interface Sources {
        ImageSource open(ImageReference reference, RegistryOptions options);
    }

    /** Makes a root file system of an image inside a folder of the caller's, who deletes what is left in it. */
    @FunctionalInterface
    interface Unpacker {
        Unpacked unpack(LocalImage image, Path stage, Progress.Listener listener);
    }

    /** Asks what the reference stands for now, and installs that under the target's name. When it fails, the name stays as it was. */
    InstalledEnvironment install(ImageTarget target, RegistryOptions options, Progress.Listener listener) {
        Progress.Listener named = step ->
                listener.onProgress(new Progress("pull", step.phase(), target.name(), step.fraction(), step.detail()));
        named.onProgress(Progress.of("pull", "resolve", target.name()));
        try (ImageSource source = sources.open(target.reference(), options)) {
            // Before: of two who ask, the one who asked last wins, however long the answer took.
            long resolvedAt = target.resolvedAt() == null ? publisher.now() : target.resolvedAt();
            ImageManifest manifest = source.resolve(named);
            Optional<InstalledEnvironment> installed = reuse(target, manifest, resolvedAt);
            if (installed.isEmpty()) {
                named.onProgress(Progress.of("pull", "install", target.name()));
            }
            for (int round = 1; installed.isEmpty(); round++) {
                installed = fetchAndUnpack(target, source, manifest, resolvedAt, round == MAX_ROUNDS, named);
            }
            return installed.get();
        }
    }

    /** Gives the name to what was made of the same manifest before. */
    private Optional<InstalledEnvironment> reuse(ImageTarget target, ImageManifest manifest, long resolvedAt) {
        Path file = layout.imageRecord(manifest.digest());
        try {
            ImageRecord record = ImageRecord.read(file);
            return record.manifestDigest().equals(manifest.digest())
                    ? publisher.rename(
                            target.named(manifest.digest(), record.treeDigest(), record.settings(), resolvedAt))
                    : Optional.empty();
        } catch (NoSuchFileException | JsonFormatException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw AtomicFiles.failure("read", file, e);
        }
    }

    /** Returns empty when blobs went away again before they were used, unless this is the last try. */
    private Optional<InstalledEnvironment> fetchAndUnpack(
            ImageTarget target,
            ImageSource source,
            ImageManifest manifest,
            long resolvedAt,
            boolean last,
            Progress.Listener listener) {
        makeLockFiles();
        LocalImage image = source.fetch(manifest, listener);
        try (InterProcessLock _ = InterProcessLock.acquire(
                layout.imageLock(),
                "the unpacking of images",
                UNPACK_WAIT,
                () -> listener.onProgress(new Progress(
                        "pull", "wait", target.name(), null, "waits for another process that unpacks an image")))) {
            // Whoever had the lock may have unpacked this very one.
            Optional<InstalledEnvironment> there = reuse(target, manifest, resolvedAt);
            if (there.isPresent()) {
                return there;
            }
            new Staging(layout, namespace).delete(EnvironmentLayout.IMAGE_STAGING_PREFIX);
            try {
                return Optional.of(unpack(target, image, resolvedAt, listener));
            } catch (PyroException e) {
                if (last || image.layers().stream().allMatch(Files::exists)) {
                    throw e;
                }
                return Optional.empty();
            }
        }
    }

    /** When what is fetched now fills the disk, the clean-up has no room to make these. */
    private void makeLockFiles() {
        for (Path file : List.of(layout.imageLock(), layout.indexLock())) {
            try {
                AtomicFiles.createDirectories(AtomicFiles.parent(file));
                // Opens nothing that is there: to close it again would let go of what another thread has locked.
                Files.createFile(file);
            } catch (FileAlreadyExistsException e) {
                // Made before.
            } catch (IOException e) {
                throw AtomicFiles.failure("create", file, e);
            }
        }
    }

    private InstalledEnvironment unpack(
            ImageTarget target, LocalImage image, long resolvedAt, Progress.Listener listener) {
        Path stage = AtomicFiles.createStaging(layout.paths().staging(), EnvironmentLayout.IMAGE_STAGING_PREFIX);
        try {
            // Until the setuid bits are gone, nobody else may look in.
            Files.setPosixFilePermissions(stage, PosixFilePermissions.fromString("rwx------"));
            Path work = Files.createDirectory(stage.resolve("work"));
            Unpacked unpacked = unpacker.unpack(image, work, listener);
            ImageFacts.requireSaidDigest(target.name(), image, unpacked);
            ImageSettings settings = ImageFacts.settings(target.name(), image, unpacked.user());
            Path finished = Files.createDirectory(stage.resolve("finished"));
            Files.move(unpacked.rootfsImage(), EnvironmentLayout.image(finished));
            return publisher.publish(
                    finished,
                    ImageFacts.content(unpacked),
                    target.named(image.manifest().digest(), unpacked.digest(), settings, resolvedAt),
                    Optional.of(ImageRecord.of(
                            image.manifest(),
                            unpacked.digest(),
                            settings,
                            image.config().others(),
                            publisher.now(),
                            false)));
        } catch (IOException e) {
            throw AtomicFiles.failure("install in", stage, e);
        } finally {
            Leftovers.delete(namespace, stage);
        }
    }

    /** What a failure of an image says of one that is not there: nothing was changed, and this is what else there is. */
    static PyroException withHint(PyroException e, String hint) {
        return new PyroException(e.code(), e.getMessage() + "; " + hint, e);
    }

    /** Tells whether a failure may mean that no such image exists. */
    static boolean mayBeMissing(PyroException e) {
        return e.code() == ErrorCode.IMAGE_NOT_FOUND
                || e.code() == ErrorCode.REGISTRY_UNAVAILABLE
                || e.code() == ErrorCode.REGISTRY_DENIED;
    }
}
