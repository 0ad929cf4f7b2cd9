package dev.pyro.workspace.diff;

import dev.pyro.agent.GuestFileKind;
import dev.pyro.model.ChangeStatus;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Looks at suspects one after the other: has it changed, and what does the patch say of it? */
final class SuspectReview {
    private final FileContents contents;
    private int room;

    SuspectReview(FileContents contents, int maxPatchBytes) {
        this.contents = contents;
        this.room = maxPatchBytes;
    }

    /** Returns what changed; nothing when the suspect is as it was. */
    Optional<ReviewedChange> review(Suspect suspect) {
        TreeEntry before = suspect.before();
        TreeEntry after = suspect.after();
        if (before == null) {
            return Optional.of(change(suspect, ChangeStatus.ADDED, replacement(suspect)));
        }
        if (after == null) {
            return Optional.of(change(suspect, ChangeStatus.DELETED, replacement(suspect)));
        }
        if (before.kind() != after.kind()) {
            return Optional.of(change(suspect, ChangeStatus.TYPE_CHANGED, replacement(suspect)));
        }
        return switch (before.kind()) {
            case DIRECTORY, OTHER ->
                before.mode() == after.mode()
                        ? Optional.empty()
                        : Optional.of(change(suspect, ChangeStatus.MODIFIED, null));
            case SYMLINK -> reviewLink(suspect, before, after);
            case FILE -> reviewFile(suspect, before, after);
        };
    }

    private Optional<ReviewedChange> reviewLink(Suspect suspect, TreeEntry before, TreeEntry after) {
        if (before.linkTarget().equals(after.linkTarget())) {
            return Optional.empty();
        }
        return Optional.of(change(
                suspect,
                ChangeStatus.MODIFIED,
                section(suspect, GitBlob.ofLink(before.linkTarget()), GitBlob.ofLink(after.linkTarget()))));
    }

    private Optional<ReviewedChange> reviewFile(Suspect suspect, TreeEntry before, TreeEntry after) {
        GitBlob old = suspect.readsBaseline() ? baseline(before) : null;
        GitBlob now = suspect.readsCurrent() ? current(after) : null;
        boolean same;
        if (old != null && now != null) {
            same = Arrays.equals(old.content(), now.content());
        } else {
            same = suspect.needsDigest() && contents.sameContent(suspect.path());
        }
        if (!same) {
            byte[] section = old == null || now == null ? null : section(suspect, old, now);
            return Optional.of(change(suspect, ChangeStatus.MODIFIED, section));
        }
        if (before.mode() == after.mode()) {
            return Optional.empty();
        }
        int oldMode = GitBlob.modeOf(before.mode());
        int newMode = GitBlob.modeOf(after.mode());
        byte[] section = oldMode == newMode || !PathNames.isTakenByGit(suspect.path(), false)
                ? null
                : PatchWriter.modeSection(suspect.path(), oldMode, newMode);
        return Optional.of(change(suspect, ChangeStatus.MODIFIED, section));
    }

    /** Returns what the patch says of a path where something of git's came, went, or did both as another kind. */
    private byte @Nullable [] replacement(Suspect suspect) {
        TreeEntry before = suspect.before();
        TreeEntry after = suspect.after();
        if (hasNoGitForm(before) || hasNoGitForm(after) || room == 0) {
            return null;
        }
        GitBlob old = before == null ? null : blob(suspect, before, true);
        GitBlob now = after == null ? null : blob(suspect, after, false);
        boolean missing = (old == null && isLeaf(before)) || (now == null && isLeaf(after));
        return missing || (old == null && now == null) ? null : section(suspect, old, now);
    }

    private @Nullable GitBlob blob(Suspect suspect, TreeEntry entry, boolean ofBaseline) {
        return switch (entry.kind()) {
            case SYMLINK -> GitBlob.ofLink(entry.linkTarget());
            case FILE -> {
                if (ofBaseline) {
                    yield suspect.readsBaseline() ? baseline(entry) : null;
                }
                yield suspect.readsCurrent() ? current(entry) : null;
            }
            case DIRECTORY, OTHER -> null;
        };
    }

    private @Nullable GitBlob baseline(TreeEntry entry) {
        return contents.baseline(entry.path(), TreeDiff.MAX_TEXT_BYTES)
                .map(content -> new GitBlob(GitBlob.modeOf(entry.mode()), content))
                .orElse(null);
    }

    private @Nullable GitBlob current(TreeEntry entry) {
        return contents.current(entry.path(), TreeDiff.MAX_TEXT_BYTES)
                .map(content -> new GitBlob(GitBlob.modeOf(entry.mode()), content))
                .orElse(null);
    }

    private byte @Nullable [] section(Suspect suspect, @Nullable GitBlob old, @Nullable GitBlob now) {
        boolean link = (old != null && old.mode() == GitBlob.SYMLINK) || (now != null && now.mode() == GitBlob.SYMLINK);
        if (room == 0
                || !PathNames.isTakenByGit(suspect.path(), link)
                || (old != null && !old.isText())
                || (now != null && !now.isText())) {
            return null;
        }
        return PatchWriter.section(suspect.path(), old, now);
    }

    private ReviewedChange change(Suspect suspect, ChangeStatus status, byte @Nullable [] section) {
        if (section == null || room == 0) {
            return new ReviewedChange(suspect, status, "");
        }
        if (section.length > room) {
            room = 0;
            return new ReviewedChange(suspect, status, "");
        }
        room -= section.length;
        return new ReviewedChange(suspect, status, new String(section, StandardCharsets.UTF_8));
    }

    private static boolean hasNoGitForm(@Nullable TreeEntry entry) {
        return entry != null && entry.kind() == GuestFileKind.OTHER;
    }

    private static boolean isLeaf(@Nullable TreeEntry entry) {
        return entry != null && TreeComparison.isLeafOfGit(entry.kind());
    }
}
