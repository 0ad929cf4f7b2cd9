package dev.pyro.workspace.seed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pyro.model.ArtifactType;
import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import dev.pyro.store.AtomicFiles;
import dev.pyro.tar.EntryKind;
import dev.pyro.tar.TarEntry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SeedManifestTest {
    private static final List<TarEntry> ENTRIES = List.of(
            new TarEntry("a", EntryKind.DIRECTORY, 0755, 0, -5, "", null),
            new TarEntry("a/b\u00c3\u00a9\u00ff", EntryKind.FILE, 04755, 1L << 40, 1L << 33, "", null),
            new TarEntry("a/c", EntryKind.SYMLINK, 0777, 0, 7, "../\u00fe", null));

    @TempDir
    Path folder;

    @Test
    void isReadAsItWasWritten() {
        Path file = folder.resolve("manifest");
        SeedManifest.write(file, ENTRIES, AtomicFiles.Durability.PROCESS);
        assertThat(SeedManifest.read(file))
                .containsExactly(
                        new ManifestEntry("a", ArtifactType.DIRECTORY, 0755, 0, -5, null),
                        new ManifestEntry("a/b\u00e9\udcff", ArtifactType.FILE, 04755, 1L << 40, 1L << 33, null),
                        new ManifestEntry("a/c", ArtifactType.SYMLINK, 0777, 4, 7, "../\udcfe"));
    }

    @Test
    void anyDamageIsSeen() throws IOException {
        Path file = folder.resolve("manifest");
        SeedManifest.write(file, ENTRIES, AtomicFiles.Durability.PROCESS);
        byte[] good = Files.readAllBytes(file);
        for (int i = 0; i < good.length; i++) {
            byte[] bad = good.clone();
            bad[i] ^= 0x41;
            Files.write(file, bad);
            assertRefused(file);
            Files.write(file, Arrays.copyOf(good, i));
            assertRefused(file);
        }
        Files.write(file, Arrays.copyOf(good, good.length + 1));
        assertRefused(file);
    }

    @Test
    void aNewerOneIsRefused() throws IOException {
        Path file = folder.resolve("manifest");
        SeedManifest.write(file, ENTRIES, AtomicFiles.Durability.PROCESS);
        byte[] bytes = Files.readAllBytes(file);
        bytes[11] = 2;
        Files.write(file, bytes);
        assertThatThrownBy(() -> SeedManifest.read(file))
                .isInstanceOfSatisfying(
                        PyroException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.RECORD_TOO_NEW));
    }

    private static void assertRefused(Path file) {
        assertThatThrownBy(() -> SeedManifest.read(file))
                .isInstanceOfSatisfying(
                        PyroException.class,
                        e -> assertThat(e.code()).isIn(ErrorCode.RECORD_CORRUPT, ErrorCode.RECORD_TOO_NEW));
    }
}
