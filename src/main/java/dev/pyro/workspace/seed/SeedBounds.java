package dev.pyro.workspace.seed;

/**
 * How much may go into a workspace at once.
 *
 * @param bytes of content
 * @param entries files, directories and links
 */
record SeedBounds(long bytes, long entries) {
    static final long MAX_ENTRIES = 1_000_000;

    /** Names of all entries together; they are held in memory. */
    static final long MAX_NAME_BYTES = 96L << 20;

    SeedBounds {
        entries = Math.min(entries, MAX_ENTRIES);
    }
}
