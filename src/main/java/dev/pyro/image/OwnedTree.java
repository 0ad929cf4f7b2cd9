package dev.pyro.image;

import dev.pyro.disk.Ext4Inode;
import dev.pyro.model.ArtifactType;
import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import dev.pyro.store.AtomicFiles;
import dev.pyro.tar.EntryKind;
import dev.pyro.tar.SparseMap;
import dev.pyro.tar.TarEntry;
import dev.pyro.tar.TarWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * A root file system as a folder for one user, who can read and write everything in it: there are no device nodes, no setuid bits, no attributes and
 * no capabilities, and nobody else can write. Names of the same file and holes stay what they are, so that it takes what the image takes. Stateless.
 */
public final class OwnedTree {
    private static final int EXECUTABLE = 0111;
    private static final int LINK_MODE = 0777;

    private OwnedTree() {}

    /**
     * Unpacks an image into a new folder.
     *
     * @param rootfs a raw ext4 image
     * @param folder does not exist yet; its parent should be closed to others, and is on return as it was
     * @param owner who owns it all, which only root may choose, or empty for this user
     * @throws PyroException {@link ErrorCode#DISK_FULL}, {@link ErrorCode#HOST_TOOL_FAILED}, {@link ErrorCode#HOST_UNSUPPORTED}, {@link
     *     ErrorCode#STORAGE_UNUSABLE}, {@link ErrorCode#INTERRUPTED}; the folder may hold anything then
     */
    public static void unpack(Path rootfs, Path folder, OptionalInt owner) {
        AtomicFiles.createDirectories(folder);
        try (Ext4Walk walk = Ext4Walk.open(rootfs)) {
            requireRoom(walk.reader().usedBytes(), folder);
            TarProgram.unpack(commandLine(folder, owner), "the environment", out -> {
                try {
                    write(walk, out, owner.orElse(0));
                    out.end();
                } catch (TarProgram.EndedException e) {
                    throw e;
                } catch (IOException e) {
                    throw AtomicFiles.failure("read", rootfs, e);
                }
            });
        }
    }

    /**
     * Writes everything, symbolic links last: of those that lead up or to an absolute path tar keeps a list until its end, and looks through it for each
     * further name of a file.
     */
    static void write(Ext4Walk walk, TarWriter out, int owner) throws IOException {
        walk.run(new Entries(walk, out, owner, false));
        walk.run(new Entries(walk, out, owner, true));
    }

    /** As this user, in no namespace: what it makes is either his, or root gives it away. */
    static List<String> commandLine(Path folder, OptionalInt owner) {
        return List.of(
                "tar",
                "--extract",
                "--file=-",
                "--numeric-owner",
                owner.isPresent() ? "--same-owner" : "--no-same-owner",
                "--preserve-permissions",
                "--no-xattrs",
                "--no-acls",
                "--no-selinux",
                "--delay-directory-restore",
                "--warning=no-timestamp",
                "--directory=" + folder);
    }

    private static void requireRoom(long bytes, Path folder) {
        long free;
        try {
            free = Files.getFileStore(folder).getUsableSpace();
        } catch (IOException e) {
            throw AtomicFiles.failure("look at", folder, e);
        }
        if (bytes > free) {
            throw new PyroException(
                    ErrorCode.DISK_FULL,
                    "cannot unpack the environment: it takes " + (bytes >> 20) + " MiB, and the disk of " + folder
                            + " has " + (free >> 20)
                            + " MiB left; free some room (`pyro env prune` helps) and try again");
        }
    }

    /** Returns the mode that a file of an unpacked tree has. */
    static int mode(int mode, boolean folder) {
        boolean executable = folder || (mode & EXECUTABLE) != 0;
        return (mode & 0755) | (executable ? 0700 : 0600);
    }

    /** Writes what a walk comes by. */
    private record Entries(Ext4Walk walk, TarWriter out, int owner, boolean links) implements Ext4Walk.Visitor {
        @Override
        public void folder(String path, Ext4Inode inode) throws IOException {
            if (!links) {
                out.entry(entry(path, EntryKind.DIRECTORY, mode(inode.permissions(), true), inode, "", null));
            }
        }

        @Override
        public void other(String path, Ext4Inode inode, @Nullable String first) throws IOException {
            // Of what else there is no machine needs anything, and it may be a device.
            if (inode.type() != (links ? ArtifactType.SYMLINK : ArtifactType.FILE)) {
                return;
            }
            if (links) {
                // Its other names are links of their own, for tar would look through its list for them.
                out.entry(entry(path, EntryKind.SYMLINK, LINK_MODE, inode, walk.target(inode), null));
                return;
            }
            int mode = mode(inode.permissions(), false);
            if (first != null) {
                out.entry(entry(path, EntryKind.HARD_LINK, mode, inode, first, null));
            } else {
                SparseMap regions = walk.regions(inode, 1);
                boolean holes = regions.dataBytes() < inode.size();
                out.entry(entry(path, EntryKind.FILE, mode, inode, "", holes ? regions : null));
                walk.content(inode, regions, out, _ -> {});
            }
        }

        private TarEntry entry(
                String path, EntryKind kind, int mode, Ext4Inode inode, String target, @Nullable SparseMap sparse) {
            long size = kind == EntryKind.FILE ? inode.size() : 0;
            return new TarEntry(
                    path, kind, mode, owner, owner, size, inode.mtimeSeconds(), target, Map.of(), null, sparse);
        }
    }
}
