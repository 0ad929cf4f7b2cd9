package dev.pyro.oci;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** The one kind of digest that names blobs here. Stateless. */
public final class Sha256 {
    public static final String PREFIX = "sha256:";

    private Sha256() {}

    public static MessageDigest start() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    /** Ends a computation and returns the digest as descriptors have it. */
    public static String end(MessageDigest digest) {
        return PREFIX + HexFormat.of().formatHex(digest.digest());
    }

    public static String of(byte[] bytes) {
        MessageDigest digest = start();
        digest.update(bytes);
        return end(digest);
    }

    /** Returns the hex digits of a digest whose form was checked. */
    public static String hex(String digest) {
        if (!ReferenceParser.isDigest(digest)) {
            throw new IllegalArgumentException("no digest");
        }
        return digest.substring(PREFIX.length());
    }

    /** Returns the beginning of a digest, for people. */
    static String shown(String digest) {
        int shownChars = PREFIX.length() + 12;
        return digest.length() <= shownChars ? digest : digest.substring(0, shownChars);
    }
}
