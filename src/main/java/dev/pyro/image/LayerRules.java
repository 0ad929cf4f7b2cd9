package dev.pyro.image;

import dev.pyro.tar.BadArchiveException;
import dev.pyro.tar.ByteText;
import dev.pyro.tar.EntryKind;
import dev.pyro.tar.TarEntry;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What one entry of a layer may be, whatever else there is: every refusal that needs no look at other entries, and what is kept of an entry. Pure.
 */
final class LayerRules {
    static final int MAX_PATH_BYTES = 4095;
    static final int MAX_COMPONENT_BYTES = 255;

    /** mke2fs looks through a whole folder for each name that it adds, and a folder of ext4 counts less than 65,000 subfolders. */
    static final int MAX_NAMES_IN_FOLDER = 60_000;

    static final int MAX_LEVELS = 128;
    static final int MAX_TARGET_BYTES = 4095;

    /** Without inodes for large values a file has one block for its attributes. */
    static final int MAX_XATTR_BYTES = 3 << 10;

    /** What the file system takes for an attribute beside its name and value. */
    private static final int XATTR_OVERHEAD = 24;

    /** The number behind it, all bits set, means "nobody" to the kernel. */
    static final long MAX_OWNER = 4_294_967_294L;

    /** What mke2fs can write down: whole seconds in 32 bits. */
    static final long MIN_TIME = Integer.MIN_VALUE;

    static final long MAX_TIME = Integer.MAX_VALUE;

    private static final String WHITEOUT = ".wh.";
    private static final String UNION = ".wh..wh.";
    private static final String OPAQUE = ".wh..wh..opq";
    private static final String CAPABILITY = "security.capability";
    private static final String USER = "user.";

    private static final int CAPABILITY_REVISION_2 = 2;
    private static final int CAPABILITY_REVISION_3 = 3;
    private static final int CAPABILITY_BYTES_2 = 20;
    private static final int CAPABILITY_BYTES_3 = 24;

    /** The kernel of the guest makes them. */
    private static final Map<String, TarEntry.Device> USUAL_DEVICES = Map.of(
            "null", new TarEntry.Device(1, 3),
            "zero", new TarEntry.Device(1, 5),
            "full", new TarEntry.Device(1, 7),
            "random", new TarEntry.Device(1, 8),
            "urandom", new TarEntry.Device(1, 9),
            "tty", new TarEntry.Device(5, 0),
            "console", new TarEntry.Device(5, 1),
            "ptmx", new TarEntry.Device(5, 2));

    private LayerRules() {}

    /**
     * Reads an entry's name.
     *
     * @throws BadArchiveException when it leads outside, is too long, or is a whiteout of what has no name
     */
    static LayerName name(TarEntry entry) throws BadArchiveException {
        String path = entry.path();
        List<String> components = components(path, path, "name");
        for (int i = 0; i < components.size(); i++) {
            String component = components.get(i);
            boolean last = i == components.size() - 1;
            if (component.equals(OPAQUE) && last) {
                return new LayerName(LayerName.Role.OPAQUE, bytes(components.subList(0, i)));
            }
            if (component.startsWith(UNION)) {
                return new LayerName(LayerName.Role.DROPPED, List.of());
            }
            if (!component.startsWith(WHITEOUT)) {
                continue;
            }
            if (!last) {
                throw new BadArchiveException(path, "lies below a whiteout");
            }
            String hidden = component.substring(WHITEOUT.length());
            if (hidden.isEmpty() || hidden.equals(".") || hidden.equals("..")) {
                throw new BadArchiveException(path, "is a whiteout of something without a name");
            }
            List<String> all = new ArrayList<>(components.subList(0, i));
            all.add(hidden);
            return new LayerName(LayerName.Role.WHITEOUT, bytes(all));
        }
        return new LayerName(LayerName.Role.ENTRY, bytes(components));
    }

    /** Reads a hard link's target. */
    static List<byte[]> linkTarget(TarEntry entry) throws BadArchiveException {
        List<String> components = components(entry.target(), entry.path(), "target");
        if (components.isEmpty()) {
            throw new BadArchiveException(entry.path(), "is a hard link to the top folder");
        }
        return bytes(components);
    }

    private static List<String> components(String text, String path, String what) throws BadArchiveException {
        if (text.isEmpty()) {
            throw path.isEmpty()
                    ? new BadArchiveException("an entry has no name")
                    : new BadArchiveException(path, "has an empty " + what);
        }
        String shown = what.equals("name") ? "" : " `" + ByteText.printable(text) + "`";
        if (text.startsWith("/")) {
            throw new BadArchiveException(
                    path,
                    "has an absolute " + what + shown
                            + ", which could lead outside of the image; build it with a tool that"
                            + " writes relative ones");
        }
        if (text.indexOf('\0') >= 0) {
            throw new BadArchiveException(path, "has a " + what + " with a NUL");
        }
        if (text.length() > MAX_PATH_BYTES) {
            throw new BadArchiveException(path, "has a " + what + " that is too long or too deep");
        }
        List<String> components = new ArrayList<>();
        for (int start = 0; start <= text.length(); ) {
            int slash = text.indexOf('/', start);
            int end = slash < 0 ? text.length() : slash;
            String component = text.substring(start, end);
            start = end + 1;
            if (component.equals("..")) {
                throw new BadArchiveException(path, "has a " + what + " with `..`" + shown);
            }
            if (component.length() > MAX_COMPONENT_BYTES) {
                throw new BadArchiveException(path, "has a " + what + " that is too long");
            }
            if (component.isEmpty() || component.equals(".")) {
                continue;
            }
            if (components.size() == MAX_LEVELS) {
                throw new BadArchiveException(path, "has a " + what + " that is too long or too deep");
            }
            components.add(component);
        }
        return components;
    }

    private static List<byte[]> bytes(List<String> components) {
        return components.stream()
                .map(one -> one.getBytes(StandardCharsets.ISO_8859_1))
                .toList();
    }

    /** Tells whether an entry is a device that every machine has, in its place. It is left out. */
    static boolean isUsualDevice(TarEntry entry, List<byte[]> components) {
        return entry.kind() == EntryKind.CHARACTER_DEVICE
                && components.size() == 2
                && text(components.get(0)).equals("dev")
                && entry.device() != null
                && entry.device().equals(USUAL_DEVICES.get(text(components.get(1))));
    }

    private static String text(byte[] raw) {
        return new String(raw, StandardCharsets.ISO_8859_1);
    }

    /** Refuses what no file of an environment can be. */
    static void requireUsable(TarEntry entry) throws BadArchiveException {
        switch (entry.kind()) {
            case CHARACTER_DEVICE, BLOCK_DEVICE -> throw new BadArchiveException(entry.path(), "is a device");
            case SYMLINK -> {
                if (entry.target().isEmpty() || entry.target().length() > MAX_TARGET_BYTES) {
                    throw new BadArchiveException(entry.path(), "is a link without a usable target");
                }
            }
            case HARD_LINK -> linkTarget(entry);
            case FILE, DIRECTORY, FIFO -> {}
        }
        // What a hard link says of owners counts for nothing.
        if (entry.kind() != EntryKind.HARD_LINK) {
            requireOwner(entry, entry.uid());
            requireOwner(entry, entry.gid());
        }
    }

    private static void requireOwner(TarEntry entry, long number) throws BadArchiveException {
        if (number < 0 || number > MAX_OWNER) {
            throw new BadArchiveException(entry.path(), "has an owner that no file can have");
        }
    }

    /** Returns the time that a file gets. */
    static int time(TarEntry entry) {
        return (int) Math.clamp(entry.mtimeSeconds(), MIN_TIME, MAX_TIME);
    }

    /**
     * Returns the attributes that are kept: users' own and files' capabilities. Others mean nothing in a machine, or cannot be set.
     *
     * @throws BadArchiveException when they are too large or malformed
     */
    static Map<String, byte[]> xattrs(TarEntry entry) throws BadArchiveException {
        boolean file = entry.kind() == EntryKind.FILE;
        if (entry.xattrs().isEmpty() || !(file || entry.kind() == EntryKind.DIRECTORY)) {
            return Map.of();
        }
        Map<String, byte[]> kept = new HashMap<>();
        long bytes = 0;
        for (Map.Entry<String, byte[]> one : entry.xattrs().entrySet()) {
            String key = one.getKey();
            byte[] value = one.getValue();
            if (key.equals(CAPABILITY) && file) {
                value = capability(entry, value);
            } else if (!key.startsWith(USER) || key.length() == USER.length()) {
                continue;
            }
            // In a record the name ends at the first `=`, and tar takes `%` for the beginning of an escape.
            if (key.length() > MAX_COMPONENT_BYTES
                    || key.indexOf('\0') >= 0
                    || key.indexOf('=') >= 0
                    || key.indexOf('%') >= 0) {
                throw new BadArchiveException(entry.path(), "has an attribute with an unusable name");
            }
            if (value.length > 0 || !key.equals(CAPABILITY)) {
                kept.put(key, value);
                bytes += key.length() + value.length + XATTR_OVERHEAD;
            }
        }
        if (bytes > MAX_XATTR_BYTES) {
            throw new BadArchiveException(
                    entry.path(), "has more than the " + MAX_XATTR_BYTES + " bytes of attributes that are allowed");
        }
        return kept;
    }

    /** Returns capabilities in the form that names no user namespace; empty when they count only in another one. */
    private static byte[] capability(TarEntry entry, byte[] value) throws BadArchiveException {
        ByteBuffer data = ByteBuffer.wrap(value.clone()).order(ByteOrder.LITTLE_ENDIAN);
        int revision = value.length < Integer.BYTES ? 0 : data.getInt(0) >>> 24;
        if (revision == CAPABILITY_REVISION_2 && value.length == CAPABILITY_BYTES_2) {
            return value;
        }
        if (revision == CAPABILITY_REVISION_3 && value.length == CAPABILITY_BYTES_3) {
            if (data.getInt(CAPABILITY_BYTES_2) != 0) {
                return new byte[0];
            }
            data.putInt(0, CAPABILITY_REVISION_2 << 24 | (data.getInt(0) & 0xffffff));
            return Arrays.copyOf(data.array(), CAPABILITY_BYTES_2);
        }
        throw new BadArchiveException(entry.path(), "has malformed capabilities");
    }
}
