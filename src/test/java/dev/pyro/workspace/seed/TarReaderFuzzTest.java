package dev.pyro.workspace.seed;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.ByteArrayInputStream;
import java.io.IOException;

/**
 * Whatever an archive is, checking it ends with a plan or an {@link IOException}; a plan leads nowhere outside, and what is made of it is read the same
 * way again.
 *
 * <p>In a normal test run this repeats the inputs beside this class. To search for new ones:
 * {@code JAZZER_FUZZ=1 mvn test -Dtest=TarReaderFuzzTest -DargLine=-Djazzer.max_duration=60s}
 */
class TarReaderFuzzTest {
    private static final SeedBounds BOUNDS = new SeedBounds(1 << 20, 1000);

    @FuzzTest(maxDuration = "10m")
    void letsNothingThrough(byte[] data) throws IOException {
        byte[] archive = withChecksums(data);
        ArchivePlan plan = new ArchivePlan(BOUNDS);
        try {
            plan.readAll(new TarReader(new ByteArrayInputStream(archive)));
        } catch (IOException e) {
            return;
        }
        plan.items().forEach(TarReaderFuzzTest::check);
        for (boolean holes : new boolean[] {false, true}) {
            TarReader reader = new TarReader(new ByteArrayInputStream(archive));
            byte[] made;
            try (TarStream stream = new TarStream(new ArchiveFeed(plan, reader, () -> {}, () -> {}), holes)) {
                made = stream.readAllBytes();
            }
            ArchivePlan again = new ArchivePlan(BOUNDS);
            again.readAll(new TarReader(new ByteArrayInputStream(made)));
            if (!again.items().keySet().equals(plan.items().keySet()) || again.bytes() != plan.bytes()) {
                throw new IllegalStateException("another tree the second time");
            }
        }
    }

    private static void check(String path, ArchivePlan.Item item) {
        if (path.startsWith("/") || ("/" + path + "/").contains("/../") || path.indexOf('\0') >= 0) {
            throw new IllegalStateException("a path that leads out: " + path);
        }
        if (item.kind == EntryKind.SYMLINK && item.target.startsWith("/")) {
            throw new IllegalStateException("a link that leads out: " + path);
        }
    }

    /** Most changes of an archive would only make a checksum wrong. */
    private static byte[] withChecksums(byte[] data) {
        byte[] archive = data.clone();
        for (int at = 0; at + TarHeader.BLOCK <= archive.length; at += TarHeader.BLOCK) {
            byte[] block = java.util.Arrays.copyOfRange(archive, at, at + TarHeader.BLOCK);
            if (new String(block, TarHeader.MAGIC_AT, 5, java.nio.charset.StandardCharsets.ISO_8859_1)
                    .equals("ustar")) {
                TarHeader.seal(block);
                System.arraycopy(block, 0, archive, at, block.length);
            }
        }
        return archive;
    }
}
