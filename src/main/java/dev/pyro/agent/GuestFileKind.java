package dev.pyro.agent;

import org.jspecify.annotations.Nullable;

/** The kinds of directory entries. */
public enum GuestFileKind {
    FILE,
    DIRECTORY,
    SYMLINK,
    /** A device, FIFO or socket. */
    OTHER;

    static @Nullable GuestFileKind ofCode(int code) {
        return switch (code) {
            case 'f' -> FILE;
            case 'd' -> DIRECTORY;
            case 'l' -> SYMLINK;
            case 'o' -> OTHER;
            default -> null;
        };
    }
}
