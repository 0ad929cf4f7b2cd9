package dev.pyro.image;

import dev.pyro.model.Progress;
import dev.pyro.oci.LocalImage;
import dev.pyro.os.BuildNamespace;
import dev.pyro.os.HostTools;
import dev.pyro.tar.TarReader;
import dev.pyro.tar.TarWriter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** Feeds a merged tree to the host's tar, which unpacks it in the build namespace. Used once, by one thread. */
final class TreeFeed {
    static final String PASSWD = "etc/passwd";
    static final String GROUP = "etc/group";

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
        TarProgram.unpack(namespace.wrap(commandLine(tree)), "the image", out -> write(writer, out));
    }

    private void write(TreeWriter writer, TarWriter out) throws TarProgram.EndedException {
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
        } catch (TarProgram.EndedException e) {
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
}
