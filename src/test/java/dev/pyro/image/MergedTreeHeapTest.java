package dev.pyro.image;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pyro.os.HostCommand;
import dev.pyro.os.HostTools;
import dev.pyro.tar.EntryKind;
import dev.pyro.tar.Tar;
import dev.pyro.tar.TarEntry;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** As many names as are allowed, in the heap that the launcher gives: more is refused, and never is it memory that ends it. */
class MergedTreeHeapTest {
    private static final Duration BOUND = Duration.ofMinutes(2);

    /** What one entry can have, which takes many times its weight in an archive. */
    private static final int ATTRIBUTES = 95;

    /** More than the readers hold at a time. */
    private static final int READ_ENTRIES = 4_000;

    @TempDir
    Path folder;

    @Test
    void aMillionNamesFitIntoASmallHeap() throws IOException {
        Path layer = folder.resolve("layer");
        try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(layer))) {
            String[] attributes = IntStream.range(0, ATTRIBUTES)
                    .mapToObj(number -> "SCHILY.xattr.user." + number + "=")
                    .toArray(String[]::new);
            for (int i = 0; i < READ_ENTRIES; i++) {
                out.write(new Tar().pax(attributes).file("f" + i, "").cutOff());
            }
        }
        String output = HostCommand.of(
                        BOUND,
                        List.of(
                                Path.of(System.getProperty("java.home"), "bin", "java")
                                        .toString(),
                                "-XX:+UseSerialGC",
                                "-XX:TieredStopAtLevel=1",
                                "-Xmx128m",
                                "-cp",
                                Path.of("target/classes").toAbsolutePath() + ":"
                                        + Path.of("target/test-classes").toAbsolutePath(),
                                Million.class.getName(),
                                layer.toString()))
                .runOrFail("merge a million names");
        assertThat(output.lines())
                .startsWith(
                        "999000 files, 999 folders",
                        "the image has more than the 1000000 names that are allowed",
                        "the image has more than the 1000000 names that are allowed")
                .hasSize(4)
                .last()
                .asString()
                .startsWith("the names of the image's files take more than")
                .contains("PYRO_JAVA_OPTS=-Xmx1g");
    }

    /** What the small process does. */
    static final class Million {
        private Million() {}

        public static void main(String[] arguments) throws IOException, InterruptedException {
            UnpackBounds bounds = UnpackBounds.of(Map.of(), 0);
            // As while an image is pulled: they run ahead of who merges as far as they may.
            List<LayerReader> readers = new ArrayList<>();
            for (int i = 0; i < Unpacking.READERS; i++) {
                readers.add(LayerReader.start(() ->
                        LayerStream.open(Path.of(arguments[0]), new HostTools(), false, new LayerBudget(bounds))));
            }
            merge(bounds);
            for (LayerReader reader : readers) {
                requireEntry(reader.next());
                reader.close();
            }
        }

        private static void requireEntry(@Nullable LayerEntry entry) {
            if (entry == null || entry.entry().xattrs().size() != ATTRIBUTES) {
                throw new IllegalStateException("the reader has not read");
            }
        }

        private static void merge(UnpackBounds bounds) throws IOException {
            MergedTree tree = new MergedTree(bounds);
            int place = 0;
            for (int i = 0; i < 999_000 - 1; i++) {
                String path = "folder" + i / 1000 + "/name-" + i;
                tree.apply(place++, LayerEntry.of(entry(path, EntryKind.FILE, "")));
            }
            tree.apply(place, LayerEntry.of(entry("folder0/last", EntryKind.FILE, "")));
            TreeWriter writer = new TreeWriter(tree);
            int[] counts = new int[2];
            tree.walk((node, kind) -> counts[kind == EntryKind.FILE ? 0 : 1]++);
            System.out.println(counts[0] + " files, " + counts[1] + " folders");
            if (!writer.hasFiles(0, 0)) {
                throw new IllegalStateException("no file is left");
            }
            tree = null;
            writer = null;
            refuse(i -> entry("a".repeat(1 + i % 3) + "/" + i, EntryKind.DIRECTORY, ""), bounds);
            refuse(i -> entry("d" + i + "/d/d/d/d/d/d/d/d/d", EntryKind.SYMLINK, "t"), bounds);
            refuse(i -> entry("l" + i, EntryKind.SYMLINK, "t".repeat(200)), bounds);
        }

        private static void refuse(java.util.function.IntFunction<TarEntry> entries, UnpackBounds bounds) {
            MergedTree tree = new MergedTree(bounds);
            try {
                for (int i = 0; ; i++) {
                    tree.apply(i, LayerEntry.of(entries.apply(i)));
                }
            } catch (IOException e) {
                System.out.println(e.getMessage());
            }
        }

        private static TarEntry entry(String path, EntryKind kind, String target) {
            return new TarEntry(path, kind, 0755, 0, 0, target, null);
        }
    }
}
