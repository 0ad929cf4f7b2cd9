package dev.pyro.mcp.http;

import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import dev.pyro.os.HostEntropy;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The secret that clients of the HTTP server show with each request. Its text form does not tell it. Immutable. */
public final class BearerToken {
    private static final int GENERATED_BYTES = 32;
    private static final int MAX_BYTES = 4096;
    private static final Set<PosixFilePermission> OTHERS = EnumSet.of(
            PosixFilePermission.GROUP_READ,
            PosixFilePermission.GROUP_WRITE,
            PosixFilePermission.OTHERS_READ,
            PosixFilePermission.OTHERS_WRITE);

    /** What can stand in a header, without the blanks that end it there. */
    private static final Pattern USABLE = Pattern.compile("[\\x21-\\x7e]+");

    private static final Pattern HEADER = Pattern.compile("(?i:bearer) +([\\x21-\\x7e]+) *");

    private final String text;
    private final byte[] digest;

    private BearerToken(String text) {
        this.text = text;
        this.digest = digest(text);
    }

    /** Makes a new one of 256 random bits. */
    public static BearerToken generate() {
        return new BearerToken(
                Base64.getUrlEncoder().withoutPadding().encodeToString(HostEntropy.draw(GENERATED_BYTES)));
    }

    /**
     * Takes the one that somebody chose; newlines at its end do not count.
     *
     * @param source where it comes from, for the message
     * @throws PyroException {@link ErrorCode#INVALID_ARGUMENT} when it is empty or cannot stand in a header
     */
    public static BearerToken of(String source, String text) {
        String stripped = text.replaceFirst("[\\r\\n]+$", "");
        if (stripped.length() > MAX_BYTES || !USABLE.matcher(stripped).matches()) {
            throw new PyroException(
                    ErrorCode.INVALID_ARGUMENT,
                    "the token in " + source + " must be one word of 1 to " + MAX_BYTES + " visible ASCII characters"
                            + (stripped.isEmpty() ? "; it is empty" : ""));
        }
        return new BearerToken(stripped);
    }

    /**
     * Reads the one in a file that only its owner can read.
     *
     * @throws PyroException {@link ErrorCode#INVALID_ARGUMENT} when others can read it too, or there is none in it
     */
    public static BearerToken ofFile(Path file) {
        byte[] bytes;
        try {
            if (!Files.isRegularFile(file)) {
                throw refused(file, "is no regular file; make it with one line, the token, and chmod 600");
            }
            Set<PosixFilePermission> permissions = EnumSet.noneOf(PosixFilePermission.class);
            permissions.addAll(Files.getPosixFilePermissions(file));
            permissions.retainAll(OTHERS);
            if (!permissions.isEmpty()) {
                throw refused(file, "can be read or written by others; run: chmod 600 " + file);
            }
            try (InputStream stream = Files.newInputStream(file)) {
                bytes = stream.readNBytes(MAX_BYTES + 2);
            }
        } catch (IOException e) {
            throw new PyroException(
                    ErrorCode.INVALID_ARGUMENT, "cannot read the token file " + file + ": " + e.getMessage(), e);
        }
        return of(file.toString(), new String(bytes, StandardCharsets.ISO_8859_1));
    }

    /** Tells whether the values of a request's {@code Authorization} headers show this token. Takes the same time for all wrong ones. */
    boolean isShownBy(List<String> authorization) {
        if (authorization.size() != 1) {
            return false;
        }
        Matcher header = HEADER.matcher(authorization.getFirst());
        return header.matches() && MessageDigest.isEqual(digest, digest(header.group(1)));
    }

    /** Returns the secret itself, to be shown to whoever started the server, once. */
    public String reveal() {
        return text;
    }

    @Override
    public String toString() {
        return "BearerToken[hidden]";
    }

    private static PyroException refused(Path file, String reason) {
        return new PyroException(ErrorCode.INVALID_ARGUMENT, "the token file " + file + " " + reason);
    }

    private static byte[] digest(String text) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
