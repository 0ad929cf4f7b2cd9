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
        part = part("ee", 7, Duration.ofHours(2));
        Files.writeString(cache.resolve("oci/blobs/README"), "not a blob");
    }

    private Descriptor blob(int size, int seed, Duration age) throws IOException {
        byte[] bytes = SmallImage.bytes(size, seed);
        Path file = store.put(Files.write(cache.resolve("made"), bytes), Sha256.of(bytes));
        Files.setLastModifiedTime(file, FileTime.from(NOW.minus(age)));
        return SmallImage.descriptor("", bytes);
    }

    private Path part(String digits, int size, Duration age) throws IOException {
        Path file = Files.write(cache.resolve("oci/blobs/" + digits.repeat(32) + ".part"), new byte[size]);
        return Files.setLastModifiedTime(file, FileTime.from(NOW.minus(age)));
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
    void keepsWhatIsNeededAndWhatSomebodyFetches() throws IOException {
        assertThat(store.prune(Set.of(old.digest())::contains, false, false))
                .isEqualTo(new BlobStore.PrunedBlobs(0, 7));
        Descriptor neighbour = old;
        for (int seed = 3; neighbour.equals(old); seed++) {
            Descriptor other = SmallImage.descriptor("", SmallImage.bytes(5, seed));
            neighbour = Sha256.hex(other.digest())
                            .startsWith(Sha256.hex(old.digest()).substring(0, 2))
                    ? blob(5, seed, Duration.ofHours(2))
                    : old;
        }
        long key = Long.parseLong(Sha256.hex(old.digest()).substring(0, 15), 16);
        try (InterProcessLock _ = InterProcessLock.tryAcquire(cache.resolve("locks/oci-blobs.lock"), key)
                .orElseThrow()) {
            store.prune(digest -> false, true, false);
            assertThat(exists(old)).isTrue();
            assertThat(exists(neighbour)).as("each has a lock of its own").isFalse();
        }
    }

    @Test
    void aPartThatAPullMayGoOnWithStaysForAWhile() throws IOException {
        Path recent = part("dd", 3, Duration.ofMinutes(59));
        assertThat(store.prune(digest -> true, false, false)).isEqualTo(new BlobStore.PrunedBlobs(0, 7));
        assertThat(recent).exists();
        assertThat(store.prune(digest -> true, true, false)).isEqualTo(new BlobStore.PrunedBlobs(0, 3));
        assertThat(recent).doesNotExist();
    }

    @Test
    void whatOnlyHasTheRightSizeIsNotIntact() throws IOException {
        assertThat(store.findIntact(old)).isPresent().isEqualTo(store.find(old));
        Path file = store.find(old).orElseThrow();
        byte[] bytes = Files.readAllBytes(file);
        bytes[50] ^= 1;
        Files.write(file, bytes);
        assertThat(store.find(old)).isPresent();
        assertThat(store.findIntact(old)).isEmpty();
    }

    @Test
    void anEmptyStoreIsNoError() {
        assertThat(new BlobStore(new PyroPaths(cache.resolve("none"), cache)).prune(digest -> false, true, false))
                .isEqualTo(new BlobStore.PrunedBlobs(0, 0));
    }
}
