package dev.pyro.image;

import dev.pyro.oci.Descriptor;
import dev.pyro.oci.ImageConfig;
import dev.pyro.oci.ImageManifest;
import dev.pyro.oci.LocalImage;
import dev.pyro.tar.TarEntry;
import dev.pyro.tar.TarReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Layers by hand: merged in memory, or written as an image's blobs. */
final class Layers {
    static final UnpackBounds BOUNDS = new UnpackBounds(1L << 30, false, 1L << 30, 10_000, 1 << 20);

    private Layers() {}

    /** Merges archives, lowest first. */
    static MergedTree merge(UnpackBounds bounds, byte[]... archives) throws IOException {
        MergedTree tree = new MergedTree(bounds);
        for (int layer = 0; layer < archives.length; layer++) {
            tree.beginLayer(layer);
            TarReader reader = TarReader.lenient(new ByteArrayInputStream(archives[layer]));
            int place = 0;
            for (TarEntry entry = reader.next(); entry != null; entry = reader.next()) {
                tree.apply(place++, LayerEntry.of(entry));
            }
        }
        return tree;
    }

    /** Returns what a tree holds, sorted: {@code d PATH MODE}, {@code f PATH LAYER.PLACE}, {@code l PATH TARGET}, {@code p PATH}. */
    static List<String> list(MergedTree tree) throws IOException {
        List<String> lines = new ArrayList<>();
        tree.walk((node, kind) -> {
            String path = tree.path(node);
            lines.add(
                    switch (kind) {
                        case FILE ->
                            "f " + path + " " + tree.files().layer(tree.file(node)) + "."
                                    + tree.files().place(tree.file(node));
                        case DIRECTORY ->
                            "d " + path + " "
                                    + Integer.toOctalString(
                                            tree.entry(node, kind, path).mode());
                        case SYMLINK ->
                            "l " + path + " " + tree.entry(node, kind, path).target();
                        case FIFO -> "p " + path;
                        case HARD_LINK, CHARACTER_DEVICE, BLOCK_DEVICE -> throw new IllegalStateException(path);
                    });
        });
        lines.sort((a, b) -> a.substring(2).compareTo(b.substring(2)));
        return lines;
    }

    /** Writes layers as they are to files, and names them as an image does. */
    static LocalImage image(Path folder, @Nullable String user, byte[]... layers) throws IOException {
        List<Path> files = new ArrayList<>();
        List<Descriptor> descriptors = new ArrayList<>();
        for (byte[] layer : layers) {
            files.add(Files.write(folder.resolve("layer" + files.size()), layer));
            descriptors.add(new Descriptor("layer", "sha256:layer" + descriptors.size(), layer.length));
        }
        return image(user, files, descriptors);
    }

    static LocalImage image(@Nullable String user, List<Path> files, List<Descriptor> descriptors) {
        return new LocalImage(
                new ImageManifest("sha256:0123456789abcdef", new Descriptor("config", "sha256:config", 1), descriptors),
                new ImageConfig(List.of(), null, user, List.of(), List.of(), Map.of(), null, List.of()),
                files);
    }
}
