package dev.pyro.oci;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * An image in a file that {@code docker save} wrote.
 *
 * @param file the file, absolute
 * @param reference which of its images, as one of its tags says, or null for the only one
 */
public record ArchiveReference(Path file, @Nullable String reference) implements ImageReference {
    public ArchiveReference {
        file = file.toAbsolutePath().normalize();
    }

    @Override
    public String canonical() {
        return ReferenceParser.ARCHIVE_PREFIX + file + (reference == null ? "" : ":" + reference);
    }

    @Override
    public String familiar() {
        return canonical();
    }

    @Override
    public String toString() {
        return canonical();
    }
}
