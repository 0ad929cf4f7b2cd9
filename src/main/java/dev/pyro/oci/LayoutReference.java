package dev.pyro.oci;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * An image in a folder that has the form of the OCI image layout.
 *
 * @param directory the folder, absolute
 * @param tag which of its images, or null for the only one
 */
public record LayoutReference(Path directory, @Nullable String tag) implements ImageReference {
    public LayoutReference {
        directory = directory.toAbsolutePath().normalize();
    }

    @Override
    public String canonical() {
        return ReferenceParser.LAYOUT_PREFIX + directory + (tag == null ? "" : ":" + tag);
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
