package dev.pyro.image;

import dev.pyro.model.ErrorCode;
import dev.pyro.model.Progress;
import dev.pyro.model.PyroException;
import dev.pyro.oci.LocalImage;
import dev.pyro.os.BuildNamespace;
import dev.pyro.os.HostPipe;
import dev.pyro.os.HostTools;
import dev.pyro.tar.ByteText;
import dev.pyro.tar.TarReader;
import dev.pyro.tar.TarWriter;
import java.io.BufferedOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** Feeds a merged tree to the host's tar, which unpacks it in the build namespace. Used once, by one thread. */
final class TreeFeed {
    static final String PASSWD = "etc/passwd";
    static final String GROUP = "etc/group";

    private static final int BUFFER = 256 << 10;
    private static final Duration LIMIT = Duration.ofHours(2);

    /** At its end it gives all folders their times. */
    private static final Duration END_LIMIT = Duration.ofMinutes(10);

    /** A step smaller than this is not worth a call. */
    private static final double STEP = 0.01;

    private final HostTools tools;
    private final BuildNamespace namespace;
    private final LocalImage image;
    private final UnpackBounds bounds;
    private final Progress.Listener listener;
    private final String subject;
    private double shown = -1;

    TreeFeed(
            HostTools tools,
            BuildNamespace namespace,
            LocalImage image,
            UnpackBounds bounds,
            Progress.Listener listener,
            String subject) {
        this.tools = tools;
        this.namespace = namespace;
        this.image = image;
        this.bounds = bounds;
        this.listener = listener;
        this.subject = subject;
    }

    /** Unpacks our own archive as root in the build namespace: everything is as the archive says. */
    static List<String> commandLine(Path tree) {
        return List.of(
                "tar",
                "--extract",
                "--file=-",
                "--numeric-owner",
                "--same-owner",
                "--preserve-permissions",
                "--xattrs",
                "--xattrs-include=security.capability",
                "--xattrs-include=user.*",
                "--no-acls",
                "--no-selinux",
                "--delay-directory-restore",
                "--warning=no-timestamp",
                "--directory=" + tree);
    }

    /** Writes the tree into an empty folder. */
    void write(TreeWriter writer, Path tree) {
        try (HostPipe tar = new HostPipe(namespace.wrap(commandLine(tree)), true, LIMIT)) {
            boolean taken = true;
            try (ProgramInput input = new ProgramInput(new BufferedOutputStream(tar.input(), BUFFER))) {
                write(writer, new TarWriter(input));
            } catch (ProgramEndedException e) {
                taken = false;
            }
            int exitCode = tar.await(END_LIMIT);
            if (Thread.currentThread().isInterrupted()) {
                throw new PyroException(ErrorCode.INTERRUPTED, "unpacking the image was interrupted");
            }
            if (exitCode != 0 || !taken) {
                throw failure(tar);
            }
            // It only warns of an attribute that the file system does not take.
            if (!tar.errors().isEmpty()) {
                throw new PyroException(
                        ErrorCode.HOST_UNSUPPORTED,
                        "the file system of the cache cannot hold all that the image has: "
                                + ByteText.printable(tar.errors())
                                + "; put the cache (PYRO_CACHE_DIR) on an ext4, XFS or"
                                + " Btrfs");
            }
        }
    }

    private static PyroException failure(HostPipe tar) {
        if (tar.saysDiskFull()) {
            return new PyroException(
                    ErrorCode.DISK_FULL,
                    "cannot unpack the image: the disk is full; free some room (`pyro env prune` helps) and try again");
        }
        return new PyroException(
                ErrorCode.HOST_TOOL_FAILED, "cannot unpack the image: " + ByteText.printable(tar.errors()));
    }

    private void write(TreeWriter writer, TarWriter out) throws ProgramEndedException {
        int layer = -1;
        try {
            writer.watch(PASSWD);
            writer.watch(GROUP);
            writer.watch(OsRelease.PATH);
            writer.watch(OsRelease.OTHER_PATH);
            writer.writeFolders(out);
            LayerBudget budget = new LayerBudget(bounds);
            int file = 0;
            for (layer = 0; layer < image.layers().size(); layer++) {
                int end = writer.endOf(layer, file);
                if (writer.hasFiles(layer, file)) {
                    try (LayerStream in =
                            LayerStream.open(image.layers().get(layer), tools, namespace.root(), budget)) {
                        writer.writeFiles(file, end, TarReader.lenient(in), out, this::progress);
                    }
                }
                file = end;
            }
            writer.writeLinks(out);
            out.end();
        } catch (ProgramEndedException e) {
            throw e;
        } catch (IOException e) {
            throw Unpacking.refusal(image, Math.max(0, layer), e);
        }
    }

    private void progress(double fraction) {
        if (fraction >= shown + STEP) {
            shown = fraction;
            listener.onProgress(new Progress("pull", "unpack", subject, Math.min(1, fraction), ""));
        }
    }

    /** The program that reads has ended; its exit code tells why. */
    private static final class ProgramEndedException extends IOException {
        private static final long serialVersionUID = 1;

        ProgramEndedException(IOException cause) {
            super(cause);
        }
    }

    /** Tells a failure to write from one to read. */
    private static final class ProgramInput extends FilterOutputStream {
        ProgramInput(OutputStream out) {
            super(out);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            try {
                out.write(bytes, offset, length);
            } catch (IOException e) {
                throw new ProgramEndedException(e);
            }
        }

        @Override
        public void close() throws ProgramEndedException {
            try {
                out.close();
            } catch (IOException e) {
                throw new ProgramEndedException(e);
            }
        }
    }
}
