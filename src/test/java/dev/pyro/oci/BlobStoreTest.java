package dev.pyro.oci;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pyro.store.InterProcessLock;
import dev.pyro.store.PyroPaths;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BlobStoreTest {
    private static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");

    @TempDir
    private Path cache;

    private BlobStore store;
    private Descriptor old;
    private Descriptor fresh;
    private Path part;

    @BeforeEach
    void fill() throws IOException {
        store = new BlobStore(new PyroPaths(cache, cache.resolve("state")), Clock.fixed(NOW, ZoneOffset.UTC));
        old = blob(100, 1, Duration.ofHours(2));
        fresh = blob(10, 2, Duration.ofMinutes(59));
        part = Files.write(cache.resolve("oci/blobs/" + "ee".repeat(32) + ".part"), new byte[7]);
        Files.writeString(cache.resolve("oci/blobs/README"), "not a blob");
    }

    private Descriptor blob(int size, int seed, Duration age) throws IOException {
        byte[] bytes = SmallImage.bytes(size, seed);
        Path file = store.put(Files.write(cache.resolve("made"), bytes), Sha256.of(bytes));
        Files.setLastModifiedTime(file, FileTime.from(NOW.minus(age)));
        return SmallImage.descriptor("", bytes);
    }

    private boolean exists(Descriptor blob) {
        return Files.exists(cache.resolve("oci/blobs").resolve(Sha256.hex(blob.digest())));
    }

    @Test
    void findsWhatIsThereAndKeepsItForAWhile() {
        assertThat(store.find(old)).get().isEqualTo(cache.resolve("oci/blobs").resolve(Sha256.hex(old.digest())));
        assertThat(store.find(new Descriptor("", old.digest(), 99))).isEmpty();
        assertThat(store.prune(digest -> false, false, false)).isEqualTo(new BlobStore.PrunedBlobs(0, 7));
        assertThat(exists(old)).isTrue();
    }

    @Test
    void aDryRunOnlyCounts() {
        assertThat(store.prune(digest -> false, false, true)).isEqualTo(new BlobStore.PrunedBlobs(1, 107));
        assertThat(store.prune(digest -> false, true, true)).isEqualTo(new BlobStore.PrunedBlobs(2, 117));
        assertThat(exists(old)).isTrue();
        assertThat(part).exists();
    }

    @Test
    void deletesWhatNobodyNeeds() {
        assertThat(store.prune(digest -> false, false, false)).isEqualTo(new BlobStore.PrunedBlobs(1, 107));
        assertThat(exists(old)).isFalse();
        assertThat(exists(fresh)).isTrue();
        assertThat(part).doesNotExist();
        assertThat(store.prune(digest -> false, true, false)).isEqualTo(new BlobStore.PrunedBlobs(1, 10));
        assertThat(cache.resolve("oci/blobs/README")).exists();
    }

    @Test
    void keepsWhatIsNeededAndWhatSomebodyFetches() {
        assertThat(store.prune(Set.of(old.digest())::contains, false, false))
                .isEqualTo(new BlobStore.PrunedBlobs(0, 7));
        Path lock = cache.resolve("locks/oci-blob-" + Sha256.hex(old.digest()).substring(0, 2) + ".lock");
        try (InterProcessLock _ = InterProcessLock.tryAcquire(lock).orElseThrow()) {
            store.prune(digest -> false, true, false);
            assertThat(exists(old)).isTrue();
        }
    }

    @Test
    void anEmptyStoreIsNoError() {
        assertThat(new BlobStore(new PyroPaths(cache.resolve("none"), cache)).prune(digest -> false, true, false))
                .isEqualTo(new BlobStore.PrunedBlobs(0, 0));
    }
}
