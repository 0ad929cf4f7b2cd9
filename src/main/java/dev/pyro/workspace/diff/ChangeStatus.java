package dev.pyro.workspace.diff;

import java.util.Locale;

/** What happened at a path. */
public enum ChangeStatus {
    ADDED,
    MODIFIED,
    DELETED,
    /** Something of another kind stands there now. */
    TYPE_CHANGED;

    /** Returns the contract's word for it. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
