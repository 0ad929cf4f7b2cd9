package dev.pyro.workspace.diff;

import java.util.List;

/**
 * What a patch does to one path.
 *
 * @param path the path, checked
 * @param action what it does
 * @param line the line of the patch at which it begins
 * @param oldMode git's mode before, 0 when the patch does not say
 * @param newMode git's mode after, 0 when the patch does not say
 * @param hunks the changes of the content, in their order
 */
record FilePatch(String path, Action action, int line, int oldMode, int newMode, List<Hunk> hunks) {
    enum Action {
        CREATE,
        MODIFY,
        DELETE,
        /** Nothing but the executable bit changes. */
        CHANGE_MODE
    }

    FilePatch {
        hunks = List.copyOf(hunks);
    }

    /** Tells whether this is about a symbolic link. */
    boolean isLink() {
        return oldMode == GitBlob.SYMLINK || newMode == GitBlob.SYMLINK;
    }

    /** Returns what the file patch is called in a message. */
    String label() {
        return PatchRefusal.shown(path);
    }
}
