package dev.pyro.agent;

/**
 * One entry of a walk, as the guest tells it. Its path is relative, has no empty, {@code .} or {@code ..} component, comes after its
 * parent directory, and is unlike all others of its walk; what else it says is not to be believed.
 *
 * @param kind what it is
 * @param mode its permission bits
 * @param sizeBytes its size
 * @param modifiedNanos when it was changed last, in nanoseconds since 1970
 * @param changedNanos when anything about it was changed last, its name and mode too (ctime); a program in the guest cannot set it back
 * @param uid its owner
 * @param gid its group
 * @param links how many names its inode has
 * @param path relative to the walked place, empty for that itself; a byte that is no UTF-8 is the lone surrogate U+DC00 plus the byte
 * @param linkTarget where a symbolic link leads, written alike, possibly anywhere; empty for everything else
 * @param sha256 64 hex digits, or empty when there is no digest
 */
public record WalkEntry(
        GuestFileKind kind,
        int mode,
        long sizeBytes,
        long modifiedNanos,
        long changedNanos,
        long uid,
        long gid,
        long links,
        String path,
        String linkTarget,
        String sha256) {}
