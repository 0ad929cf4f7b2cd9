package dev.pyro.workspace.seed;

/** What an entry of a tree or an archive is. */
enum EntryKind {
    FILE,
    DIRECTORY,
    SYMLINK,
    /** Another name of a file that comes earlier. */
    HARD_LINK
}
