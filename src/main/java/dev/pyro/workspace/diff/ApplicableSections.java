package dev.pyro.workspace.diff;

import dev.pyro.agent.GuestFileKind;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Takes out of a patch what could not be applied because something that the patch cannot say stands in its way: a text file where a
 * directory with a binary file was, or a text file in a directory that takes a binary file's place.
 */
final class ApplicableSections {
    private final Set<String> cannotBeEmptied = new HashSet<>();
    private final Set<String> cannotBecomeDirectories = new HashSet<>();

    private ApplicableSections(List<ReviewedChange> changes) {
        Set<String> withDeletedChildren = new HashSet<>();
        for (ReviewedChange change : changes) {
            if (change.after() == null) {
                withDeletedChildren.add(PathNames.parent(change.path()));
            }
        }
        for (ReviewedChange change : changes) {
            boolean isDirectory = change.before() == GuestFileKind.DIRECTORY;
            boolean stays = isDirectory ? !withDeletedChildren.contains(change.path()) : !change.isPatched();
            if (change.after() == null && stays) {
                PathNames.ancestors(change.path()).forEach(cannotBeEmptied::add);
            }
            if (change.before() != null
                    && !isDirectory
                    && change.after() == GuestFileKind.DIRECTORY
                    && !change.isPatched()) {
                cannotBecomeDirectories.add(change.path());
            }
        }
    }

    static List<ReviewedChange> of(List<ReviewedChange> changes) {
        ApplicableSections sections = new ApplicableSections(changes);
        return changes.stream()
                .map(change -> sections.isApplicable(change) ? change : change.withoutSection())
                .toList();
    }

    private boolean isApplicable(ReviewedChange change) {
        boolean replacesDirectory = change.before() == GuestFileKind.DIRECTORY && change.after() != null;
        if (replacesDirectory && cannotBeEmptied.contains(change.path())) {
            return false;
        }
        return cannotBecomeDirectories.isEmpty()
                || change.before() != null
                || PathNames.ancestors(change.path()).stream().noneMatch(cannotBecomeDirectories::contains);
    }
}
