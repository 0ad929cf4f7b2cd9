package dev.pyro.workspace.seed;

import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Looks at what the caller wants to put into a workspace. Immutable.
 *
 * @param ownFolders folders of Pyro's own, which must not lie in a directory that is taken
 */
record SeedSources(List<Path> ownFolders) {
    SeedSources {
        ownFolders = List.copyOf(ownFolders);
    }

    /**
     * Finds out what a path is and checks all of it.
     *
     * @param scratch an existing folder for a list of names
     * @throws PyroException {@link ErrorCode#SEED_UNUSABLE}, {@link ErrorCode#ARCHIVE_REFUSED}
     */
    TreeSource check(Path path, Path scratch, SeedBounds bounds) {
        Path absolute = path.toAbsolutePath().normalize();
        if (Files.isDirectory(absolute)) {
            requireApart(absolute);
            return DirectorySource.check(absolute, scratch, bounds);
        }
        if (Files.isRegularFile(absolute)) {
            if (ArchiveSource.hasArchiveName(absolute)) {
                return ArchiveSource.check(absolute, bounds);
            }
            throw unusable(absolute, "it is neither a directory nor a .tar, .tar.gz or .tgz archive");
        }
        if (Files.exists(absolute)) {
            throw unusable(absolute, "it is neither a directory nor a regular file");
        }
        try {
            // This says why: there is no such file, or it cannot be seen.
            Files.readAttributes(absolute, "size");
            throw unusable(absolute, "it changes while it is looked at; try again");
        } catch (IOException e) {
            throw unusable(absolute, DirectorySource.reason(e));
        }
    }

    private void requireApart(Path directory) {
        Path real = real(directory);
        for (Path own : ownFolders) {
            if (real(own).startsWith(real)) {
                throw unusable(directory, "Pyro's own folder " + own + " lies in it; choose a directory further down");
            }
        }
    }

    private static Path real(Path path) {
        try {
            return path.toRealPath();
        } catch (IOException e) {
            return path.toAbsolutePath().normalize();
        }
    }

    private static PyroException unusable(Path path, String why) {
        return new PyroException(ErrorCode.SEED_UNUSABLE, "cannot take files from " + path + ": " + why);
    }
}
