package dev.pyro.agent;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.HexFormat;
import java.util.function.Consumer;

/**
 * Takes ENTRIES frames apart and checks that they are a walk: no path leads out, each entry comes after its directory, and none
 * comes twice. Keeps no more than one path for each level.
 */
final class WalkDecoder {
    private static final int LEVELS = Wire.MAX_WALK_LEVELS + 1;
    private static final int DIGEST_LENGTH = 32;
    private static final int MODE_BITS = 0b111_111_111_111;
    // Kind, mode, size, mtime, ctime, uid, gid, links, length of the path, length of the target, length of the digest.
    private static final int SHORTEST_ENTRY = 1 + 4 + 8 + 8 + 8 + 4 + 4 + 4 + 2 + 2 + 1;

    private final WalkRequest request;
    private final Deque<byte[]> directories = new ArrayDeque<>();
    private byte[] previous = new byte[0];
    private long count;

    WalkDecoder(WalkRequest request) {
        this.request = request;
    }

    long count() {
        return count;
    }

    /** Hands over the entries of one frame. */
    void decode(ByteBuffer payload, Consumer<WalkEntry> entries) throws ProtocolViolation {
        ByteBuffer in = payload.duplicate();
        while (in.hasRemaining()) {
            int length = in.remaining() < Integer.BYTES ? -1 : in.getInt();
            if (length < SHORTEST_ENTRY || length > in.remaining()) {
                throw new ProtocolViolation("a directory entry that is cut off");
            }
            ByteBuffer entry = in.slice(in.position(), length);
            in.position(in.position() + length);
            if (count >= request.maxEntries()) {
                throw new ProtocolViolation("more directory entries than were asked for");
            }
            WalkEntry decoded = entry(entry);
            count++;
            entries.accept(decoded);
        }
    }

    private WalkEntry entry(ByteBuffer in) throws ProtocolViolation {
        GuestFileKind kind = GuestFileKind.ofCode(in.get());
        if (kind == null) {
            throw new ProtocolViolation("a directory entry of an unknown kind");
        }
        int mode = in.getInt();
        long size = in.getLong();
        if ((mode & ~MODE_BITS) != 0 || size < 0) {
            throw new ProtocolViolation("a directory entry whose mode or size is out of range");
        }
        long modified = in.getLong();
        long changed = in.getLong();
        long uid = in.getInt() & 0xffff_ffffL;
        long gid = in.getInt() & 0xffff_ffffL;
        long links = in.getInt() & 0xffff_ffffL;
        byte[] path = bytes(in, Wire.MAX_PATH, "path");
        byte[] target = bytes(in, Wire.MAX_LINK_TARGET, "link target");
        int digestLength = in.hasRemaining() ? in.get() & 0xff : -1;
        if ((digestLength != 0 && digestLength != DIGEST_LENGTH) || in.remaining() != digestLength) {
            throw new ProtocolViolation("a directory entry whose digest is malformed");
        }
        byte[] digest = new byte[digestLength];
        in.get(digest);
        checkPath(path, kind);
        if ((kind == GuestFileKind.SYMLINK) != (target.length > 0)) {
            throw new ProtocolViolation("a directory entry with a link target that its kind does not allow");
        }
        return new WalkEntry(
                kind,
                mode,
                size,
                modified,
                changed,
                uid,
                gid,
                links,
                GuestText.decode(path),
                GuestText.decode(target),
                HexFormat.of().formatHex(digest));
    }

    private static byte[] bytes(ByteBuffer in, int longest, String what) throws ProtocolViolation {
        int length = in.remaining() < Short.BYTES ? -1 : in.getShort() & 0xffff;
        if (length < 0 || length > in.remaining() || length > longest) {
            throw new ProtocolViolation("a directory entry whose " + what + " is cut off or too long");
        }
        byte[] bytes = new byte[length];
        in.get(bytes);
        for (byte b : bytes) {
            if (b == 0) {
                throw new ProtocolViolation("a directory entry whose " + what + " holds a NUL");
            }
        }
        return bytes;
    }

    private void checkPath(byte[] path, GuestFileKind kind) throws ProtocolViolation {
        if (count == 0 && path.length != 0) {
            throw new ProtocolViolation("a walk that does not begin with the place itself");
        }
        if (count > 0) {
            int depth = checkComponents(path);
            if (depth > request.depth()) {
                throw new ProtocolViolation("a directory entry deeper than was asked for");
            }
            if (compare(previous, path) >= 0) {
                throw new ProtocolViolation("directory entries out of order");
            }
            int parent = Math.max(lastSlash(path), 0);
            while (!directories.isEmpty() && !isParent(directories.getLast(), path, parent)) {
                directories.removeLast();
            }
            if (directories.isEmpty()) {
                throw new ProtocolViolation("a directory entry without its directory");
            }
        }
        if (kind == GuestFileKind.DIRECTORY) {
            if (directories.size() > LEVELS) {
                throw new ProtocolViolation("more than " + Wire.MAX_WALK_LEVELS + " levels of directories");
            }
            directories.addLast(path);
        }
        previous = path;
    }

    /** Returns how many components the path has, after a look at each. */
    private static int checkComponents(byte[] path) throws ProtocolViolation {
        int components = 0;
        int start = 0;
        for (int i = 0; i <= path.length; i++) {
            if (i == path.length || path[i] == '/') {
                int length = i - start;
                boolean dots = length <= 2 && length > 0 && path[start] == '.' && path[i - 1] == '.';
                if (length == 0 || dots) {
                    throw new ProtocolViolation("a directory entry with the path '" + GuestText.printable(path) + "'");
                }
                components++;
                start = i + 1;
            }
        }
        return components;
    }

    private static boolean isParent(byte[] directory, byte[] path, int parent) {
        return directory.length == parent && Arrays.equals(directory, 0, parent, path, 0, parent);
    }

    private static int lastSlash(byte[] path) {
        int at = path.length - 1;
        while (at >= 0 && path[at] != '/') {
            at--;
        }
        return at;
    }

    /** Compares in the order of a walk: a slash comes before every other byte, so that a directory's content follows it at once. */
    private static int compare(byte[] left, byte[] right) {
        int at = Arrays.mismatch(left, right);
        if (at < 0 || at >= left.length || at >= right.length) {
            return left.length - right.length;
        }
        return rank(left[at]) - rank(right[at]);
    }

    private static int rank(byte b) {
        return b == '/' ? 0 : b & 0xff;
    }
}
