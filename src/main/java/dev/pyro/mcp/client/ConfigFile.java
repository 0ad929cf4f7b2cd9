package dev.pyro.mcp.client;

import dev.pyro.model.Arguments;
import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * A user's file that another program owns: read whole, and replaced whole or not at all. A link to it stays a link; owner, group and
 * permissions stay what they are; a new one may be the user's own. Not safe for use by several threads.
 */
final class ConfigFile {
    /** Some clients keep a history in the same file. It is edited in memory, and takes up to seven times as much there. */
    static final int MAX_BYTES = 8 * 1024 * 1024;

    private static final int MAX_LINKS = 40;
    private static final Set<PosixFilePermission> OWNER_ONLY = PosixFilePermissions.fromString("rw-------");

    /** Less what the user's mask takes away. */
    private static final Set<PosixFilePermission> EVERYBODY = PosixFilePermissions.fromString("rw-rw-rw-");

    private final Path name;
    private final Path target;
    private final byte @Nullable [] content;

    private ConfigFile(Path name, Path target, byte @Nullable [] content) {
        this.name = name;
        this.target = target;
        this.content = content;
    }

    /**
     * Reads a file, which need not exist.
     *
     * @param project the folder that it must lie in, links followed; null when it may lie anywhere
     */
    static ConfigFile of(Path path, @Nullable Path project) {
        try {
            Path target = followLinks(path);
            if (project != null && !liesIn(target, project)) {
                throw unusable(
                        "cannot use " + path + ": a link leads from there to "
                                + Arguments.printable(target.normalize().toString())
                                + ", which is no place in this project; nothing was written: remove the link, or add by hand"
                                + " what the command prints without --write",
                        null);
            }
            return new ConfigFile(path, target, read(path, target));
        } catch (IOException e) {
            throw failure("read", path, e);
        }
    }

    /** Returns the text, or null when there is no such file. */
    @Nullable
    String text() {
        if (content == null) {
            return null;
        }
        String text = new String(content, StandardCharsets.UTF_8);
        if (!Arrays.equals(text.getBytes(StandardCharsets.UTF_8), content)) {
            throw unusable("cannot use " + name + ": it is no text in UTF-8; the file was not touched", null);
        }
        return text;
    }

    /**
     * Replaces the text; makes the file and its folder where they are missing. One that is made read-only is left alone, though its
     * folder would allow it.
     *
     * @param personal whether a new file is for nobody else to read
     */
    void replace(String text, boolean personal) {
        Path folder = Objects.requireNonNull(target.getParent());
        Path temporary = folder.resolve("." + target.getFileName() + ".pyro-"
                + Long.toHexString(ThreadLocalRandom.current().nextLong()));
        try {
            if (content != null && !Files.isWritable(target)) {
                throw new AccessDeniedException(target.toString());
            }
            Files.createDirectories(folder);
            write(temporary, text, personal || content != null ? OWNER_ONLY : EVERYBODY);
            if (!Arrays.equals(content, read(name, target))) {
                throw unusable(
                        "another program has just changed " + name + "; nothing was written: run the command again",
                        null);
            }
            Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw failure("write", name, e);
        } finally {
            deleteQuietly(temporary);
        }
    }

    private void write(Path temporary, String text, Set<PosixFilePermission> permissions) throws IOException {
        try (FileChannel channel = FileChannel.open(
                temporary,
                Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                PosixFilePermissions.asFileAttribute(permissions))) {
            ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            channel.force(true);
        }
        if (content != null) {
            copyOwnerAndPermissions(temporary);
        }
    }

    private void copyOwnerAndPermissions(Path temporary) throws IOException {
        PosixFileAttributes wanted = Files.readAttributes(target, PosixFileAttributes.class);
        PosixFileAttributeView view = Files.getFileAttributeView(temporary, PosixFileAttributeView.class);
        PosixFileAttributes made = view.readAttributes();
        if (!made.owner().equals(wanted.owner())) {
            view.setOwner(wanted.owner());
        }
        if (!made.group().equals(wanted.group())) {
            view.setGroup(wanted.group());
        }
        view.setPermissions(wanted.permissions());
    }

    /** People keep such files elsewhere and link to them; a link may lead to a file that is yet to be made. */
    private static Path followLinks(Path path) throws IOException {
        Path target = path.toAbsolutePath();
        for (int links = 0; Files.isSymbolicLink(target); links++) {
            if (links == MAX_LINKS) {
                throw new IOException("too many links one after the other");
            }
            target = target.resolveSibling(Files.readSymbolicLink(target));
        }
        return target;
    }

    /** Tells whether a file is in a folder, or would be if it and the folders that it lacks were made. */
    private static boolean liesIn(Path target, Path folder) throws IOException {
        Path above = Objects.requireNonNull(target.getParent());
        while (!Files.exists(above, LinkOption.NOFOLLOW_LINKS)) {
            if (above.endsWith("..")) {
                return false;
            }
            above = Objects.requireNonNull(above.getParent());
        }
        // A link to nothing is no folder that can be made.
        return Files.exists(above) && above.toRealPath().startsWith(folder.toRealPath());
    }

    private static byte @Nullable [] read(Path name, Path target) throws IOException {
        if (!Files.exists(target, LinkOption.NOFOLLOW_LINKS)) {
            return null;
        }
        if (!Files.isRegularFile(target, LinkOption.NOFOLLOW_LINKS)) {
            throw new IOException("it is no file");
        }
        try (InputStream stream = Files.newInputStream(target)) {
            byte[] bytes = stream.readNBytes(MAX_BYTES + 1);
            if (bytes.length > MAX_BYTES) {
                throw unusable(
                        "cannot use " + name + ": it is larger than " + MAX_BYTES / 1024 / 1024
                                + " MiB; add by hand what the command prints without --write",
                        null);
            }
            return bytes;
        }
    }

    private static PyroException failure(String verb, Path path, IOException cause) {
        String reason = switch (cause) {
            case AccessDeniedException e -> "permission denied";
            case NoSuchFileException e -> "no such folder";
            default -> Objects.requireNonNullElse(cause.getMessage(), cause.toString());
        };
        return unusable("cannot " + verb + " " + path + ": " + reason + "; the file was not touched", cause);
    }

    private static PyroException unusable(String message, @Nullable Throwable cause) {
        return new PyroException(ErrorCode.CLIENT_CONFIG_UNUSABLE, message, cause);
    }

    private static void deleteQuietly(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            // What is left over is a hidden file beside the real one; the first error is the one to report.
            return;
        }
    }
}
