package dev.pyro.disk;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A qcow2 overlay, read without QEMU. What Pyro's own machines write is understood: no compression, encryption or file beside it. The
 * name of a backing file in its header has no say.
 *
 * @see <a href="https://www.qemu.org/docs/master/interop/qcow2.html">the format</a>
 */
final class Qcow2Disk implements BlockSource {
    private static final int MAGIC = 0x514649fb;
    private static final int HEADER_BYTES = 104;
    private static final int MIN_CLUSTER_BITS = 9;
    private static final int MAX_CLUSTER_BITS = 21;
    /** QEMU's own bound on the first table. */
    private static final int MAX_L1_ENTRIES = 4 << 20;

    private static final long MAX_SIZE = 64L << 40;
    /** Only that the reference counts may be stale, which no reader looks at. */
    private static final long KNOWN_FEATURES = 1;

    private static final long OFFSET_MASK = 0x00ff_ffff_ffff_fe00L;
    private static final long COMPRESSED = 1L << 62;
    private static final long ZERO = 1;
    private static final int CACHED_BYTES = 8 << 20;

    private final FileChannel channel;
    private final @Nullable BlockSource backing;
    private final long size;
    private final int clusterBits;
    private final int version;
    private final long[] l1;
    private final Map<Long, ByteBuffer> tables = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Long, ByteBuffer> eldest) {
            return size() > Math.max(2, CACHED_BYTES >> clusterBits);
        }
    };

    Qcow2Disk(FileChannel channel, @Nullable BlockSource backing) throws IOException {
        this.channel = channel;
        this.backing = backing;
        ByteBuffer header = ByteBuffer.allocate(HEADER_BYTES);
        RawDisk.readFully(channel, 0, header);
        version = header.getInt(4);
        clusterBits = header.getInt(20);
        size = header.getLong(24);
        long features = version >= 3 ? header.getLong(72) : 0;
        if (header.getInt(0) != MAGIC || version < 2 || version > 3) {
            throw new DamagedDiskException("it is no qcow2 disk");
        }
        if (clusterBits < MIN_CLUSTER_BITS || clusterBits > MAX_CLUSTER_BITS || size < 0 || size > MAX_SIZE) {
            throw new DamagedDiskException("its header has impossible sizes");
        }
        if ((features & ~KNOWN_FEATURES) != 0 || header.getInt(32) != 0) {
            throw new DamagedDiskException("its header asks for what Pyro's machines do not use (features "
                    + Long.toHexString(features) + ")");
        }
        l1 = readFirstTable(header.getInt(36), header.getLong(40));
    }

    private long[] readFirstTable(int entries, long offset) throws IOException {
        long covered = 1L << (2 * clusterBits - 3);
        long needed = (size + covered - 1) / covered;
        if (needed > MAX_L1_ENTRIES || Integer.toUnsignedLong(entries) < needed || !inFile(offset, needed * 8)) {
            throw new DamagedDiskException("its first table does not fit");
        }
        ByteBuffer bytes = ByteBuffer.allocate((int) needed * 8);
        RawDisk.readFully(channel, offset, bytes);
        long[] table = new long[(int) needed];
        bytes.flip().asLongBuffer().get(table);
        return table;
    }

    private boolean inFile(long offset, long count) throws IOException {
        return offset > 0 && count >= 0 && offset <= channel.size() - count;
    }

    @Override
    public long size() {
        return size;
    }

    int clusterBytes() {
        return 1 << clusterBits;
    }

    @Override
    public void read(long position, ByteBuffer target) throws IOException {
        long at = position;
        while (target.hasRemaining()) {
            int inCluster = (int) (at & (clusterBytes() - 1));
            int count = Math.min(target.remaining(), clusterBytes() - inCluster);
            ByteBuffer part = target.slice(target.position(), count);
            Cluster cluster = at < size ? cluster(at) : Cluster.ZEROS;
            switch (cluster) {
                case Cluster.Zeros _ -> BlockSource.zeros(part, count);
                case Cluster.Below _ -> {
                    if (backing == null) {
                        BlockSource.zeros(part, count);
                    } else {
                        backing.read(at, part);
                    }
                }
                case Cluster.Here(long offset) -> RawDisk.readFully(channel, offset + inCluster, part);
            }
            target.position(target.position() + count);
            at += count;
        }
    }

    /** Where a cluster's bytes are. */
    sealed interface Cluster {
        Cluster ZEROS = new Zeros();
        Cluster BELOW = new Below();

        record Zeros() implements Cluster {}

        record Below() implements Cluster {}

        record Here(long offset) implements Cluster {}
    }

    /** Tells whether the overlay holds nothing at all of the part of the disk that a position's second table covers. */
    boolean nothingNear(long position) {
        return (l1[(int) (position >>> (2 * clusterBits - 3))] & OFFSET_MASK) == 0;
    }

    /** Returns how much of the disk one second table covers. */
    long tableSpan() {
        return 1L << (2 * clusterBits - 3);
    }

    /** Returns how many bytes, whole clusters up to the disk's end, are written zeros from a position on. */
    long zerosFrom(long position) throws IOException {
        long at = position;
        while (at < size && cluster(at) instanceof Cluster.Zeros) {
            at += clusterBytes();
        }
        return Math.min(at, size) - position;
    }

    Cluster cluster(long position) throws IOException {
        long l2 = l1[(int) (position >>> (2 * clusterBits - 3))] & OFFSET_MASK;
        if (l2 == 0) {
            return Cluster.BELOW;
        }
        int index = (int) (position >>> clusterBits) & (clusterBytes() / 8 - 1);
        long entry = table(l2).getLong(index * 8);
        if ((entry & COMPRESSED) != 0) {
            throw new DamagedDiskException("it holds a compressed cluster, which Pyro's machines never write");
        }
        if (version >= 3 && (entry & ZERO) != 0) {
            return Cluster.ZEROS;
        }
        long offset = entry & OFFSET_MASK;
        if (offset == 0) {
            return Cluster.BELOW;
        }
        if ((offset & (clusterBytes() - 1)) != 0) {
            throw new DamagedDiskException("its tables point to no cluster");
        }
        return new Cluster.Here(offset);
    }

    private ByteBuffer table(long offset) throws IOException {
        ByteBuffer cached = tables.get(offset);
        if (cached != null) {
            return cached;
        }
        if ((offset & (clusterBytes() - 1)) != 0 || !inFile(offset, clusterBytes())) {
            throw new DamagedDiskException("its first table points outside of it");
        }
        ByteBuffer table = ByteBuffer.allocate(clusterBytes());
        RawDisk.readFully(channel, offset, table);
        tables.put(offset, table);
        return table;
    }

    @Override
    public void close() throws IOException {
        try {
            channel.close();
        } finally {
            if (backing != null) {
                backing.close();
            }
        }
    }
}
