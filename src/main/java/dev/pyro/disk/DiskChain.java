package dev.pyro.disk;

import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import dev.pyro.os.HostCommand;
import dev.pyro.os.LeasedCommand;
import dev.pyro.store.AtomicFiles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A disk that lies in several files. */
final class DiskChain {
    /** Far above what the bound on snapshots allows. */
    private static final int MAX_LAYERS = 2048;

    private static final Duration COPY_TIMEOUT = Duration.ofMinutes(20);
    private static final int PIECE_BYTES = 64 << 10;
    /** So large that not many of them fit on a disk. */
    private static final long LARGE_HOLE_BYTES = 64L << 20;

    private DiskChain() {}

    /** Opens a disk. Only the files that are named here are ever opened, and none of them through a link. */
    static BlockSource open(List<DiskLayer> layers) throws IOException {
        if (layers.isEmpty() || layers.size() > MAX_LAYERS) {
            throw new IllegalArgumentException("a disk of " + layers.size() + " layers");
        }
        BlockSource top = null;
        boolean done = false;
        try {
            for (DiskLayer layer : layers) {
                top = openOver(top, layer);
            }
            done = true;
            return java.util.Objects.requireNonNull(top);
        } finally {
            if (!done && top != null) {
                top.close();
            }
        }
    }

    private static BlockSource openOver(@Nullable BlockSource backing, DiskLayer layer) throws IOException {
        if (!Files.isRegularFile(layer.file(), LinkOption.NOFOLLOW_LINKS)) {
            throw new DamagedDiskException("the file " + layer.file() + " is missing");
        }
        FileChannel channel =
                FileChannel.open(layer.file(), Set.of(StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS));
        boolean done = false;
        try {
            BlockSource source = switch (layer.format()) {
                case RAW -> new RawDisk(channel);
                case QCOW2 -> new Qcow2Disk(channel, backing);
            };
            done = true;
            return source;
        } catch (DamagedDiskException e) {
            throw new DamagedDiskException(layer.file() + " is damaged: " + e.getMessage());
        } finally {
            if (!done) {
                channel.close();
            }
        }
    }

    /**
     * Copies a disk into one raw sparse file.
     *
     * @param image does not exist yet
     */
    static void copy(List<DiskLayer> layers, Path image) throws IOException {
        DiskLayer lowest = layers.getFirst();
        if (lowest.format() == Qcow2.Format.RAW) {
            // It knows holes and, where the file system can, shares the blocks.
            HostCommand.Result result = LeasedCommand.run(
                    HostCommand.of(
                            COPY_TIMEOUT,
                            List.of(
                                    "cp",
                                    "--sparse=auto",
                                    "--reflink=auto",
                                    "--no-dereference",
                                    "--",
                                    lowest.file().toString(),
                                    image.toString())),
                    line -> {});
            if (result.exitCode() != 0) {
                throw new IOException("cp: " + result.output().strip());
            }
        } else {
            Files.createFile(image);
        }
        Files.setAttribute(image, "unix:mode", 0600);
        try (FileChannel target = FileChannel.open(
                image, Set.of(StandardOpenOption.READ, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS))) {
            for (DiskLayer layer : layers) {
                if (layer.format() == Qcow2.Format.QCOW2) {
                    try (BlockSource source = openOver(null, layer)) {
                        lay((Qcow2Disk) source, image, target);
                    } catch (DamagedDiskException e) {
                        throw new DamagedDiskException(layer.file() + " is damaged: " + e.getMessage());
                    }
                }
            }
        }
    }

    /** Writes what an overlay holds over what lies under it. */
    private static void lay(Qcow2Disk overlay, Path image, FileChannel target) throws IOException {
        if (target.size() > overlay.size()) {
            target.truncate(overlay.size());
        }
        int piece = Math.max(PIECE_BYTES, overlay.clusterBytes());
        ByteBuffer fresh = ByteBuffer.allocate(piece);
        ByteBuffer old = ByteBuffer.allocate(piece);
        long position = 0;
        boolean canPunch = true;
        while (position < overlay.size()) {
            if (overlay.nothingNear(position)) {
                position = (position / overlay.tableSpan() + 1) * overlay.tableSpan();
                continue;
            }
            long zeros = canPunch ? overlay.zerosFrom(position) : 0;
            if (zeros >= LARGE_HOLE_BYTES) {
                canPunch = punch(image, position, zeros);
                position += canPunch ? zeros : 0;
                continue;
            }
            int count = (int) Math.min(overlay.clusterBytes(), overlay.size() - position);
            if (!(overlay.cluster(position) instanceof Qcow2Disk.Cluster.Below)) {
                fresh.clear().limit(count);
                overlay.read(position, fresh);
                old.clear().limit(count);
                RawDisk.readFully(target, position, old);
                // Zeros over a hole stay a hole.
                if (fresh.flip().mismatch(old.flip()) >= 0) {
                    write(target, position, fresh);
                }
            }
            position += count;
        }
        if (target.size() < overlay.size()) {
            extend(target, overlay.size());
        }
    }

    /** Makes a hole at once where looking for what is not zeros yet would take long; not every file system can. */
    private static boolean punch(Path image, long position, long count) {
        return HostCommand.of(
                                COPY_TIMEOUT,
                                List.of(
                                        "fallocate",
                                        "--punch-hole",
                                        "--offset",
                                        Long.toString(position),
                                        "--length",
                                        Long.toString(count),
                                        image.toString()))
                        .run()
                        .exitCode()
                == 0;
    }

    private static void write(FileChannel target, long position, ByteBuffer bytes) throws IOException {
        long at = position;
        while (bytes.hasRemaining()) {
            at += target.write(bytes, at);
        }
    }

    private static void extend(FileChannel target, long size) throws IOException {
        write(target, size - 1, ByteBuffer.allocate(1));
    }

    /** Turns what went wrong with a disk into the error that the user sees. */
    static PyroException failure(String what, Path file, IOException cause) {
        if (cause instanceof DamagedDiskException) {
            return new PyroException(
                    ErrorCode.STORAGE_UNUSABLE,
                    "cannot read " + what + ": " + cause.getMessage()
                            + "; it is damaged, from inside the machine or by the host's disk: start from a snapshot",
                    cause);
        }
        return AtomicFiles.failure("read", file, cause);
    }
}
