package dev.pyro.machine.qemu;

import dev.pyro.agent.GuestText;
import dev.pyro.disk.DiskLayer;
import dev.pyro.disk.Ext4Inode;
import dev.pyro.disk.Ext4Reader;
import dev.pyro.machine.FileTree;
import dev.pyro.machine.OfflineDisk.Content;
import dev.pyro.machine.OfflineDisk.Entry;
import dev.pyro.machine.OfflineDisk.Exported;
import dev.pyro.machine.WorkVolumes;
import dev.pyro.model.Arguments;
import dev.pyro.model.ArtifactType;
import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The files on the two disks of a machine, read where they lie: nothing is copied, converted or started for it. */
final class OfflineDiskTree implements FileTree {
    /** Where the second disk is mounted. */
    private static final String WORKSPACE = "/workspace";

    private static final String LOST_AND_FOUND = "lost+found";
    /** What a listing may take in memory, whatever the names are. */
    private static final long MAX_LISTING_CHARS = 64L << 20;

    private static final int MAX_KEPT_DIRECTORIES = 32;
    private static final String TOP = "/";

    private final Optional<List<DiskLayer>> rootDisk;
    private final List<DiskLayer> workDisk;
    private final Exporter exporter;
    private @Nullable Volume root;
    private @Nullable Volume work;

    /**
     * Opens nothing yet.
     *
     * @param rootDisk the machine's root disk, or empty for a volume alone
     * @param workDisk the volume
     * @param exporter makes a sound copy of the root disk
     */
    OfflineDiskTree(Optional<List<DiskLayer>> rootDisk, List<DiskLayer> workDisk, Exporter exporter) {
        this.rootDisk = rootDisk;
        this.workDisk = workDisk;
        this.exporter = exporter;
    }

    /** Makes one sound file of a disk. */
    @FunctionalInterface
    interface Exporter {
        void export(List<DiskLayer> disk, Path image);
    }

    /** One opened disk, and the names in the directories that were last looked into. */
    private record Volume(Ext4Reader reader, Map<Long, Map<String, Long>> directories) {
        static Volume open(List<DiskLayer> layers) {
            return new Volume(Ext4Reader.open(layers), new LinkedHashMap<>(16, 0.75f, true) {
                private static final long serialVersionUID = 1L;

                @Override
                protected boolean removeEldestEntry(Map.Entry<Long, Map<String, Long>> eldest) {
                    return size() > MAX_KEPT_DIRECTORIES;
                }
            });
        }

        Map<String, Long> names(Ext4Inode directory) {
            Map<String, Long> names = directories.get(directory.number());
            if (names == null) {
                names = new HashMap<>();
                for (Ext4Reader.Name name : reader.names(directory)) {
                    names.putIfAbsent(GuestText.decode(name.bytes()), name.inode());
                }
                directories.put(directory.number(), names);
            }
            return names;
        }

        Optional<Ext4Inode> find(String path) {
            Ext4Inode at = reader.root();
            for (String part : path.split("/")) {
                if (part.isEmpty()) {
                    continue;
                }
                if (at.type() != ArtifactType.DIRECTORY) {
                    return Optional.empty();
                }
                Long number = names(at).get(part);
                if (number == null) {
                    return Optional.empty();
                }
                at = reader.inode(number);
            }
            return Optional.of(at);
        }

        Node node(Ext4Inode inode) {
            String target = inode.type() == ArtifactType.SYMLINK ? GuestText.decode(reader.linkTarget(inode)) : "";
            return new Node(inode.type(), inode.permissions(), inode.size(), target);
        }
    }

    /** A path on one of the two disks. */
    private record Place(Volume volume, String path) {}

    private Volume root(List<DiskLayer> layers) {
        if (root == null) {
            root = Volume.open(layers);
        }
        return root;
    }

    private Volume work() {
        if (work == null) {
            work = Volume.open(workDisk);
        }
        return work;
    }

    private Place place(String path) {
        if (rootDisk.isEmpty()) {
            return new Place(work(), path);
        }
        if (path.equals(WORKSPACE) || path.startsWith(WORKSPACE + "/")) {
            return new Place(work(), TOP + path.substring(Math.min(path.length(), WORKSPACE.length() + 1)));
        }
        return new Place(root(rootDisk.get()), path);
    }

    @Override
    public Map<String, Node> examine(Collection<String> paths) {
        Map<String, Node> nodes = new HashMap<>();
        for (String path : paths) {
            Place place = place(path);
            place.volume()
                    .find(place.path())
                    .ifPresent(inode -> nodes.put(path, place.volume().node(inode)));
        }
        return nodes;
    }

    private record Pending(String path, Place place, Ext4Inode directory) {}

    @Override
    public List<Entry> below(String directory, boolean recursive, int maxEntries) {
        List<Entry> entries = new ArrayList<>();
        Deque<Pending> pending = new ArrayDeque<>();
        pending.push(pending(directory));
        long chars = 0;
        while (!pending.isEmpty()) {
            Pending next = pending.pop();
            for (Map.Entry<String, Long> name : namesIn(next).entrySet()) {
                String path = (next.path().equals(TOP) ? "" : next.path()) + "/" + name.getKey();
                boolean switches = rootDisk.isPresent() && path.equals(WORKSPACE);
                Volume volume = switches ? work() : next.place().volume();
                Ext4Inode inode =
                        switches ? volume.reader().root() : volume.reader().inode(name.getValue());
                Node node = volume.node(inode);
                entries.add(new Entry(path, node.type(), node.mode(), node.sizeBytes(), node.linkTarget()));
                chars += path.length() + node.linkTarget().length();
                if (entries.size() > maxEntries || chars > MAX_LISTING_CHARS) {
                    throw new PyroException(
                            ErrorCode.FILE_UNSUITABLE,
                            "there is more in " + Arguments.printable(directory)
                                    + " on the disk than a listing may hold (" + maxEntries
                                    + " entries); list one of the directories in it");
                }
                if (recursive && node.type() == ArtifactType.DIRECTORY) {
                    pending.push(new Pending(path, place(path), inode));
                }
            }
        }
        return entries;
    }

    private Pending pending(String directory) {
        Place place = place(directory);
        return new Pending(directory, place, place.volume().find(place.path()).orElseThrow());
    }

    private Map<String, Long> namesIn(Pending directory) {
        Map<String, Long> names = directory.place().volume().names(directory.directory());
        if (!directory.path().equals(TOP) || rootDisk.isEmpty()) {
            return names;
        }
        Map<String, Long> shown = new HashMap<>(names);
        shown.remove(LOST_AND_FOUND);
        // It is there when the machine runs, whatever the root disk says.
        shown.put(WORKSPACE.substring(1), 0L);
        return shown;
    }

    @Override
    public Map<String, Content> read(Collection<String> files, long maxBytesEach) {
        Map<String, Content> contents = new LinkedHashMap<>();
        for (String path : files) {
            Place place = place(path);
            Ext4Inode inode = place.volume().find(place.path()).orElseThrow();
            int count = (int) Math.min(Math.min(inode.size(), maxBytesEach), Integer.MAX_VALUE - 8);
            ByteBuffer bytes = ByteBuffer.allocate(count);
            place.volume().reader().read(inode, 0, bytes);
            contents.put(path, new Content(inode.size(), bytes.flip().asReadOnlyBuffer()));
        }
        return contents;
    }

    @Override
    public WorkVolumes.Usage usage() {
        return new WorkVolumes.Usage(
                work().reader().usedInodes(), work().reader().usedBytes());
    }

    @Override
    public Exported export(Path image) {
        exporter.export(rootDisk.orElseThrow(() -> new IllegalStateException("a volume alone is not exported")), image);
        return Exported.ROOT_ONLY;
    }

    @Override
    public void close() {
        if (root != null) {
            root.reader().close();
        }
        if (work != null) {
            work.reader().close();
        }
    }
}
