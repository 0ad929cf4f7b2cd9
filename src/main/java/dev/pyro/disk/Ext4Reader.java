package dev.pyro.disk;

import dev.pyro.model.ArtifactType;
import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Reads an ext4 file system without mounting it and without any other program, so that nothing of what a hostile guest may have
 * written there gets near a program in C. All sizes and places on the disk are checked, no structure is followed in a circle. The
 * journal of a machine that ended at once is taken into account. Nothing is written. Not safe for use by several threads.
 *
 * <p>Every method throws {@link PyroException}: {@link ErrorCode#STORAGE_UNUSABLE} when the disk is damaged or cannot be read.
 */
public final class Ext4Reader implements AutoCloseable {
    private static final long ROOT = 2;
    private static final int MAX_LINK_BYTES = 4096;
    private static final int MAX_SHORT_LINK_BYTES = 59;
    /** A million long names. */
    private static final long MAX_DIRECTORY_BYTES = 512L << 20;

    private static final int MAX_NAMES = 1_000_000;
    /** Content in the inode itself, encryption. */
    private static final int UNKNOWN_FLAGS = 0x1000_0000 | 0x800;

    private final List<DiskLayer> layers;
    private final BlockSource disk;
    private final Ext4Superblock superblock;
    private final CachedBlocks blocks;
    private final Ext4BlockMap map;

    private Ext4Reader(List<DiskLayer> layers, BlockSource disk) throws IOException {
        this.layers = List.copyOf(layers);
        this.disk = disk;
        this.superblock = Ext4Superblock.read(disk);
        this.blocks = new CachedBlocks(disk);
        this.map = new Ext4BlockMap(superblock, blocks);
    }

    /**
     * One name in a directory.
     *
     * @param text the name, each byte a character of ISO 8859-1; without {@code /} and NUL
     * @param inode the number of what it names
     */
    public record Name(String text, long inode) {
        /** Returns the name's bytes. */
        public byte[] bytes() {
            return text.getBytes(StandardCharsets.ISO_8859_1);
        }
    }

    /** Opens a file system. */
    public static Ext4Reader open(List<DiskLayer> layers) {
        try {
            BlockSource disk = DiskChain.open(layers);
            boolean done = false;
            try {
                Ext4Reader reader = new Ext4Reader(layers, disk).recovered();
                done = true;
                return reader;
            } finally {
                if (!done) {
                    disk.close();
                }
            }
        } catch (IOException e) {
            throw DiskChain.failure(
                    "the disk " + layers.getLast().file(), layers.getLast().file(), e);
        }
    }

    private Ext4Reader recovered() throws IOException {
        if (!superblock.needsRecovery()) {
            return this;
        }
        if (superblock.journalInode() == 0) {
            throw new DamagedDiskException("its journal is gone");
        }
        Ext4Inode journal = readInode(superblock.journalInode());
        Ext4Journal.Blocks journalBlocks = index -> {
            ByteBuffer block = ByteBuffer.allocate(superblock.blockBytes());
            readFully(journal, index * superblock.blockBytes(), block);
            return block.flip();
        };
        Map<Long, Ext4Journal.Copy> copies = Ext4Journal.replay(journalBlocks, journal.size(), superblock.blockBytes());
        return new Ext4Reader(layers, new ReplayedDisk(disk, journalBlocks, copies, superblock.blockBytes()));
    }

    /** Returns how many inodes are in use, as of the last unmount. */
    public long usedInodes() {
        return Math.max(0, superblock.inodes() - superblock.freeInodes());
    }

    /** Returns how many bytes are in use, as of the last unmount. */
    public long usedBytes() {
        return Math.max(0, superblock.blocks() - superblock.freeBlocks()) * superblock.blockBytes();
    }

    /** Returns how large the file system is, whatever is in it. */
    public long bytes() {
        return superblock.blocks() * superblock.blockBytes();
    }

    /** Returns the top directory. */
    public Ext4Inode root() {
        return inode(ROOT);
    }

    /** Returns an inode that a directory names. */
    public Ext4Inode inode(long number) {
        try {
            Ext4Inode inode = readInode(number);
            if (!inode.inUse()) {
                throw new DamagedDiskException("a directory names inode " + number + ", which is not in use");
            }
            return inode;
        } catch (IOException e) {
            throw failure(e);
        }
    }

    private Ext4Inode readInode(long number) throws IOException {
        int count = superblock.inodeBytes() < Ext4Inode.LARGE_BYTES ? Ext4Inode.BYTES : Ext4Inode.LARGE_BYTES;
        return new Ext4Inode(number, blocks.read(positionOf(number), count));
    }

    private long positionOf(long number) throws IOException {
        if (number <= 0 || number > superblock.inodes()) {
            throw new DamagedDiskException("there is no inode " + number);
        }
        long group = (number - 1) / superblock.inodesPerGroup();
        long index = (number - 1) % superblock.inodesPerGroup();
        ByteBuffer descriptor = blocks.read(superblock.descriptor(group), superblock.descriptorBytes());
        long table = Integer.toUnsignedLong(descriptor.getInt(8))
                | (superblock.descriptorBytes() >= 64 ? (long) descriptor.getInt(0x28) << 32 : 0);
        if (table <= 0 || table >= superblock.blocks()) {
            throw new DamagedDiskException("its tables of inodes lie outside of it");
        }
        return table * superblock.blockBytes() + index * superblock.inodeBytes();
    }

    /**
     * Returns an inode's extended attributes: their values by their full names, such as {@code security.capability}, in the order of the
     * names. Those that the kernel keeps in a form of its own, as access control lists, are left out.
     */
    public SortedMap<String, byte[]> xattrs(Ext4Inode inode) {
        try {
            SortedMap<String, byte[]> found = new TreeMap<>();
            if (superblock.inodeBytes() >= Ext4Inode.LARGE_BYTES) {
                ByteBuffer whole = blocks.read(positionOf(inode.number()), superblock.inodeBytes());
                Ext4Attributes.ofInode(whole, Ext4Inode.BYTES + inode.extraBytes(), found);
            }
            long block = inode.attributeBlock();
            if (block != 0) {
                if (block >= superblock.blocks()) {
                    throw new DamagedDiskException(
                            "the attributes of inode " + inode.number() + " lie outside of the disk");
                }
                Ext4Attributes.ofBlock(blocks.read(block * superblock.blockBytes(), superblock.blockBytes()), found);
            }
            return found;
        } catch (IOException e) {
            throw failure(e);
        }
    }

    /** Returns the names in a directory, but for {@code .} and {@code ..}, in the disk's order. */
    public List<Name> names(Ext4Inode directory) {
        try {
            if (directory.type() != ArtifactType.DIRECTORY || directory.size() > MAX_DIRECTORY_BYTES) {
                throw new DamagedDiskException("inode " + directory.number() + " is no sound directory");
            }
            List<Name> names = new ArrayList<>();
            long count = directory.size() / superblock.blockBytes();
            for (long index = 0; index < count; index++) {
                Ext4BlockMap.Run run = map.find(directory, index);
                if (run.physical() == 0) {
                    // A hole in a directory holds no names.
                    index += run.count() - 1;
                    continue;
                }
                Ext4Directory.parse(
                        blocks.read(run.physical() * superblock.blockBytes(), superblock.blockBytes()), names);
                if (names.size() > MAX_NAMES) {
                    throw new DamagedDiskException("inode " + directory.number() + " holds too many names");
                }
            }
            return names;
        } catch (IOException e) {
            throw failure(e);
        }
    }

    /** Returns where a symbolic link leads. */
    public byte[] linkTarget(Ext4Inode link) {
        try {
            long size = link.size();
            if (link.type() != ArtifactType.SYMLINK || size <= 0 || size > MAX_LINK_BYTES) {
                throw new DamagedDiskException("inode " + link.number() + " is no sound link");
            }
            byte[] target = new byte[(int) size];
            if (size <= MAX_SHORT_LINK_BYTES && !link.hasExtents()) {
                link.map().get(0, target);
            } else {
                readFully(link, 0, ByteBuffer.wrap(target));
            }
            return target;
        } catch (IOException e) {
            throw failure(e);
        }
    }

    /** Fills a buffer from a file, up to the file's end. */
    public void read(Ext4Inode file, long position, ByteBuffer target) {
        try {
            long left = Math.max(0, file.size() - position);
            if (left < target.remaining()) {
                target.limit(target.position() + (int) left);
            }
            readFully(file, position, target);
        } catch (IOException e) {
            throw failure(e);
        }
    }

    /**
     * A part of a file.
     *
     * @param bytes how long it is, at least 1
     * @param hole whether nothing of it is stored, so that it reads as zeros
     */
    public record Stretch(long bytes, boolean hole) {}

    /** Returns what a file has at a position before its end; the next stretch may be of the same kind. */
    public Stretch stretch(Ext4Inode file, long position) {
        try {
            requireKnown(file);
            Ext4BlockMap.Run run = map.find(file, position / superblock.blockBytes());
            long inBlock = position % superblock.blockBytes();
            long count = Math.min(run.count(), Long.MAX_VALUE / superblock.blockBytes());
            long bytes = count * superblock.blockBytes() - inBlock;
            return new Stretch(Math.min(bytes, file.size() - position), run.physical() == 0);
        } catch (IOException e) {
            throw failure(e);
        }
    }

    private static void requireKnown(Ext4Inode file) throws DamagedDiskException {
        if ((file.flags() & UNKNOWN_FLAGS) != 0) {
            throw new DamagedDiskException("inode " + file.number() + " is stored in a way that Pyro's are not");
        }
    }

    private void readFully(Ext4Inode file, long position, ByteBuffer target) throws IOException {
        requireKnown(file);
        long at = position;
        while (target.hasRemaining()) {
            Ext4BlockMap.Run run = map.find(file, at / superblock.blockBytes());
            int inBlock = (int) (at % superblock.blockBytes());
            long runBytes = Math.min(run.count(), Integer.MAX_VALUE) * superblock.blockBytes() - inBlock;
            int count = (int) Math.min(target.remaining(), runBytes);
            if (run.physical() == 0) {
                BlockSource.zeros(target, count);
            } else {
                ByteBuffer part = target.slice(target.position(), count);
                disk.read(run.physical() * superblock.blockBytes() + inBlock, part);
                target.position(target.position() + count);
            }
            at += count;
        }
    }

    private PyroException failure(IOException cause) {
        return DiskChain.failure(
                "the disk " + layers.getLast().file(), layers.getLast().file(), cause);
    }

    @Override
    public void close() {
        try {
            disk.close();
        } catch (IOException e) {
            throw failure(e);
        }
    }
}
