package dev.pyro.workspace.seed;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.pyro.tar.EntryKind;
import dev.pyro.tar.Tar;
import dev.pyro.tar.TarReader;
import dev.pyro.tar.TarStream;
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
        byte[] archive = Tar.withChecksums(data);
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
}
