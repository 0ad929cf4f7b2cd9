package dev.pyro.model;

import java.util.Locale;

/** What an entry of a file system is. */
public enum ArtifactType {
    FILE,
    DIRECTORY,
    SYMLINK,
    /** A socket, a FIFO or a device. */
    OTHER;

    /** Returns the name that payloads carry. */
    public String wireName() {
        return name().toLowerCase(Locale.ROOT);
    }
}
