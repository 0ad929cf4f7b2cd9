package dev.pyro.workspace.diff;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A path at which something may have changed.
 *
 * @param path the path
 * @param before what the baseline has there, null when nothing
 * @param after what the tree has there now, null when nothing
 */
public record Suspect(
        String path, @Nullable TreeEntry before, @Nullable TreeEntry after) {
    public Suspect {
        Objects.requireNonNull(path, "path");
        if (before == null && after == null) {
            throw new IllegalArgumentException("nothing before and nothing after");
        }
    }

    /** Tells whether the comparison may ask for the baseline's content, so that a caller can fetch many at once. */
    public boolean readsBaseline() {
        return isSmallFile(before) && !staysWithoutText();
    }

    /** Tells whether the comparison may ask for the content of now. */
    public boolean readsCurrent() {
        return isSmallFile(after) && !staysWithoutText();
    }

    /** Tells whether the comparison asks {@link FileContents#sameContent}: two large files of one size. */
    public boolean needsDigest() {
        return before != null
                && after != null
                && before.isFile()
                && after.isFile()
                && before.sizeBytes() == after.sizeBytes()
                && before.sizeBytes() > TreeDiff.MAX_TEXT_BYTES;
    }

    /** Tells whether one side is a file too large for a text diff. */
    private boolean staysWithoutText() {
        return isLargeFile(before) || isLargeFile(after);
    }

    private static boolean isSmallFile(@Nullable TreeEntry entry) {
        return entry != null && entry.isFile() && entry.sizeBytes() <= TreeDiff.MAX_TEXT_BYTES;
    }

    private static boolean isLargeFile(@Nullable TreeEntry entry) {
        return entry != null && entry.isFile() && entry.sizeBytes() > TreeDiff.MAX_TEXT_BYTES;
    }
}
