package dev.pyro.model;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a workspace's files started from.
 *
 * @param mode where they came from
 * @param seedPath the path on the host, or null when there was none
 * @param entryCount files, directories and links
 * @param bytesWritten bytes of content
 * @param skipped names of sockets, FIFOs and devices of a directory that were left out, at most {@value #MAX_SKIPPED_NAMES} of them
 * @param skippedCount how many were left out
 */
public record WorkspaceSeed(
        SeedMode mode,
        @Nullable String seedPath,
        long entryCount,
        long bytesWritten,
        List<String> skipped,
        long skippedCount) {
    public static final int MAX_SKIPPED_NAMES = 20;

    /** Nothing. */
    public static final WorkspaceSeed NONE = new WorkspaceSeed(SeedMode.EMPTY, null, 0, 0, List.of(), 0);

    public WorkspaceSeed {
        skipped = List.copyOf(skipped);
    }
}
