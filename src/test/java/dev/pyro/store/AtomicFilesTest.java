package dev.pyro.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import dev.pyro.store.AtomicFiles.Durability;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class AtomicFilesTest {
    @TempDir
    Path folder;

    @ParameterizedTest
    @EnumSource(Durability.class)
    void writeReplacesAndLeavesNoTemporaryFile(Durability durability) throws IOException {
        Path file = folder.resolve("sub/record.json");
        AtomicFiles.write(file, "old", durability);
        AtomicFiles.write(file, "new", durability);
        assertThat(file).hasContent("new");
        try (var files = Files.list(folder.resolve("sub"))) {
            assertThat(files).containsExactly(file);
        }
    }

    @Test
    void aWriteThatFailsKeepsTheOldTextAndNamesTheFile() throws IOException {
        Path file = Files.createDirectories(folder.resolve("taken"));
        Files.writeString(file.resolve("child"), "x");
        assertThatThrownBy(() -> AtomicFiles.write(file, "text", Durability.PROCESS))
                .isInstanceOfSatisfying(
                        PyroException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.STORAGE_UNUSABLE))
                .hasMessageContaining(file.toString());
        try (var files = Files.list(folder)) {
            assertThat(files).containsExactly(file);
        }
    }

    @ParameterizedTest
    @EnumSource(Durability.class)
    void anInterruptionStopsNeitherAWriteNorADeletionAndIsKept(Durability durability) {
        Path file = folder.resolve("tree/file");
        Thread.currentThread().interrupt();
        AtomicFiles.write(file, "new", durability);
        assertThat(file).hasContent("new");
        AtomicFiles.publish(folder.resolve("tree"), folder.resolve("other"));
        AtomicFiles.deleteTree(folder.resolve("other"));
        assertThat(folder).isEmptyDirectory();
        assertThat(Thread.interrupted()).isTrue();
    }

    @Test
    void contentThatThrowsLeavesNoTemporaryFile() {
        assertThatThrownBy(() -> AtomicFiles.write(folder.resolve("file"), Durability.PROCESS, stream -> {
                    throw new IllegalStateException("no content");
                }))
                .isInstanceOf(IllegalStateException.class);
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void aFullDiskHasItsOwnCode() {
        PyroException failure = AtomicFiles.failure("write", folder, new IOException("No space left on device"));
        assertThat(failure.code()).isEqualTo(ErrorCode.DISK_FULL);
    }

    @Test
    void deletingATreeDoesNotFollowLinks() throws IOException {
        Path outside = Files.createDirectory(folder.resolve("outside"));
        Files.writeString(outside.resolve("keep"), "x");
        Path tree = Files.createDirectories(folder.resolve("tree/sub"));
        Files.createSymbolicLink(tree.resolve("link"), outside);
        AtomicFiles.deleteTree(folder.resolve("tree"));
        assertThat(folder.resolve("tree")).doesNotExist();
        assertThat(outside.resolve("keep")).exists();
        AtomicFiles.deleteTree(folder.resolve("tree"));
    }

    @Test
    void publishDoesNotReplaceWhatIsThere() throws IOException {
        Path staged = AtomicFiles.createStaging(folder.resolve("staging"), "x");
        Files.writeString(staged.resolve("a"), "1");
        Path target = folder.resolve("out/final");
        AtomicFiles.publish(staged, target);
        assertThat(target.resolve("a")).hasContent("1");
        Path second = AtomicFiles.createStaging(folder.resolve("staging"), "x");
        assertThatThrownBy(() -> AtomicFiles.publish(second, target)).isInstanceOf(PyroException.class);
        assertThat(target.resolve("a")).hasContent("1");
    }

    @Test
    void deletesTreesWhoseFoldersForbidIt() throws IOException {
        Path closed = Files.createDirectories(folder.resolve("tree/closed/inner"));
        Path readOnly = Files.createDirectories(folder.resolve("tree/read-only"));
        Files.writeString(closed.resolve("file"), "x");
        Files.writeString(readOnly.resolve("file"), "x");
        Files.setPosixFilePermissions(closed, PosixFilePermissions.fromString("---------"));
        Files.setPosixFilePermissions(closed.getParent(), PosixFilePermissions.fromString("---------"));
        Files.setPosixFilePermissions(readOnly, PosixFilePermissions.fromString("r-xr-xr-x"));

        AtomicFiles.deleteTree(folder.resolve("tree"));

        assertThat(folder.resolve("tree")).doesNotExist();
    }
}
