package dev.pyro.workspace.seed;

import dev.pyro.tar.BadArchiveException;
import dev.pyro.tar.ByteText;
import dev.pyro.tar.TarEntry;
import java.util.ArrayList;
import java.util.List;

/** What a name in an archive may be. Names are raw. Stateless. */
final class EntryNames {
    static final int MAX_PATH_BYTES = 4095;
    static final int MAX_COMPONENT_BYTES = 255;

    /** The guest's agent walks no deeper. */
    static final int MAX_LEVELS = 128;

    private EntryNames() {}

    /**
     * Returns a name without empty components, {@code .} and slashes at its ends; empty for the top itself.
     *
     * @throws BadArchiveException when it is absolute, holds {@code ..}, or is too long
     */
    static String normalise(String name) throws BadArchiveException {
        if (name.startsWith("/")) {
            throw new BadArchiveException(name, "has an absolute name");
        }
        if (name.isEmpty()) {
            throw new BadArchiveException("an entry has no name");
        }
        List<String> components = new ArrayList<>();
        for (String component : name.split("/", -1)) {
            if (component.equals("..")) {
                throw new BadArchiveException(name, "has a name with `..`");
            }
            if (component.length() > MAX_COMPONENT_BYTES) {
                throw new BadArchiveException(name, "has a name that is too long");
            }
            if (!component.isEmpty() && !component.equals(".")) {
                components.add(component);
            }
        }
        String path = String.join("/", components);
        if (path.length() > MAX_PATH_BYTES || components.size() > MAX_LEVELS) {
            throw new BadArchiveException(name, "has a name that is too long or too deep");
        }
        return path;
    }

    /**
     * Makes sure that a link stays below the top, going by the names alone.
     *
     * @param path the link's own name, normalised
     * @param target what it holds
     */
    static void requireInside(String path, String target) throws BadArchiveException {
        if (target.isEmpty()) {
            throw new BadArchiveException(path, "is a link without a target");
        }
        if (target.length() > MAX_PATH_BYTES) {
            throw new BadArchiveException(path, "is a link with too long a target");
        }
        if (target.startsWith("/")) {
            throw new BadArchiveException(path, "is a link to an absolute path, `" + ByteText.printable(target) + "`");
        }
        int depth = 0;
        for (int at = path.indexOf('/'); at >= 0; at = path.indexOf('/', at + 1)) {
            depth++;
        }
        for (String component : target.split("/", -1)) {
            if (component.equals("..")) {
                depth--;
            } else if (!component.isEmpty() && !component.equals(".")) {
                depth++;
            }
            if (depth < 0) {
                throw new BadArchiveException(
                        path, "is a link that leads outside, to `" + ByteText.printable(target) + "`");
            }
        }
    }

    /** Refuses what a workspace cannot be given. */
    static void requireNoDevice(TarEntry entry) throws BadArchiveException {
        switch (entry.kind()) {
            case CHARACTER_DEVICE, BLOCK_DEVICE -> throw new BadArchiveException(entry.path(), "is a device");
            case FIFO -> throw new BadArchiveException(entry.path(), "is a FIFO");
            case FILE, DIRECTORY, SYMLINK, HARD_LINK -> {}
        }
    }

    /** Returns the folder that holds a path, empty for the top. */
    static String parent(String path) {
        return path.substring(0, Math.max(0, path.lastIndexOf('/')));
    }

    /** Compares as a walk goes: siblings by the bytes of their names, a folder before what is in it. */
    static int compare(String a, String b) {
        int length = Math.min(a.length(), b.length());
        for (int i = 0; i < length; i++) {
            char x = a.charAt(i);
            char y = b.charAt(i);
            if (x != y) {
                return x == '/' ? -1 : y == '/' ? 1 : Character.compare(x, y);
            }
        }
        return Integer.compare(a.length(), b.length());
    }
}
