package dev.pyro.environment;

import dev.pyro.json.JsonFormatException;
import dev.pyro.store.AtomicFiles;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;

/** Opens the folders of installed environments. Stateless. */
final class EnvironmentFolders {
    private EnvironmentFolders() {}

    /** Returns what a folder holds; empty when it is not whole. */
    static Optional<EnvironmentManifest> open(Path directory) {
        Path file = EnvironmentLayout.manifest(directory);
        try {
            EnvironmentManifest manifest = EnvironmentManifest.read(file);
            return manifest.digest().equals(EnvironmentLayout.digestOf(directory))
                            && manifest.describes(EnvironmentLayout.image(directory))
                    ? Optional.of(manifest)
                    : Optional.empty();
        } catch (NoSuchFileException | JsonFormatException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw AtomicFiles.failure("read", file, e);
        }
    }

    /** Returns an environment under its name; empty when the folder is not whole. */
    static Optional<InstalledEnvironment> find(EnvironmentLayout layout, NamedEnvironment named) {
        Path directory = layout.directory(named.digest());
        return open(directory)
                .map(manifest -> new InstalledEnvironment(
                        named.name(),
                        named.version() == null ? manifest.version() : named.version(),
                        manifest.digest(),
                        named.source() == null ? manifest.source() : named.source(),
                        directory,
                        EnvironmentLayout.manifest(directory),
                        EnvironmentLayout.image(directory),
                        manifest.sizeBytes(),
                        named.image()));
    }
}
