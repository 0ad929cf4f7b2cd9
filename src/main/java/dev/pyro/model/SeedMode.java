package dev.pyro.model;

import java.util.Locale;

/** Where files that are put into a workspace come from. */
public enum SeedMode {
    /** Nowhere: there are none. */
    EMPTY,
    /** A directory of the host. */
    DIRECTORY,
    /** A tar archive, compressed or not. */
    TAR_ARCHIVE;

    /** Returns the name that records and payloads carry. */
    public String wireName() {
        return name().toLowerCase(Locale.ROOT);
    }
}
