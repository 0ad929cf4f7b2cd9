package dev.pyro.image;

import dev.pyro.disk.Ext4Images;
import dev.pyro.disk.TreeMeasure;
import dev.pyro.model.ErrorCode;
import dev.pyro.model.Progress;
import dev.pyro.model.PyroException;
import dev.pyro.oci.LocalImage;
import dev.pyro.os.BuildNamespace;
import dev.pyro.os.HostCommand;
import dev.pyro.os.HostTools;
import dev.pyro.store.AtomicFiles;
import dev.pyro.tar.BadArchiveException;
import java.io.EOFException;
import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.zip.ZipException;
import org.jspecify.annotations.Nullable;

/** One image on its way to a root file system. Used once, by one thread. */
final class Unpacking {
    private static final String OPERATION = "pull";
    private static final Duration MEASURE_TIMEOUT = Duration.ofMinutes(20);
    private static final Duration DELETE_TIMEOUT = Duration.ofMinutes(5);
    private static final Duration MAP_TIMEOUT = Duration.ofSeconds(20);

    /** More layers at a time would only hold memory. */
    static final int READERS = 3;

    /** The tree and the image that is made of it lie on the disk at the same time; and a little more. */
    private static final double ROOM_FACTOR = 2.1;

    /** Whom the agent is asked for when an image names no user. */
    private static final String NO_USER = "0";

    private static final int SHORT_DIGEST = "sha256:".length() + 12;

    private final HostTools tools;
    private final BuildNamespace namespace;
    private final LocalImage image;
    private final Path stage;
    private final Progress.Listener listener;
    private final UnpackBounds bounds;
    private final String subject;

    Unpacking(
            HostTools tools,
            BuildNamespace namespace,
            Map<String, String> environment,
            LocalImage image,
            Path stage,
            Progress.Listener listener) {
        this.tools = tools;
        this.namespace = namespace;
        this.image = image;
        this.stage = stage;
        this.listener = listener;
        long compressed = 0;
        for (Path layer : image.layers()) {
            try {
                compressed += Files.size(layer);
            } catch (IOException e) {
                throw unreadable(layer, e);
            }
        }
        this.bounds = UnpackBounds.of(environment, compressed);
        String digest = image.manifest().digest();
        this.subject = digest.substring(0, Math.min(SHORT_DIGEST, digest.length()));
    }

    Unpacked run() {
        if (image.layers().size() > UnpackBounds.MAX_LAYERS) {
            throw new PyroException(
                    ErrorCode.ARCHIVE_REFUSED,
                    "the image has " + image.layers().size() + " layers; at most " + UnpackBounds.MAX_LAYERS
                            + " are taken");
        }
        progress("unpack", "checks " + image.layers().size() + " layers");
        MergedTree merged = merge();
        requireOwners(merged);
        Path work = stage.resolve("unpack");
        try {
            Files.createDirectory(
                    work, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            Path tree = Files.createDirectory(work.resolve("tree"));
            TreeWriter writer = new TreeWriter(merged);
            requireRoom(writer.diskBytes());
            new TreeFeed(tools, namespace, image, bounds, listener, subject).write(writer, tree);
            progress("image", "makes the disk image");
            TreeMeasure measure = measure(tree);
            Path rootfs = stage.resolve("rootfs.ext4");
            new Ext4Images(tools, namespace).build(tree, writer.content(measure.content()), rootfs, writer.top());
            byte[] osRelease = writer.content(OsRelease.PATH);
            return new Unpacked(
                    rootfs,
                    measure.digest(),
                    measure.content().bytes(),
                    measure.content().entries(),
                    user(image.config().user(), writer.content(TreeFeed.PASSWD), writer.content(TreeFeed.GROUP)),
                    OsRelease.parse(osRelease.length > 0 ? osRelease : writer.content(OsRelease.OTHER_PATH)));
        } catch (IOException e) {
            throw AtomicFiles.failure("unpack to", work, e);
        } finally {
            namespace.deleteTree(work, DELETE_TIMEOUT);
        }
    }

    /**
     * Returns who commands run as.
     *
     * @param user as the image says; it may say nothing
     */
    static Optional<OwnerIds> user(@Nullable String user, byte[] passwd, byte[] group) {
        return PasswdFile.find(user == null || user.isEmpty() ? NO_USER : user, passwd, group);
    }

    private void progress(String phase, String detail) {
        listener.onProgress(new Progress(OPERATION, phase, subject, null, detail));
    }

    /** Reads all layers, several at a time, and takes their entries in order. */
    private MergedTree merge() {
        MergedTree merged = new MergedTree(bounds);
        Deque<LayerReader> readers = new ArrayDeque<>();
        LayerBudget budget = new LayerBudget(bounds);
        int started = 0;
        try {
            for (int layer = 0; layer < image.layers().size(); layer++) {
                while (started < image.layers().size() && readers.size() < READERS) {
                    Path file = image.layers().get(started++);
                    readers.add(LayerReader.start(() -> LayerStream.open(file, tools, namespace.root(), budget)));
                }
                try (LayerReader reader = readers.remove()) {
                    merge(merged, layer, reader);
                }
            }
            return merged;
        } finally {
            readers.forEach(LayerReader::close);
        }
    }

    private void merge(MergedTree merged, int layer, LayerReader reader) {
        merged.beginLayer(layer);
        try {
            int place = 0;
            for (LayerEntry entry = reader.next(); entry != null; entry = reader.next()) {
                merged.apply(place++, entry);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new PyroException(ErrorCode.INTERRUPTED, "reading the layers was interrupted", e);
        } catch (IOException e) {
            throw refusal(image, layer, e);
        }
    }

    /** Turns what went wrong with a layer into the error that the user sees. */
    static PyroException refusal(LocalImage image, int layer, IOException e) {
        String what = switch (e) {
            case BadArchiveException bad -> String.valueOf(bad.getMessage());
            case EOFException eof -> "it is truncated";
            case ZipException zip -> "its compressed data are damaged (" + zip.getMessage() + ")";
            case ClosedByInterruptException interrupted ->
                throw new PyroException(ErrorCode.INTERRUPTED, "reading the layers was interrupted", interrupted);
            default -> throw unreadable(image.layers().get(layer), e);
        };
        return new PyroException(
                ErrorCode.ARCHIVE_REFUSED,
                "the image's layer " + (layer + 1) + " of " + image.layers().size() + " ("
                        + image.manifest().layers().get(layer).digest() + ") is refused: " + what
                        + "; nothing was installed",
                e);
    }

    static PyroException unreadable(Path layer, IOException e) {
        return AtomicFiles.failure("read", layer, e);
    }

    private void requireOwners(MergedTree merged) {
        if (namespace.root()) {
            return;
        }
        requireOwner("user", merged.greatestUser(), "/etc/subuid", map("/proc/self/uid_map"));
        requireOwner("group", merged.greatestGroup(), "/etc/subgid", map("/proc/self/gid_map"));
    }

    private String map(String file) {
        return namespace
                .run(HostCommand.of(MAP_TIMEOUT, List.of("cat", file)), line -> {})
                .output();
    }

    /** How many subordinate ids a user has is the host's choice: some give fewer than the usual 65,536, some more. */
    static void requireOwner(String kind, long owner, String source, String ranges) {
        if (ranges.lines().noneMatch(range -> holds(range, owner))) {
            throw new PyroException(
                    ErrorCode.HOST_UNSUPPORTED,
                    "the image has files that belong to the " + kind + " " + owner
                            + ", which an ordinary user's subordinate ids do not reach: run Pyro as root, or give your"
                            + " user more than " + owner + " ids in " + source);
        }
    }

    /** Tells whether a line of a map of ids, INSIDE OUTSIDE COUNT, holds an id. */
    static boolean holds(String range, long id) {
        String[] fields = range.strip().split("\\s+");
        try {
            long first = Long.parseLong(fields[0]);
            return fields.length == 3 && id >= first && id - first < Long.parseLong(fields[2]);
        } catch (NumberFormatException e) {
            return false;
        }
    }

    private void requireRoom(long diskBytes) throws IOException {
        long wanted = (long) (diskBytes * ROOM_FACTOR);
        long free = Files.getFileStore(stage).getUsableSpace();
        if (wanted > free) {
            throw new PyroException(
                    ErrorCode.DISK_FULL,
                    "cannot unpack the image: it takes " + (wanted >> 20)
                            + " MiB while it is unpacked, and the disk of "
                            + stage + " has " + (free >> 20)
                            + " MiB left; free some room (`pyro env prune` helps) and try"
                            + " again");
        }
    }

    private TreeMeasure measure(Path tree) {
        HostCommand.Result result =
                namespace.run(HostCommand.of(MEASURE_TIMEOUT, TreeMeasure.commandLine(tree)), line -> {});
        return TreeMeasure.parse(result.output())
                .filter(measure -> result.exitCode() == 0)
                .orElseThrow(() -> Ext4Images.failure("measure what the image holds", result.output()));
    }
}
