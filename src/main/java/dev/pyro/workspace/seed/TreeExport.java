package dev.pyro.workspace.seed;

import dev.pyro.model.Arguments;
import dev.pyro.model.ArtifactType;
import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import dev.pyro.os.Host;
import dev.pyro.os.HostCommand;
import dev.pyro.os.HostEntropy;
import dev.pyro.os.HostPipe;
import dev.pyro.os.Undisturbed;
import dev.pyro.store.AtomicFiles;
import dev.pyro.tar.BadArchiveException;
import dev.pyro.tar.ByteText;
import dev.pyro.tar.TarReader;
import dev.pyro.tar.TarStream;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.Pipe;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Makes a file, a directory or a link on the host of the tar stream that a guest sends for it. It is built in a closed folder beside its place and gets
 * its name in one step, or there is nothing. {@link #close} removes what is not committed, and so does the end of this process in any orderly way.
 * One thread writes; what it wrote is unpacked on another one.
 *
 * <p>The host's tar unpacks: Java's paths cannot hold names in all bytes. It never sees the guest's archive, only one that this package writes from
 * entries it has checked: below one folder, no name twice, nothing below a link, no hard links, devices or setuid bits. So it needs no sandbox of
 * namespaces, which many hosts forbid to ordinary users who may well run virtual machines; root's tar runs without capabilities and so can
 * neither give files away nor make devices. A second process costs about 5 ms.
 */
public final class TreeExport implements AutoCloseable {
    private static final Duration UNPACK_LIMIT = Duration.ofHours(2);
    private static final Duration RENAME_LIMIT = Duration.ofSeconds(30);
    private static final Duration JOIN_LIMIT = Duration.ofMinutes(2);
    private static final int BUFFER = 128 * 1024;
    private static final int SUFFIX_BYTES = 6;

    private final Path output;
    private final Path folder;
    private final Pipe pipe;
    private final OutputStream sink;
    private final Thread unpacker;
    private final Thread hook;
    private final ExportFeed feed;
    private volatile @Nullable PyroException failure;
    private volatile boolean unpacked;
    private boolean closed;

    /**
     * What was made.
     *
     * @param type what it is
     * @param entries it and everything in it
     * @param bytes of content
     */
    public record Result(ArtifactType type, long entries, long bytes) {}

    private TreeExport(Path output, Path folder, String top, SeedBounds bounds) throws IOException {
        this.output = output;
        this.folder = folder;
        pipe = Pipe.open();
        feed = new ExportFeed(
                new TarReader(new BufferedInputStream(Channels.newInputStream(pipe.source()), BUFFER)), top, bounds);
        sink = new Sink(Channels.newOutputStream(pipe.sink()));
        unpacker = Thread.ofPlatform().daemon().name("pyro-export").unstarted(this::unpack);
        hook = new Thread(this::discard, "remove-" + folder.getFileName());
    }

    /**
     * Prepares to make something.
     *
     * @param output a path that does not exist, in a folder that does and can be written
     * @param name the last component of the guest path that is asked for, which the archive's top has, in the form of guest paths
     * @throws PyroException {@link ErrorCode#OUTPUT_UNUSABLE}, {@link ErrorCode#DISK_FULL}
     */
    public static TreeExport begin(Path output, String name, long maxBytes, long maxEntries) {
        Path absolute = output.toAbsolutePath().normalize();
        Path fileName = absolute.getFileName();
        if (fileName == null || Files.exists(absolute, LinkOption.NOFOLLOW_LINKS)) {
            throw exists(absolute);
        }
        Path parent = AtomicFiles.parent(absolute);
        if (!Files.isDirectory(parent)) {
            throw new PyroException(
                    ErrorCode.OUTPUT_UNUSABLE,
                    "cannot export to " + shown(absolute) + ": there is no folder " + shown(parent));
        }
        String suffix = HexFormat.of().formatHex(HostEntropy.draw(SUFFIX_BYTES));
        // A long name must not become too long for a file system.
        String shortName =
                fileName.toString().substring(0, Math.min(fileName.toString().length(), 50));
        Path folder = parent.resolve("." + shortName + ".pyro-" + suffix);
        try {
            Files.createDirectory(
                    folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        } catch (IOException e) {
            throw unusable(absolute, e);
        }
        try {
            TreeExport export =
                    new TreeExport(absolute, folder, ByteText.toRaw(name), new SeedBounds(maxBytes, maxEntries));
            Runtime.getRuntime().addShutdownHook(export.hook);
            export.unpacker.start();
            return export;
        } catch (IOException | RuntimeException e) {
            AtomicFiles.deleteTree(folder);
            throw e instanceof IllegalStateException
                    ? new PyroException(ErrorCode.INTERRUPTED, "Pyro is shutting down", e)
                    : e instanceof PyroException known ? known : unusable(absolute, e);
        }
    }

    private static String shown(Path path) {
        return Arguments.printable(path.toString());
    }

    private static PyroException exists(Path output) {
        return new PyroException(
                ErrorCode.OUTPUT_UNUSABLE,
                "cannot export to " + shown(output) + ": it already exists; choose another path, or remove it first");
    }

    private static PyroException unusable(Path output, Exception e) {
        String reason = e instanceof IOException io ? DirectorySource.reason(io) : String.valueOf(e.getMessage());
        ErrorCode code = HostPipe.isDiskFull(reason) ? ErrorCode.DISK_FULL : ErrorCode.OUTPUT_UNUSABLE;
        return new PyroException(code, "cannot export to " + shown(output) + ": " + reason, e);
    }

    /**
     * Returns where the guest's archive goes. It need not be closed. When the archive is refused or cannot be unpacked, a write throws the {@link
     * PyroException} that says why, sooner or later.
     */
    public OutputStream sink() {
        return sink;
    }

    /**
     * Waits until everything is unpacked, and gives it its name.
     *
     * @throws PyroException {@link ErrorCode#ARCHIVE_REFUSED} when the guest sent what it must not, {@link ErrorCode#DISK_FULL}, {@link
     *     ErrorCode#OUTPUT_UNUSABLE} when something has the name meanwhile
     */
    public Result commit() {
        try {
            pipe.sink().close();
            if (!unpacker.join(JOIN_LIMIT)) {
                throw new PyroException(ErrorCode.HOST_TOOL_FAILED, "unpacking to " + shown(output) + " does not end");
            }
        } catch (IOException e) {
            throw unusable(output, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new PyroException(ErrorCode.INTERRUPTED, "the export was interrupted", e);
        }
        PyroException problem = failure;
        if (problem != null) {
            throw problem;
        }
        return publish();
    }

    private synchronized Result publish() {
        if (closed || !unpacked) {
            throw new PyroException(ErrorCode.INTERRUPTED, "the export was interrupted");
        }
        Path made = folder.resolve(ExportFeed.TOP);
        HostCommand.Result renamed =
                Undisturbed.call(HostCommand.of(RENAME_LIMIT, HostToolLines.rename(made, output))::run);
        if (Files.exists(made, LinkOption.NOFOLLOW_LINKS)) {
            throw renamed.output().isBlank()
                    ? exists(output)
                    : new PyroException(
                            ErrorCode.OUTPUT_UNUSABLE,
                            "cannot export to " + shown(output) + ": "
                                    + renamed.output().strip());
        }
        return new Result(
                switch (feed.topKind()) {
                    case FILE -> ArtifactType.FILE;
                    case DIRECTORY -> ArtifactType.DIRECTORY;
                    case SYMLINK -> ArtifactType.SYMLINK;
                    case HARD_LINK, CHARACTER_DEVICE, BLOCK_DEVICE, FIFO -> ArtifactType.OTHER;
                },
                feed.entries(),
                feed.bytes());
    }

    /** Removes what is not committed. */
    @Override
    public void close() {
        Undisturbed.run(this::discard);
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // The process is ending already, and the hook finds nothing left to do.
            return;
        }
    }

    private synchronized void discard() {
        if (closed) {
            return;
        }
        closed = true;
        try {
            pipe.sink().close();
            pipe.source().close();
            unpacker.interrupt();
            unpacker.join(JOIN_LIMIT);
        } catch (IOException e) {
            throw unusable(output, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            AtomicFiles.deleteTree(folder);
        }
    }

    private void unpack() {
        List<String> command = new ArrayList<>(List.of("setpriv", "--no-new-privs"));
        if (Host.isRoot()) {
            command.addAll(List.of("--inh-caps", "-all", "--bounding-set", "-all"));
        }
        command.add("--");
        command.addAll(HostToolLines.unpackForCaller());
        try (InputStream stream = new TarStream(feed, true);
                HostPipe tar = new HostPipe(command, folder, true, UNPACK_LIMIT)) {
            boolean taken = SeedStaging.copy(stream, tar.input());
            if (tar.await() != 0 || !taken) {
                ErrorCode code = tar.saysDiskFull() ? ErrorCode.DISK_FULL : ErrorCode.OUTPUT_UNUSABLE;
                throw new PyroException(
                        code, "cannot export to " + shown(output) + ": " + ByteText.printable(tar.errors()));
            }
            unpacked = true;
        } catch (BadArchiveException e) {
            failure = refused(String.valueOf(e.getMessage()), e);
        } catch (EOFException e) {
            failure = refused("it is cut off", e);
        } catch (IOException e) {
            failure = unusable(output, e);
        } catch (PyroException e) {
            failure = e;
        } finally {
            closeSource();
        }
    }

    private PyroException refused(String what, IOException cause) {
        return new PyroException(
                ErrorCode.ARCHIVE_REFUSED,
                "what the guest sent for " + shown(output) + " is refused: " + what + "; nothing was written",
                cause);
    }

    /** Whoever still writes hears of it so. */
    private void closeSource() {
        try {
            pipe.source().close();
        } catch (IOException e) {
            return;
        }
    }

    /** Turns the unpacker's failure into that of the write. */
    private final class Sink extends OutputStream {
        private final OutputStream out;

        Sink(OutputStream out) {
            this.out = out;
        }

        @Override
        public void write(int b) throws IOException {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            try {
                out.write(bytes, offset, length);
            } catch (IOException e) {
                PyroException problem = failure;
                if (problem != null) {
                    throw problem;
                }
                throw e;
            }
        }
    }
}
