package dev.pyro.model;

import java.util.Locale;

/** Where a shell is in its life. */
public enum ShellState {
    /** Its process runs. */
    RUNNING,
    /** Its process has ended; what it wrote can still be read. */
    EXITED,
    /** It was closed: nothing is left of it. */
    CLOSED;

    /** Returns the name used in JSON and in human lines. */
    public String wireName() {
        return name().toLowerCase(Locale.ROOT);
    }
}
