package dev.pyro.model;

import java.util.Locale;

/** How an entry differs from what it was. */
public enum ChangeStatus {
    ADDED,
    MODIFIED,
    DELETED,
    /** It is another kind of thing now, such as a link that was a file. */
    TYPE_CHANGED;

    /** Returns the name that payloads carry. */
    public String wireName() {
        return name().toLowerCase(Locale.ROOT);
    }
}
