package dev.pyro.oci;

import java.nio.file.Path;
import java.util.Optional;

/** Names an image that somebody else made: in a registry, in a layout's folder, or in an archive. Immutable. */
public sealed interface ImageReference permits RegistryReference, LayoutReference, ArchiveReference {
    /**
     * Reads a reference as a person writes it: {@code [HOST[:PORT]/]PATH[:TAG][@sha256:HEX]}, {@code oci:DIR[:TAG]} or {@code
     * docker-archive:FILE[:REFERENCE]}.
     *
     * @param workingDirectory what relative folders and files are relative to
     * @return the reference, or empty when the text is none
     */
    static Optional<ImageReference> parse(String text, Path workingDirectory) {
        return ReferenceParser.parse(text, workingDirectory);
    }

    /** Returns the one text that stands for this image, such as {@code docker.io/library/python:3.12-slim}. */
    String canonical();

    /** Returns the shortest text that is read as this image, such as {@code python:3.12-slim}. */
    String familiar();
}
