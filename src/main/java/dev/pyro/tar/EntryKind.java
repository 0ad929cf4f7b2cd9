package dev.pyro.tar;

/** What an entry of a tree or an archive is. */
public enum EntryKind {
    FILE,
    DIRECTORY,
    SYMLINK,
    /** Another name of a file that comes earlier. */
    HARD_LINK,
    CHARACTER_DEVICE,
    BLOCK_DEVICE,
    FIFO;

    /** Tells whether it is a device or a FIFO: something that holds nothing itself. */
    public boolean isSpecial() {
        return this == CHARACTER_DEVICE || this == BLOCK_DEVICE || this == FIFO;
    }
}
