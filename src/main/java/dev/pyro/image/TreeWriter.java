package dev.pyro.image;

import dev.pyro.disk.Ext4Images;
import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import dev.pyro.tar.BadArchiveException;
import dev.pyro.tar.EntryKind;
import dev.pyro.tar.TarEntry;
import dev.pyro.tar.TarReader;
import dev.pyro.tar.TarWriter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.function.DoubleConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Writes a merged tree as one archive that any tar unpacks by going through it once: folders before what is in them, then files in the order of the
 * layers, then their other names, and symbolic links last, so that no name ever leads through one. Not safe for use by several threads.
 */
final class TreeWriter {
    private static final int BUFFER = 128 << 10;
    private static final int DISK_BLOCK = 4096;

    /** One more than anybody takes, so that who gets so many knows that there is more. */
    private static final int MAX_CAUGHT_BYTES = PasswdFile.MAX_BYTES + 1;

    private static final int OPEN_MODE = 0555;

    /** As ext4 has it. */
    private static final int MAX_NAMES_OF_FILE = 65_000;

    private final MergedTree tree;
    private final int[] firstNames;
    private final Map<String, Integer> watched = new HashMap<>();
    private final Map<Integer, ByteArrayOutputStream> caught = new HashMap<>();
    private final byte[] buffer = new byte[BUFFER];
    private long diskBytes;
    private long contentBytes;
    private long doneBytes;

    TreeWriter(MergedTree tree) throws IOException {
        this.tree = tree;
        this.firstNames = new int[tree.files().count()];
        Arrays.fill(firstNames, NodeTable.NONE);
        tree.requireModestFolders(LayerRules.MAX_NAMES_IN_FOLDER);
        int[] nameCounts = new int[firstNames.length];
        tree.walk((node, kind) -> {
            if (kind != EntryKind.FILE) {
                diskBytes += DISK_BLOCK;
            } else if (++nameCounts[tree.file(node)] > MAX_NAMES_OF_FILE) {
                throw new BadArchiveException(
                        tree.path(node),
                        "is one of more than the " + MAX_NAMES_OF_FILE + " names that a file can have");
            } else if (firstNames[tree.file(node)] == NodeTable.NONE) {
                firstNames[tree.file(node)] = node;
                contentBytes += tree.files().diskBytes(tree.file(node));
            }
        });
        diskBytes += contentBytes;
    }

    /** Returns about what the tree takes on a disk. */
    long diskBytes() {
        return diskBytes;
    }

    /**
     * Returns how much of the tree there is for a file system that is made of it.
     *
     * @param measured what the host says of the unpacked tree; where its disk compresses, that is less than ext4 takes
     */
    Ext4Images.Content content(Ext4Images.Content measured) {
        long most = diskBytes + measured.entries() * DISK_BLOCK;
        return new Ext4Images.Content(Math.max(measured.bytes(), most), measured.entries());
    }

    /** Asks for the content of a file, through links; it is there after {@link #writeFiles}. */
    void watch(String path) throws BadArchiveException {
        int file = tree.fileAt(path);
        if (file != NodeTable.NONE) {
            watched.put(path, file);
            caught.putIfAbsent(file, new ByteArrayOutputStream());
        }
    }

    /** Returns the content of a file that was asked for; empty when there is no such file, and of a long one its beginning. */
    byte[] content(String path) {
        ByteArrayOutputStream content = caught.get(watched.getOrDefault(path, NodeTable.NONE));
        return content == null ? new byte[0] : content.toByteArray();
    }

    /**
     * Returns what the top folder is like. Its time is at least 1: mke2fs takes 0 for the present time, and gives that folder the time of the file
     * system, whatever the tree's is. What is unpacked has to be the same, or the image could not be told by its digest.
     */
    Ext4Images.Top top() {
        TarEntry said = topEntry();
        long seconds = Math.max(1, said.mtimeSeconds() > 0 ? said.mtimeSeconds() : tree.newest());
        return new Ext4Images.Top(said.uid(), said.gid(), said.mode(), seconds);
    }

    /** Everybody can look into it: a layer made of a folder of mktemp closes it, and Docker's containers have their own. */
    private TarEntry topEntry() {
        TarEntry said = tree.entry(NodeTable.ROOT, EntryKind.DIRECTORY, ".");
        return said.withMode(said.mode() | OPEN_MODE);
    }

    /** Writes all folders, and what has no content and is no link. */
    void writeFolders(TarWriter out) throws IOException {
        out.entry(topEntry().withSeconds(top().seconds()));
        tree.walk((node, kind) -> {
            if (kind == EntryKind.DIRECTORY || kind == EntryKind.FIFO) {
                out.entry(tree.entry(node, kind, tree.path(node)));
            }
        });
    }

    /** Tells whether a layer has a file that is left in the end. */
    boolean hasFiles(int layer, int firstFile) {
        for (int file = firstFile; file < firstNames.length && tree.files().layer(file) == layer; file++) {
            if (firstNames[file] != NodeTable.NONE) {
                return true;
            }
        }
        return false;
    }

    /** Returns the first file after those of a layer. */
    int endOf(int layer, int firstFile) {
        int file = firstFile;
        while (file < firstNames.length && tree.files().layer(file) == layer) {
            file++;
        }
        return file;
    }

    /**
     * Writes the files of one layer that are left in the end.
     *
     * @param firstFile the first file of the layer
     * @param onFraction hears how much of all layers is done
     */
    void writeFiles(int firstFile, int endFile, TarReader in, TarWriter out, DoubleConsumer onFraction)
            throws IOException {
        int place = -1;
        for (int file = firstFile; file < endFile; file++) {
            TarEntry raw;
            do {
                raw = in.next();
                place++;
            } while (raw != null && place < tree.files().place(file));
            if (raw == null || raw.kind() != EntryKind.FILE) {
                throw changed();
            }
            int node = firstNames[file];
            if (node == NodeTable.NONE) {
                continue;
            }
            // What was checked the first time is checked again: only then is it what the rules let through.
            TarEntry entry = LayerEntry.of(raw).entry();
            if (!tree.files().isWithin(file, entry)) {
                throw changed();
            }
            out.entry(entry.withPath(tree.path(node)).withHolesOf(raw));
            copy(in, out, raw.storedBytes(), raw.sparse() == null ? caught.get(file) : null);
            doneBytes += tree.files().diskBytes(file);
            onFraction.accept(contentBytes == 0 ? 1 : (double) doneBytes / contentBytes);
        }
    }

    private void copy(TarReader in, TarWriter out, long bytes, @Nullable ByteArrayOutputStream also)
            throws IOException {
        long left = bytes;
        while (left > 0) {
            int count = in.read(buffer, 0, (int) Math.min(buffer.length, left));
            if (count < 0) {
                throw changed();
            }
            out.content(buffer, 0, count);
            if (also != null) {
                also.write(buffer, 0, Math.min(count, MAX_CAUGHT_BYTES - also.size()));
            }
            left -= count;
        }
    }

    private static PyroException changed() {
        return new PyroException(
                ErrorCode.IMAGE_CORRUPT, "a layer was changed while it was read; fetch the image again");
    }

    /** Writes the other names of files, and then the symbolic links. */
    void writeLinks(TarWriter out) throws IOException {
        tree.walk((node, kind) -> {
            if (kind == EntryKind.FILE && firstNames[tree.file(node)] != node) {
                String target = tree.path(firstNames[tree.file(node)]);
                out.entry(new TarEntry(tree.path(node), EntryKind.HARD_LINK, 0, 0, 0, target, null));
            }
        });
        tree.walk((node, kind) -> {
            if (kind == EntryKind.SYMLINK) {
                out.entry(tree.entry(node, kind, tree.path(node)));
            }
        });
    }
}
