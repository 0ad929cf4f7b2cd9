package dev.pyro.workspace.diff;

import dev.pyro.model.PyroException;
import dev.pyro.workspace.diff.FilePatch.Action;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What the lines above a file's hunks say; they are collected first and judged together. */
final class PatchHeader {
    private static final int OCTAL = 8;
    private static final int SUBMODULE = 0160000;

    private final int line;
    private final boolean git;
    private final @Nullable String gitName;
    private PatchNames.@Nullable Side old;
    private PatchNames.@Nullable Side now;
    private int oldMode;
    private int newMode;
    private int indexMode;
    private int createdMode;
    private int deletedMode;

    private PatchHeader(int line, boolean git, @Nullable String gitName) {
        this.line = line;
        this.git = git;
        this.gitName = gitName;
    }

    /** Reads the lines from {@code diff --git} or {@code ---} on; afterwards the current line is the first behind them. */
    static PatchHeader parse(PatchLines lines) {
        boolean git = lines.startsWith("diff --git ");
        String text = lines.text();
        PatchHeader header = new PatchHeader(
                lines.number(), git, git ? PatchNames.ofGitLine(text.substring("diff --git ".length())) : null);
        if (git) {
            lines.next();
            while (!lines.isDone() && header.readGitLine(lines)) {
                lines.next();
            }
        }
        if (!lines.isDone() && lines.startsWith("--- ") && lines.followingStartsWith("+++ ")) {
            header.old = PatchNames.side(lines.text().substring(4), lines.number());
            lines.next();
            header.now = PatchNames.side(lines.text().substring(4), lines.number());
            lines.next();
        }
        return header;
    }

    /** Returns the path, checked; the headers must agree about it. */
    String path() {
        return PatchNames.check(uncheckedPath(), line);
    }

    private String uncheckedPath() {
        if (old == null || now == null) {
            if (gitName == null) {
                throw malformed("the two names of 'diff --git' are not one and the same file's");
            }
            return gitName;
        }
        String path = named(old.name(), now.name());
        if (git && !path.equals(gitName)) {
            throw malformed("'diff --git' and the lines below name different files");
        }
        return path;
    }

    private String named(@Nullable String before, @Nullable String after) {
        if (before == null && after == null) {
            throw malformed("both names are /dev/null");
        }
        if (before == null) {
            return PatchNames.withoutPrefix(Objects.requireNonNull(after), "b/", gitName);
        }
        if (after == null) {
            return PatchNames.withoutPrefix(before, "a/", gitName);
        }
        String path = PatchNames.common(before, after);
        if (path == null) {
            throw malformed("the names " + PatchRefusal.shown(before) + " and " + PatchRefusal.shown(after)
                    + " differ; renames are not taken, and prefixes are a/ and b/");
        }
        return path;
    }

    FilePatch build(String path, List<Hunk> hunks) {
        boolean nothingBefore = !hunks.isEmpty()
                && hunks.getFirst().oldStart() == 0
                && hunks.getFirst().oldCount() == 0;
        boolean nothingAfter = !hunks.isEmpty()
                && hunks.getFirst().newStart() == 0
                && hunks.getFirst().newCount() == 0;
        boolean creates = createdMode != 0 || (old != null && (old.name() == null || (old.epoch() && nothingBefore)));
        boolean deletes = deletedMode != 0 || (now != null && (now.name() == null || (now.epoch() && nothingAfter)));
        boolean contradiction = (creates && deletes)
                || ((creates || deletes) && (oldMode != 0 || newMode != 0))
                || (createdMode != 0 && old != null && old.name() != null)
                || (deletedMode != 0 && now != null && now.name() != null)
                || ((oldMode == 0) != (newMode == 0));
        if (contradiction) {
            throw malformed("the headers of " + PatchRefusal.shown(path) + " contradict each other");
        }
        if (creates) {
            return creation(path, hunks, nothingBefore);
        }
        return deletes ? deletion(path, hunks, nothingAfter) : modification(path, hunks);
    }

    private FilePatch creation(String path, List<Hunk> hunks, boolean nothingBefore) {
        int mode = createdMode == 0 ? GitBlob.FILE : createdMode;
        boolean whole = hunks.size() == 1 && nothingBefore;
        boolean empty = hunks.isEmpty() && createdMode != 0 && old == null && mode != GitBlob.SYMLINK;
        if (!whole && !empty) {
            throw malformed("the new file " + PatchRefusal.shown(path) + " is not one hunk of added lines");
        }
        return new FilePatch(path, Action.CREATE, line, 0, mode, hunks);
    }

    private FilePatch deletion(String path, List<Hunk> hunks, boolean nothingAfter) {
        int mode = deletedMode == 0 ? GitBlob.FILE : deletedMode;
        boolean whole = hunks.size() == 1 && nothingAfter;
        boolean empty = hunks.isEmpty() && deletedMode != 0 && now == null && mode != GitBlob.SYMLINK;
        if (!whole && !empty) {
            throw malformed("the deleted file " + PatchRefusal.shown(path) + " is not one hunk of removed lines");
        }
        return new FilePatch(path, Action.DELETE, line, mode, 0, hunks);
    }

    private FilePatch modification(String path, List<Hunk> hunks) {
        if ((oldMode == GitBlob.SYMLINK) != (newMode == GitBlob.SYMLINK)) {
            throw malformed("a change of the kind of " + PatchRefusal.shown(path)
                    + " must be written as a deletion and a new file");
        }
        int before = oldMode == 0 ? indexMode : oldMode;
        if (!hunks.isEmpty()) {
            return new FilePatch(path, Action.MODIFY, line, before, newMode, hunks);
        }
        if (old != null || oldMode == newMode) {
            throw malformed("nothing is said of what changes in " + PatchRefusal.shown(path));
        }
        return new FilePatch(path, Action.CHANGE_MODE, line, before, newMode, hunks);
    }

    /** Takes one of git's own lines; false when it is none. */
    private boolean readGitLine(PatchLines lines) {
        String text = lines.text();
        int number = lines.number();
        if (text.startsWith("old mode ")) {
            oldMode = mode(text, "old mode ", oldMode, number);
        } else if (text.startsWith("new mode ")) {
            newMode = mode(text, "new mode ", newMode, number);
        } else if (text.startsWith("new file mode ")) {
            createdMode = mode(text, "new file mode ", createdMode, number);
        } else if (text.startsWith("deleted file mode ")) {
            deletedMode = mode(text, "deleted file mode ", deletedMode, number);
        } else if (text.startsWith("index ")) {
            int blank = text.indexOf(' ', "index ".length());
            if (blank >= 0) {
                indexMode = mode(text, text.substring(0, blank + 1), indexMode, number);
            }
        } else if (text.startsWith("rename ")) {
            throw PatchRefusal.of(number, "renames are not taken; make the patch with git diff --no-renames");
        } else if (text.startsWith("copy ")) {
            throw PatchRefusal.of(number, "copies are not taken; make the patch with git diff --no-renames");
        } else {
            return text.startsWith("dissimilarity index ") || text.startsWith("similarity index ");
        }
        return true;
    }

    private static int mode(String text, String prefix, int known, int number) {
        String digits = text.substring(prefix.length()).strip();
        int mode = digits.matches("[0-7]{1,7}") ? Integer.parseInt(digits, OCTAL) : 0;
        if (mode == SUBMODULE) {
            throw PatchRefusal.of(number, "submodules are not taken (mode 160000)");
        }
        if (mode != GitBlob.FILE && mode != GitBlob.EXECUTABLE && mode != GitBlob.SYMLINK) {
            throw PatchRefusal.of(number, "the mode is none of 100644, 100755 and 120000");
        }
        if (known != 0) {
            throw PatchRefusal.of(number, "the mode is said twice");
        }
        return mode;
    }

    private PyroException malformed(String problem) {
        return PatchRefusal.of(line, problem);
    }
}
