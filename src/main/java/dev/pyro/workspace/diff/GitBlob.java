package dev.pyro.workspace.diff;

import dev.pyro.agent.GuestText;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** A file or symbolic link as git sees it: one of three modes, and bytes. The bytes are shared, not copied. */
final class GitBlob {
    static final int FILE = 0100644;
    static final int EXECUTABLE = 0100755;
    static final int SYMLINK = 0120000;

    /** The id that stands for no file. */
    static final String NO_ID = "0".repeat(40);

    private static final int OWNER_MAY_EXECUTE = 0100;

    private final int mode;
    private final byte[] content;

    GitBlob(int mode, byte[] content) {
        this.mode = mode;
        this.content = content;
    }

    static GitBlob ofLink(String target) {
        return new GitBlob(SYMLINK, GuestText.encode(target));
    }

    int mode() {
        return mode;
    }

    byte[] content() {
        return content;
    }

    /** Returns git's mode for the permission bits of a regular file. */
    static int modeOf(int permissions) {
        return (permissions & OWNER_MAY_EXECUTE) == 0 ? FILE : EXECUTABLE;
    }

    /** Returns git's id: the SHA-1 of a small header and the content. */
    String id() {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-1");
            digest.update(("blob " + content.length + "\0").getBytes(StandardCharsets.US_ASCII));
            return HexFormat.of().formatHex(digest.digest(content));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-1", e);
        }
    }

    /** Tells whether the content is text: UTF-8 without a NUL. */
    boolean isText() {
        for (byte b : content) {
            if (b == 0) {
                return false;
            }
        }
        return Utf8.isValid(content);
    }
}
