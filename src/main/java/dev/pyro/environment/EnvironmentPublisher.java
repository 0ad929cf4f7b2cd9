package dev.pyro.environment;

import dev.pyro.disk.DiskUsage;
import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import dev.pyro.os.BuildNamespace;
import dev.pyro.os.FileStatus;
import dev.pyro.store.AtomicFiles;
import dev.pyro.store.InterProcessLock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Gives finished environments their folder and their name, in one step under the lock of the list of environments: nobody sees a
 * folder that no name and no record tells of.
 */
final class EnvironmentPublisher {
    /** Far longer than anybody holds the lock: what was unpacked until then must not be lost. */
    private static final Duration INDEX_WAIT = Duration.ofMinutes(10);

    private final EnvironmentLayout layout;
    private final BuildNamespace namespace;
    private final Clock clock;

    EnvironmentPublisher(EnvironmentLayout layout, BuildNamespace namespace, Clock clock) {
        this.layout = layout;
        this.namespace = namespace;
        this.clock = clock;
    }

    /**
     * What an environment holds.
     *
     * @param distribution the distribution's id
     * @param distributionVersion its version, possibly empty
     * @param packages the packages that were asked for by name
     */
    record Content(String distribution, String distributionVersion, List<String> packages) {}

    /**
     * A name that an environment gets.
     *
     * @param file where it is recorded
     * @param named what is recorded
     */
    record Name(Path file, NamedEnvironment named) {}

    /** Returns the time that records get, in epoch seconds. */
    long now() {
        return clock.instant().getEpochSecond();
    }

    /** Waits for the lock of the list of environments, which is held for moments only. */
    static InterProcessLock lockIndex(EnvironmentLayout layout) {
        return InterProcessLock.acquire(
                layout.indexLock(), EnvironmentLayout.INDEX, "the list of environments", INDEX_WAIT, () -> {});
    }

    /**
     * Installs a folder that holds an image and nothing else. A whole folder of the same content stays, whatever its name: machines
     * may run from it. What is left of the folder is the caller's to delete. A name that was given meanwhile to what the same reference stood
     * for later stays, and that is returned.
     */
    InstalledEnvironment publish(Path finished, Content content, Name name, Optional<ImageRecord> image)
            throws IOException {
        EnvironmentManifest manifest = seal(finished, content, name.named());
        Path directory = layout.directory(manifest.digest());
        try (InterProcessLock _ = lockIndex(layout)) {
            if (EnvironmentFolders.open(directory).isEmpty()) {
                AtomicFiles.deleteTree(directory);
                AtomicFiles.publish(finished, directory);
            }
            image.ifPresent(this::write);
            // Under the lock still: a clean-up may delete it in the next moment.
            return give(name)
                    .orElseThrow(() -> new PyroException(
                            ErrorCode.ENVIRONMENT_CORRUPT,
                            "the environment " + name.named().name() + " in " + directory
                                    + " is damaged right after it was installed; check the disk"));
        }
    }

    /**
     * Gives a name to an environment that is there, as {@link #publish} does; returns empty, and changes nothing, when it is not there or not
     * whole.
     */
    Optional<InstalledEnvironment> rename(Name name) {
        try (InterProcessLock _ = lockIndex(layout)) {
            return give(name);
        }
    }

    private Optional<InstalledEnvironment> give(Name name) {
        Optional<InstalledEnvironment> installed = EnvironmentFolders.find(layout, name.named());
        if (installed.isEmpty()) {
            return installed;
        }
        Optional<InstalledEnvironment> later = EnvironmentNames.read(name.file())
                .filter(recorded -> isLater(recorded.image(), name.named().image()))
                .map(recorded -> EnvironmentNames.shown(recorded, name.named().name()))
                .flatMap(recorded -> EnvironmentFolders.find(layout, recorded));
        if (later.isPresent()) {
            return later;
        }
        AtomicFiles.write(name.file(), name.named().toJson(), AtomicFiles.Durability.POWER);
        return installed;
    }

    /** Whoever asks first can be the last to have unpacked. A time that has not come yet was told by a clock that went wrong. */
    private boolean isLater(@Nullable ImageOrigin recorded, @Nullable ImageOrigin mine) {
        return recorded != null
                && mine != null
                && recorded.reference() != null
                && recorded.reference().equals(mine.reference())
                && recorded.pulledAt() > mine.pulledAt()
                && recorded.pulledAt() <= now();
    }

    private EnvironmentManifest seal(Path finished, Content content, NamedEnvironment named) throws IOException {
        Path image = EnvironmentLayout.image(finished);
        if (namespace.root()) {
            // Machines that root starts run as another user, whatever root's umask is.
            Files.setPosixFilePermissions(finished, PosixFilePermissions.fromString("rwxr-xr-x"));
            Files.setPosixFilePermissions(image, PosixFilePermissions.fromString("rw-r--r--"));
        }
        DiskUsage.flush(image);
        // Whatever changes the image's attributes is done by now.
        EnvironmentManifest manifest = new EnvironmentManifest(
                named.name(),
                named.version() == null ? "" : named.version(),
                named.digest(),
                named.source() == null ? "" : named.source(),
                content.distribution(),
                content.distributionVersion(),
                content.packages(),
                Files.size(image),
                DiskUsage.allocatedBytes(image),
                now(),
                FileStatus.of(image).stamp());
        AtomicFiles.write(EnvironmentLayout.manifest(finished), manifest.toJson(), AtomicFiles.Durability.POWER);
        return manifest;
    }

    /** Records that an image holds an environment; nothing happens when that is gone. */
    void record(ImageRecord image) {
        try (InterProcessLock _ = lockIndex(layout)) {
            if (EnvironmentFolders.open(layout.directory(image.treeDigest())).isPresent()) {
                write(image);
            }
        }
    }

    private void write(ImageRecord image) {
        AtomicFiles.write(layout.imageRecord(image.manifestDigest()), image.toJson(), AtomicFiles.Durability.POWER);
    }
}
