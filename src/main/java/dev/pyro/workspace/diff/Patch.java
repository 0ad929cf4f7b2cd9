package dev.pyro.workspace.diff;

import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.SequencedSet;

/**
 * A unified patch of text files, as git or {@code diff -u} writes it: well formed, and without anything that is refused whatever the
 * files are. Immutable.
 *
 * <p>Names are taken without their prefixes {@code a/} and {@code b/}. A path is there once, but for a change of its kind, which is a
 * deletion and a new file.
 */
public final class Patch {
    /** The longest patch in bytes. */
    public static final int MAX_BYTES = 16 << 20;

    private final byte[] text;
    private final List<FilePatch> files;

    private Patch(byte[] text, List<FilePatch> files) {
        this.text = text;
        this.files = List.copyOf(files);
    }

    /** Whether a patch may change nothing but the mode of a file. */
    public enum ModeOnly {
        REFUSED,
        ALLOWED
    }

    /**
     * Reads a patch.
     *
     * @throws PyroException {@link ErrorCode#PATCH_REFUSED} for what is malformed, too long, or refused: binary patches, renames,
     *     copies, submodules, combined diffs, paths outside the workspace, a path that is there twice
     */
    public static Patch parse(byte[] text, ModeOnly modeOnly) {
        if (text.length > MAX_BYTES) {
            throw new PyroException(
                    ErrorCode.PATCH_REFUSED,
                    "the patch has " + text.length + " bytes, and at most " + MAX_BYTES
                            + " are taken; cut it in parts, or use sync push");
        }
        byte[] copy = text.clone();
        return new Patch(copy, PatchParser.parse(copy, modeOnly == ModeOnly.ALLOWED));
    }

    /** Returns every path that the patch is about, in its order, so that a caller can look at all of them at once. */
    public SequencedSet<String> paths() {
        SequencedSet<String> paths = new LinkedHashSet<>();
        files.forEach(file -> paths.add(file.path()));
        return paths;
    }

    /** Returns the paths whose content {@link PatchPlan#of} asks for, if they are regular files. */
    public SequencedSet<String> readPaths() {
        SequencedSet<String> paths = new LinkedHashSet<>();
        files.stream()
                .filter(file -> file.action() == FilePatch.Action.MODIFY || file.action() == FilePatch.Action.DELETE)
                .forEach(file -> paths.add(file.path()));
        return paths;
    }

    List<FilePatch> files() {
        return files;
    }

    /** Returns the bytes that the hunks point into. */
    byte[] text() {
        return text;
    }
}
