package dev.pyro.environment;

import dev.pyro.disk.DiskUsage;
import dev.pyro.os.BuildNamespace;
import dev.pyro.store.AtomicFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * The folders in which something is made. They have no owner to ask: whoever holds the lock under which such folders are made knows
 * that all he finds are left-overs, in whichever PID namespace their makers lived.
 *
 * @param layout where they are
 * @param namespace deletes what belongs to other ids
 */
record Staging(EnvironmentLayout layout, BuildNamespace namespace) {
    /** Deletes the folders with this prefix, under their lock, and returns how many bytes that were. */
    long delete(String prefix) {
        long freed = 0;
        for (Path staged : leftovers(prefix)) {
            freed += DiskUsage.allocatedBytes(staged);
            Leftovers.delete(namespace, staged);
        }
        return freed;
    }

    /** Returns the folders with this prefix. */
    List<Path> leftovers(String prefix) {
        return children(layout.paths().staging()).stream()
                .filter(staged -> staged.getFileName().toString().startsWith(prefix + "."))
                .toList();
    }

    /** Returns what is in a folder, sorted; nothing when there is no such folder. */
    static List<Path> children(Path folder) {
        try (Stream<Path> children = Files.list(folder)) {
            return children.sorted().toList();
        } catch (NoSuchFileException | NotDirectoryException e) {
            return List.of();
        } catch (IOException e) {
            throw AtomicFiles.failure("read", folder, e);
        }
    }
}
