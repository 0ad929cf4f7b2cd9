package dev.pyro.workspace.diff;

import dev.pyro.agent.GuestFileKind;
import dev.pyro.agent.GuestText;
import dev.pyro.model.ChangeStatus;
import dev.pyro.model.PyroException;
import dev.pyro.workspace.diff.FilePatch.Action;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.SequencedSet;
import java.util.Set;
import java.util.TreeMap;

/** Checks the parts of one patch against the files and against each other, and collects what they come to. */
final class PatchCheck {
    private static final int EXECUTE_BITS = 0111;
    private static final int READ_BITS = 0444;
    private static final int NEW_FILE = 0644;
    private static final int NEW_PROGRAM = 0755;
    private static final int MAX_TARGET_BYTES = 4_095;

    private final Patch patch;
    private final KnownFiles files;
    private final HunkPlacement placement = new HunkPlacement();
    private final SequencedSet<String> deleted = new LinkedHashSet<>();
    private final Set<String> kept = new HashSet<>();
    private final Map<String, FileChange> changed = new LinkedHashMap<>();
    private final Map<String, ChangeStatus> statuses = new TreeMap<>(PathNames.BYTE_ORDER);
    private long resultBytes;

    PatchCheck(Patch patch, CurrentFiles files) {
        this.patch = patch;
        this.files = new KnownFiles(files);
    }

    PatchPlan plan() {
        for (FilePatch file : patch.files()) {
            (file.action() == Action.DELETE ? deleted : kept).add(file.path());
        }
        patch.files().forEach(this::check);
        EmptiedDirectories emptied = new EmptiedDirectories(files, deleted, kept);
        for (FilePatch file : patch.files()) {
            boolean blocked = file.action() == Action.CREATE
                    && files.isDirectory(file.path())
                    && !emptied.paths().contains(file.path());
            if (blocked) {
                throw refused(file, "there is a directory, which the patch does not empty");
            }
        }
        List<FileChange> changes = new ArrayList<>();
        deleted.forEach(path -> changes.add(new FileChange.Delete(path, false)));
        emptied.paths().forEach(path -> changes.add(new FileChange.Delete(path, true)));
        changes.addAll(changed.values());
        List<PatchPlan.Entry> entries = statuses.entrySet().stream()
                .map(entry -> new PatchPlan.Entry(entry.getKey(), entry.getValue()))
                .toList();
        return new PatchPlan(changes, entries, PatchPlan.Summary.of(entries));
    }

    private void check(FilePatch file) {
        checkWay(file);
        switch (file.action()) {
            case CREATE -> create(file);
            case MODIFY -> modify(file);
            case DELETE -> delete(file);
            case CHANGE_MODE -> changeMode(file);
        }
    }

    /** Checks what is above the path: directories, or nothing yet. */
    private void checkWay(FilePatch file) {
        TreeEntry obstacle = files.obstacle(file.path());
        boolean goes = obstacle != null && file.action() == Action.CREATE && deleted.contains(obstacle.path());
        if (obstacle != null && !goes) {
            String what = obstacle.kind() == GuestFileKind.SYMLINK ? "a symbolic link" : "no directory";
            throw refused(file, PatchRefusal.shown(obstacle.path()) + " is " + what);
        }
        for (String ancestor : PathNames.ancestors(file.path())) {
            if (file.action() != Action.DELETE && kept.contains(ancestor)) {
                throw PatchRefusal.of(
                        file.line(),
                        "the patch has " + PatchRefusal.shown(ancestor) + " both as a file and as the directory of "
                                + file.label());
            }
        }
    }

    private void create(FilePatch file) {
        TreeEntry entry = files.entry(file.path());
        boolean replaces = deleted.contains(file.path());
        if (entry != null && !entry.isDirectory() && !replaces) {
            throw refused(file, "the patch makes it, and it is there already");
        }
        byte[] content =
                file.hunks().isEmpty() ? new byte[0] : file.hunks().getFirst().newImage(patch.text());
        count(file, content);
        if (file.newMode() == GitBlob.SYMLINK) {
            changed.put(file.path(), new FileChange.Link(file.path(), target(file, content)));
        } else {
            int mode = file.newMode() == GitBlob.EXECUTABLE ? NEW_PROGRAM : NEW_FILE;
            changed.put(file.path(), new FileChange.Write(file.path(), mode, content));
        }
        statuses.put(file.path(), replaces ? ChangeStatus.MODIFIED : ChangeStatus.ADDED);
    }

    private void modify(FilePatch file) {
        TreeEntry entry = existing(file);
        byte[] content = placement.apply(file, content(file, entry), patch.text());
        count(file, content);
        if (file.isLink()) {
            changed.put(file.path(), new FileChange.Link(file.path(), target(file, content)));
        } else {
            changed.put(file.path(), new FileChange.Write(file.path(), mode(file, entry), content));
        }
        statuses.put(file.path(), ChangeStatus.MODIFIED);
    }

    private void changeMode(FilePatch file) {
        TreeEntry entry = existing(file);
        changed.put(file.path(), new FileChange.Mode(file.path(), mode(file, entry)));
        statuses.put(file.path(), ChangeStatus.MODIFIED);
    }

    private void delete(FilePatch file) {
        TreeEntry entry = existing(file);
        byte[] content = content(file, entry);
        byte[] expected =
                file.hunks().isEmpty() ? new byte[0] : file.hunks().getFirst().oldImage(patch.text());
        if (!Arrays.equals(content, expected)) {
            int line = file.hunks().isEmpty()
                    ? file.line()
                    : file.hunks().getFirst().line();
            throw PatchRefusal.notApplicable(
                    line, file.label() + " is to be deleted, and its content is not what the patch deletes");
        }
        statuses.put(file.path(), ChangeStatus.DELETED);
    }

    private TreeEntry existing(FilePatch file) {
        TreeEntry entry = files.entry(file.path());
        if (entry == null) {
            throw refused(file, "it does not exist");
        }
        GuestFileKind wanted = file.isLink() ? GuestFileKind.SYMLINK : GuestFileKind.FILE;
        if (entry.kind() != wanted) {
            String is = switch (entry.kind()) {
                case FILE -> "a regular file";
                case DIRECTORY -> "a directory";
                case SYMLINK -> "a symbolic link";
                case OTHER -> "a device, FIFO or socket";
            };
            throw refused(
                    file,
                    "it is " + is + ", and the patch is for " + (file.isLink() ? "a symbolic link" : "a regular file"));
        }
        return entry;
    }

    private byte[] content(FilePatch file, TreeEntry entry) {
        if (entry.kind() == GuestFileKind.SYMLINK) {
            return GuestText.encode(entry.linkTarget());
        }
        byte[] content = entry.sizeBytes() > PatchPlan.MAX_FILE_BYTES
                ? null
                : files.content(file.path(), PatchPlan.MAX_FILE_BYTES);
        if (content == null || content.length > PatchPlan.MAX_FILE_BYTES) {
            throw refused(file, "it has more than " + PatchPlan.MAX_FILE_BYTES + " bytes");
        }
        return content;
    }

    private static int mode(FilePatch file, TreeEntry entry) {
        return switch (file.newMode()) {
            // Whoever may read it may run it.
            case GitBlob.EXECUTABLE -> entry.mode() | (entry.mode() & READ_BITS) >> 2;
            case GitBlob.FILE -> entry.mode() & ~EXECUTE_BITS;
            default -> entry.mode();
        };
    }

    private static String target(FilePatch file, byte[] content) {
        if (content.length == 0 || content.length > MAX_TARGET_BYTES) {
            throw PatchRefusal.of(file.line(), "the link " + file.label() + " would have no target, or one too long");
        }
        return GuestText.decode(content);
    }

    private void count(FilePatch file, byte[] content) {
        resultBytes += content.length;
        if (resultBytes > PatchPlan.MAX_RESULT_BYTES) {
            throw PatchRefusal.notApplicable(
                    file.line(),
                    "the files that it changes have more than " + PatchPlan.MAX_RESULT_BYTES
                            + " bytes together; cut it in parts");
        }
    }

    private static PyroException refused(FilePatch file, String problem) {
        return PatchRefusal.notApplicable(file.line(), file.label() + ": " + problem);
    }
}
