package dev.pyro.agent;

import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;

/**
 * One change of a batch. Its path is relative, without empty, {@code .} and {@code ..} components, and written as {@link
 * WalkEntry#path} is. Links are replaced and removed, never followed.
 */
public sealed interface FileChange {
    /** Returns what changes. */
    String path();

    /**
     * A regular file, in the place of a file or link or where nothing is; missing directories above are made.
     *
     * @param mode its permission bits, also when it is there already; it keeps its owner then
     */
    record Write(String path, int mode, FileContent content) implements FileChange {
        private static final int MAX_MODE = 0b111_111_111_111;

        public Write {
            checkPath(path);
            if (mode < 0 || mode > MAX_MODE || content.sizeBytes() < 0) {
                throw new PyroException(
                        ErrorCode.INVALID_ARGUMENT,
                        "the mode " + Integer.toOctalString(mode) + " or the size of '" + path + "' is out of range");
            }
        }
    }

    /**
     * A symbolic link, in the place of a file or link or where nothing is; missing directories above are made.
     *
     * @param target any text without NUL, 1 to 4,095 bytes
     */
    record Link(String path, String target) implements FileChange {
        public Link {
            checkPath(path);
            int length = GuestText.encode(target).length;
            if (length < 1 || length > Wire.MAX_LINK_TARGET || target.indexOf('\0') >= 0) {
                throw new PyroException(
                        ErrorCode.INVALID_ARGUMENT,
                        "the target of the link '" + path + "' is empty, longer than " + Wire.MAX_LINK_TARGET
                                + " bytes, or holds a NUL");
            }
        }
    }

    /** A file or link goes, and with it the directories above that become empty. It must come before what takes its place. */
    record Delete(String path) implements FileChange {
        public Delete {
            checkPath(path);
        }
    }

    private static void checkPath(String path) {
        boolean sound = !path.isEmpty() && path.indexOf('\0') < 0 && GuestText.encode(path).length <= Wire.MAX_PATH;
        int levels = 0;
        for (int start = 0; sound && start <= path.length(); levels++) {
            int slash = path.indexOf('/', start);
            int end = slash < 0 ? path.length() : slash;
            String name = path.substring(start, end);
            sound = !name.isEmpty()
                    && !name.equals(".")
                    && !name.equals("..")
                    && GuestText.encode(name).length <= Wire.MAX_NAME;
            start = end + 1;
        }
        if (!sound || levels > Wire.MAX_WALK_LEVELS) {
            throw new PyroException(
                    ErrorCode.INVALID_ARGUMENT,
                    "'" + path + "' is no path of a change: it must be relative, without empty, . and .. components, at"
                            + " most " + Wire.MAX_PATH + " bytes long and " + Wire.MAX_WALK_LEVELS + " levels deep");
        }
    }
}
