package dev.pyro.image;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * A root file system that was made of an image's layers.
 *
 * @param rootfsImage its raw ext4 image
 * @param digest what it contains: the same as for an environment that is built from packages
 * @param bytes the sum of the sizes of its files
 * @param entries how many files, folders and links there are
 * @param user who the image's user is in its own {@code /etc/passwd} and {@code /etc/group}; empty when that cannot be told
 * @param osRelease the fields of its {@code os-release}; empty when it has none
 */
public record Unpacked(
        Path rootfsImage,
        String digest,
        long bytes,
        long entries,
        Optional<OwnerIds> user,
        Map<String, String> osRelease) {
    public Unpacked {
        osRelease = Map.copyOf(osRelease);
    }
}
