package dev.pyro.environment;

import dev.pyro.os.HostEntropy;
import dev.pyro.store.PyroPaths;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.regex.Pattern;

/**
 * Where environments lie in the cache; {@code docs/state-format.md} describes it.
 *
 * @param paths the folders of this user
 */
record EnvironmentLayout(PyroPaths paths) {
    static final String STAGING_PREFIX = "environment";
    static final String TREE_STAGING_PREFIX = "environment-tree";
    static final String IMAGE_STAGING_PREFIX = "image";
    static final String LAYER_STAGING_PREFIX = "layer";
    static final String DOCKERFILE_STAGING_PREFIX = "dockerfile";
    static final String TREE_PREFIX = "tree-";

    /** The byte of the index's lock that is held for the moments in which environments get or lose their names. */
    static final long INDEX = 0;

    /** The byte of the index's lock that is held while environments that have lost theirs are deleted. */
    static final long DOOMED = 1;

    private static final String DIGEST_PREFIX = "sha256:";
    private static final String DOOMED_PREFIX = ".doomed-";
    private static final int SUFFIX_BYTES = 6;
    private static final String IMAGE_NAME_PREFIX = "image-";
    private static final Pattern IMAGE_NAME = Pattern.compile("image-[0-9a-f]{64}\\.json");
    private static final Pattern DIGEST = Pattern.compile("sha256:[0-9a-f]{64}");
    private static final Pattern DIRECTORY = Pattern.compile("[0-9a-f]{64}");

    /** Returns the folder of an installed environment. */
    Path directory(String digest) {
        if (!DIGEST.matcher(digest).matches()) {
            throw new IllegalArgumentException("not a digest: " + digest);
        }
        return paths.environments().resolve(digest.substring(DIGEST_PREFIX.length()));
    }

    /** Tells whether a name in {@code environments/} is that of an installed environment. */
    static boolean isDirectoryName(String name) {
        return DIRECTORY.matcher(name).matches();
    }

    /** Returns a name beside it that an environment gets before it is deleted: no folder need be made for it. */
    static Path doomed(Path directory) {
        return directory.resolveSibling(DOOMED_PREFIX + directory.getFileName() + "-"
                + HexFormat.of().formatHex(HostEntropy.draw(SUFFIX_BYTES)));
    }

    /** Tells whether a name in {@code environments/} is such a one. */
    static boolean isDoomedName(String name) {
        return name.startsWith(DOOMED_PREFIX);
    }

    static boolean isDigest(String digest) {
        return DIGEST.matcher(digest).matches();
    }

    /** Returns the digest of which this is the folder. */
    static String digestOf(Path directory) {
        return DIGEST_PREFIX + directory.getFileName();
    }

    static Path manifest(Path directory) {
        return directory.resolve("environment.json");
    }

    static Path image(Path directory) {
        return directory.resolve("rootfs.ext4");
    }

    /** Returns the folder of the files that say which environment a name stands for. */
    Path names() {
        return paths.environments().resolve("names");
    }

    /** Returns the file that says which environment a name stands for. */
    Path name(String name) {
        return names().resolve(URLEncoder.encode(name, StandardCharsets.UTF_8).replace("*", "%2A") + ".json");
    }

    /** Returns the file that says which environment an image stands for; an encoded reference could pass the length of a file's name. */
    Path imageName(String canonicalReference) {
        return names().resolve(IMAGE_NAME_PREFIX + sha256(canonicalReference) + ".json");
    }

    /** Tells whether this is such a file. */
    static boolean isImageNameFile(Path file) {
        return IMAGE_NAME.matcher(file.getFileName().toString()).matches();
    }

    /** Returns the folder of the records of images. */
    Path images() {
        return paths.oci().resolve("images");
    }

    /** Returns the record of the image with this manifest. */
    Path imageRecord(String manifestDigest) {
        if (!isDigest(manifestDigest)) {
            throw new IllegalArgumentException("not a digest: " + manifestDigest);
        }
        return images().resolve(manifestDigest.substring(DIGEST_PREFIX.length()) + ".json");
    }

    /** Returns the folder of an environment's content, unpacked for one user. */
    static Path tree(Path directory, int uid) {
        return directory.resolve(TREE_PREFIX + uid);
    }

    /** Returns the folder of downloaded packages. */
    Path packages() {
        return paths.cache().resolve("packages");
    }

    /** Held while an environment is built; staging folders and downloaded packages belong to its holder. */
    Path buildLock() {
        return paths.cacheLocks().resolve("environment-build.lock");
    }

    /** Two locks, of {@link #INDEX} and of {@link #DOOMED}: a full disk has no room for one more file. */
    Path indexLock() {
        return paths.cacheLocks().resolve("environment-index.lock");
    }

    /** Held while an image is unpacked; its staging folders belong to its holder. */
    Path imageLock() {
        return paths.cacheLocks().resolve("image-install.lock");
    }

    /** Held while an environment is packed as a layer, likewise. */
    Path layerLock() {
        return paths.cacheLocks().resolve("image-layer.lock");
    }

    /** Held while an environment is built from a Dockerfile, likewise. */
    Path dockerfileLock() {
        return paths.cacheLocks().resolve("dockerfile-build.lock");
    }

    /** Held while a tree is unpacked. */
    Path treeLock() {
        return paths.cacheLocks().resolve("environment-tree.lock");
    }

    private static String sha256(String text) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
