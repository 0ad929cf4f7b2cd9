package dev.pyro.workspace.seed;

import org.jspecify.annotations.Nullable;

/**
 * One entry of a tar stream.
 *
 * @param path its name, raw
 * @param kind what it is
 * @param mode permission bits with setuid, setgid and sticky
 * @param size bytes of content, holes included; 0 unless it is a file
 * @param mtimeSeconds whole seconds since the epoch
 * @param target of a link, raw; empty for everything else
 * @param sparse where it has content, or null when everywhere
 */
record TarEntry(
        String path,
        EntryKind kind,
        int mode,
        long size,
        long mtimeSeconds,
        String target,
        @Nullable SparseMap sparse) {
    /** Returns how many bytes of content follow the header. */
    long storedBytes() {
        return sparse == null ? size : sparse.dataBytes();
    }

    TarEntry withPath(String newPath) {
        return new TarEntry(newPath, kind, mode, size, mtimeSeconds, target, sparse);
    }

    TarEntry withMode(int newMode) {
        return new TarEntry(path, kind, newMode, size, mtimeSeconds, target, sparse);
    }

    TarEntry withTarget(String newTarget) {
        return new TarEntry(path, kind, mode, size, mtimeSeconds, newTarget, sparse);
    }
}
