package dev.pyro.model;

import java.util.Locale;

/** Where a workspace is in its life. */
public enum WorkspaceState {
    /** Its machine runs; commands and file operations work. */
    STARTED,
    /** Its machine does not run: it was stopped, or the host was restarted. Its files are kept; disk tools work. */
    STOPPED,
    /** Its machine ended by itself. Its files are as after a power failure; {@code start} recovers them. */
    CRASHED;

    /** Returns the name that records and payloads carry. */
    public String wireName() {
        return name().toLowerCase(Locale.ROOT);
    }
}
