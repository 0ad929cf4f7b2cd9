package dev.pyro.model;

import java.time.Instant;
import java.util.regex.Pattern;

/**
 * A state of a workspace's files that it can be reset to.
 *
 * @param name its name; {@value #BASELINE} for the state when the workspace was created
 * @param entryCount files, directories and links in it; in a machine, how many inodes are in use
 * @param bytesWritten how many bytes it takes
 * @param createdAt when it was taken
 */
public record Snapshot(String name, long entryCount, long bytesWritten, Instant createdAt) {
    public static final String BASELINE = "baseline";

    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,63}");

    /** Tells whether it is the state when the workspace was created, which cannot be deleted. */
    public boolean isBaseline() {
        return name.equals(BASELINE);
    }

    /** Returns {@code baseline} or {@code named}. */
    public String kind() {
        return isBaseline() ? BASELINE : "named";
    }

    /**
     * Checks the name of a snapshot.
     *
     * @throws PyroException {@link ErrorCode#INVALID_ARGUMENT}
     */
    public static String requireName(String name) {
        if (!NAME.matcher(name).matches()) {
            throw new PyroException(
                    ErrorCode.INVALID_ARGUMENT,
                    "snapshot_name must be a letter or digit and up to 63 letters, digits, \".\", \"_\" or \"-\", not \""
                            + Arguments.printable(name) + "\"");
        }
        return name;
    }
}
