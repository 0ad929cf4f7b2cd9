package dev.pyro.workspace.diff;

import dev.pyro.agent.GuestFileKind;
import dev.pyro.model.ChangeStatus;
import org.jspecify.annotations.Nullable;

/** A suspect that did change, with its part of the patch, which is empty when the change has no text form. */
record ReviewedChange(Suspect suspect, ChangeStatus status, String section) {
    String path() {
        return suspect.path();
    }

    boolean isPatched() {
        return !section.isEmpty();
    }

    @Nullable
    GuestFileKind before() {
        return suspect.before() == null ? null : suspect.before().kind();
    }

    @Nullable
    GuestFileKind after() {
        return suspect.after() == null ? null : suspect.after().kind();
    }

    ReviewedChange withoutSection() {
        return new ReviewedChange(suspect, status, "");
    }

    DiffEntry entry() {
        TreeEntry shown = suspect.after();
        if (shown == null) {
            shown = suspect.before();
        }
        if (shown == null) {
            throw new IllegalStateException("a suspect has a side");
        }
        return new DiffEntry(path(), status, shown.kind(), isPatched());
    }
}
