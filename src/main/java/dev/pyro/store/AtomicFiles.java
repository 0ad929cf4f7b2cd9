package dev.pyro.store;

import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import dev.pyro.os.HostEntropy;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HexFormat;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Files and folders that appear whole or not at all. Stateless; safe for use by several threads and processes.
 *
 * <p>Every method throws {@link PyroException}: {@link ErrorCode#DISK_FULL} when the disk is full, else {@link
 * ErrorCode#STORAGE_UNUSABLE}, with the path in the message. None is stopped by an interruption of the calling thread: they take
 * moments, and what a cancelled operation writes down or deletes at its end must get there.
 */
public final class AtomicFiles {
    private static final int SUFFIX_BYTES = 6;
    private static final Set<PosixFilePermission> OWNER_ONLY = PosixFilePermissions.fromString("rwx------");
    private static final Set<PosixFilePermission> PRIVATE_FILE = PosixFilePermissions.fromString("rw-------");

    /** How much a write must survive. */
    public enum Durability {
        /** The death of this process. */
        PROCESS,
        /** A power failure: the file and its folder are flushed to the disk. */
        POWER
    }

    private AtomicFiles() {}

    /** Writes what a file is to hold. */
    @FunctionalInterface
    public interface Content {
        void writeTo(OutputStream stream) throws IOException;
    }

    /** Replaces a file, or creates it: a reader sees the old text or the new one, never a part. */
    public static void write(Path file, String text, Durability durability) {
        write(file, durability, stream -> stream.write(text.getBytes(StandardCharsets.UTF_8)));
    }

    /** Like {@link #write(Path, String, Durability)}, for what only its owner may read, at no moment anybody else. */
    public static void writePrivate(Path file, byte[] bytes, Durability durability) {
        write(file, durability, stream -> stream.write(bytes), PosixFilePermissions.asFileAttribute(PRIVATE_FILE));
    }

    /** Like {@link #write(Path, String, Durability)}, with content of any length, which goes through a buffer. */
    public static void write(Path file, Durability durability, Content content) {
        write(file, durability, content, new FileAttribute<?>[0]);
    }

    private static void write(Path file, Durability durability, Content content, FileAttribute<?>... attributes) {
        Path temporary = file.resolveSibling("." + file.getFileName() + "." + randomSuffix());
        boolean moved = false;
        try {
            Files.createDirectories(parent(file));
            Files.createFile(temporary, attributes);
            // Not a channel: an interruption would close it.
            try (OutputStream stream =
                    new BufferedOutputStream(Files.newOutputStream(temporary, StandardOpenOption.WRITE))) {
                content.writeTo(stream);
            }
            if (durability == Durability.POWER) {
                sync(temporary);
            }
            Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
            moved = true;
            if (durability == Durability.POWER) {
                sync(parent(file));
            }
        } catch (IOException e) {
            throw failure("write", file, e);
        } finally {
            if (!moved) {
                deleteQuietly(temporary);
            }
        }
    }

    /** Gives a finished folder its final name, durably. Fails when that name is taken by a folder that is not empty. */
    public static void publish(Path staged, Path target) {
        try {
            Files.createDirectories(parent(target));
            Files.move(staged, target, StandardCopyOption.ATOMIC_MOVE);
            sync(parent(target));
        } catch (IOException e) {
            throw failure("install", target, e);
        }
    }

    /** Creates a folder of this process's own, with a random name, for something that is built before it gets its final name. */
    public static Path createStaging(Path staging, String prefix) {
        try {
            Files.createDirectories(staging);
            return Files.createDirectory(staging.resolve(prefix + "." + randomSuffix()));
        } catch (IOException e) {
            throw failure("create a folder in", staging, e);
        }
    }

    /** Creates a folder and its parents where they are missing. */
    public static Path createDirectories(Path folder) {
        try {
            return Files.createDirectories(folder);
        } catch (IOException e) {
            throw failure("create", folder, e);
        }
    }

    /**
     * Deletes a file or a whole tree, without following links; nothing happens when it does not exist. Folders that lack their
     * owner's permissions get them first: a guest may have made such ones.
     */
    public static void deleteTree(Path root) {
        try {
            Files.walkFileTree(root, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes)
                        throws IOException {
                    if (!Files.isWritable(folder) || !Files.isExecutable(folder)) {
                        Files.setPosixFilePermissions(folder, OWNER_ONLY);
                    }
                    return FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                    Files.deleteIfExists(file);
                    return FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult visitFileFailed(Path file, IOException e) throws IOException {
                    if (e instanceof NoSuchFileException) {
                        return FileVisitResult.CONTINUE;
                    }
                    if (e instanceof AccessDeniedException
                            && Files.isDirectory(file, LinkOption.NOFOLLOW_LINKS)
                            && !Files.isReadable(file)) {
                        Files.setPosixFilePermissions(file, OWNER_ONLY);
                        Files.walkFileTree(file, this);
                        return FileVisitResult.CONTINUE;
                    }
                    throw e;
                }

                @Override
                public FileVisitResult postVisitDirectory(Path folder, @Nullable IOException e) throws IOException {
                    if (e != null) {
                        throw e;
                    }
                    Files.deleteIfExists(folder);
                    return FileVisitResult.CONTINUE;
                }
            });
        } catch (IOException e) {
            throw failure("delete", root, e);
        }
    }

    /** Turns an I/O error on one of Pyro's own files into the error that the user sees. */
    public static PyroException failure(String verb, Path path, IOException cause) {
        if (cause instanceof ClosedByInterruptException) {
            return new PyroException(ErrorCode.INTERRUPTED, "interrupted on the way to " + verb + " " + path, cause);
        }
        String reason = cause.getMessage() == null ? cause.toString() : cause.getMessage();
        if (reason.contains("No space left on device") || reason.contains("Disk quota exceeded")) {
            return new PyroException(
                    ErrorCode.DISK_FULL,
                    "cannot " + verb + " " + path
                            + ": the disk is full; free some room (`pyro env prune` helps) and try again",
                    cause);
        }
        String kind = switch (cause) {
            case AccessDeniedException e -> "permission denied";
            case java.nio.file.FileAlreadyExistsException e -> "it already exists";
            case NoSuchFileException e -> "no such file or folder";
            case AtomicMoveNotSupportedException e -> "it lies on another file system";
            default -> reason;
        };
        return new PyroException(
                ErrorCode.STORAGE_UNUSABLE,
                "cannot " + verb + " " + path + ": " + kind
                        + "; set PYRO_CACHE_DIR and PYRO_STATE_DIR to folders that you can write, or mend this one",
                cause);
    }

    /** Flushes a file, or a folder's names, to the disk. Only a channel opens a folder, and an interruption closes channels: then it is done again. */
    private static void sync(Path path) throws IOException {
        boolean interrupted = false;
        try {
            while (true) {
                interrupted |= Thread.interrupted();
                try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
                    channel.force(true);
                    return;
                } catch (ClosedByInterruptException e) {
                    interrupted = true;
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private static void deleteQuietly(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            // The first error is the one to report; a left-over temporary file is harmless.
            return;
        }
    }

    /** Returns the folder that holds a path, the path itself for a root. */
    public static Path parent(Path path) {
        Path parent = path.toAbsolutePath().getParent();
        return parent == null ? path : parent;
    }

    private static String randomSuffix() {
        return HexFormat.of().formatHex(HostEntropy.draw(SUFFIX_BYTES));
    }
}
