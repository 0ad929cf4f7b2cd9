package dev.pyro.tar;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One entry of a tar stream.
 *
 * @param path its name, raw
 * @param kind what it is
 * @param mode permission bits with setuid, setgid and sticky
 * @param uid the user's number, or {@link #NO_NUMBER}
 * @param gid the group's number, or {@link #NO_NUMBER}
 * @param size bytes of content, holes included; 0 unless it is a file
 * @param mtimeSeconds whole seconds since the epoch
 * @param target of a link, raw; empty for everything else
 * @param xattrs extended attributes by their raw names; nobody changes the values
 * @param device which device it is, or null when it is none or no number can be read
 * @param sparse where it has content, or null when everywhere
 */
public record TarEntry(
        String path,
        EntryKind kind,
        int mode,
        long uid,
        long gid,
        long size,
        long mtimeSeconds,
        String target,
        Map<String, byte[]> xattrs,
        @Nullable Device device,
        @Nullable SparseMap sparse) {
    /** In place of an owner's number that cannot be read or is negative. */
    public static final long NO_NUMBER = -1;

    /** The numbers of a device. */
    public record Device(long major, long minor) {}

    /** An entry of root's without attributes. */
    public TarEntry(
            String path,
            EntryKind kind,
            int mode,
            long size,
            long mtimeSeconds,
            String target,
            @Nullable SparseMap sparse) {
        this(path, kind, mode, 0, 0, size, mtimeSeconds, target, Map.of(), null, sparse);
    }

    /** Returns how many bytes of content follow the header. */
    public long storedBytes() {
        return sparse == null ? size : sparse.dataBytes();
    }

    public TarEntry withPath(String newPath) {
        return new TarEntry(newPath, kind, mode, uid, gid, size, mtimeSeconds, target, xattrs, device, sparse);
    }

    public TarEntry withMode(int newMode) {
        return new TarEntry(path, kind, newMode, uid, gid, size, mtimeSeconds, target, xattrs, device, sparse);
    }

    public TarEntry withSeconds(long newMtimeSeconds) {
        return new TarEntry(path, kind, mode, uid, gid, size, newMtimeSeconds, target, xattrs, device, sparse);
    }

    public TarEntry withTarget(String newTarget) {
        return new TarEntry(path, kind, mode, uid, gid, size, mtimeSeconds, newTarget, xattrs, device, sparse);
    }

    TarEntry withHoles(long realSize, SparseMap map) {
        return new TarEntry(path, kind, mode, uid, gid, realSize, mtimeSeconds, target, xattrs, device, map);
    }

    /** Returns the same entry with the holes of another one of the same size. */
    public TarEntry withHolesOf(TarEntry other) {
        return new TarEntry(path, kind, mode, uid, gid, other.size, mtimeSeconds, target, xattrs, device, other.sparse);
    }

    /** Returns the same entry of root's and without attributes. */
    public TarEntry ofRoot() {
        return new TarEntry(path, kind, mode, size, mtimeSeconds, target, sparse);
    }
}
