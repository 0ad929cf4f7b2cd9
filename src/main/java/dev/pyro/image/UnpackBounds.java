package dev.pyro.image;

import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import dev.pyro.tar.BadArchiveException;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How much an image may hold.
 *
 * @param bytes of all its layers, unpacked
 * @param isRatio whether that is because it takes so little as it was fetched
 * @param fileBytes of its files, holes included: they take no room in a layer, and none on a disk
 * @param entries of all its layers, and names in its tree
 * @param nameBytes of the names in its tree, with the targets of links: they are held in memory
 */
record UnpackBounds(long bytes, boolean isRatio, long fileBytes, int entries, long nameBytes) {
    /** The variable that says how many MiB an image may have when it is unpacked. */
    static final String MAX_IMAGE_MIB = "PYRO_MAX_IMAGE_MIB";

    private static final String REMEDY = "; raise " + MAX_IMAGE_MIB + " when it is to be trusted";

    static final int MAX_LAYERS = 128;
    static final int MAX_ENTRIES = 1_000_000;
    static final long MAX_NAME_BYTES = 64L << 20;

    private static final long DEFAULT_IMAGE_MIB = 65_536;
    private static final long MOST_IMAGE_MIB = 1L << 30;

    /** Below this, an image may be compressed as well as it likes. */
    private static final long FREE_BYTES = 8L << 30;

    private static final long MAX_RATIO = 200;

    /** Names may take this part of the heap; a node takes about 50 bytes beside its name. */
    private static final long HEAP_SHARE = 6;

    /**
     * Returns the bounds of an image.
     *
     * @param compressedBytes what its layers take as they were fetched
     * @throws PyroException {@link ErrorCode#INVALID_ARGUMENT} when the variable is malformed
     */
    static UnpackBounds of(Map<String, String> environment, long compressedBytes) {
        long bytes = maxMib(environment) << 20;
        long ratio = compressedBytes > Long.MAX_VALUE / MAX_RATIO ? Long.MAX_VALUE : compressedBytes * MAX_RATIO;
        long expected = Math.max(FREE_BYTES, ratio);
        return new UnpackBounds(
                Math.min(bytes, expected),
                expected < bytes,
                bytes,
                MAX_ENTRIES,
                Math.min(MAX_NAME_BYTES, Runtime.getRuntime().maxMemory() / HEAP_SHARE));
    }

    /** Returns the refusal of an image that is larger. */
    BadArchiveException tooLarge() {
        String size = "the image has more than " + (bytes >> 20) + " MiB when it is unpacked, ";
        return new BadArchiveException(
                isRatio
                        ? size + "which is " + MAX_RATIO + " times what was fetched: no honest image is like that"
                        : size + "which are allowed" + REMEDY);
    }

    /** Returns the refusal of an image whose files are larger, holes included. */
    BadArchiveException filesTooLarge() {
        return new BadArchiveException("the image's files have more than " + (fileBytes >> 20)
                + " MiB, holes included, which are allowed" + REMEDY);
    }

    private static long maxMib(Map<String, String> environment) {
        String text = environment.getOrDefault(MAX_IMAGE_MIB, "");
        if (text.isEmpty()) {
            return DEFAULT_IMAGE_MIB;
        }
        try {
            long mib = Long.parseLong(text);
            if (mib > 0 && mib <= MOST_IMAGE_MIB) {
                return mib;
            }
        } catch (NumberFormatException e) {
            throw malformed(text, e);
        }
        throw malformed(text, null);
    }

    private static PyroException malformed(String text, @Nullable Throwable cause) {
        return new PyroException(
                ErrorCode.INVALID_ARGUMENT,
                MAX_IMAGE_MIB + " is `" + text + "`, which is no number of MiB from 1 to " + MOST_IMAGE_MIB,
                cause);
    }
}
