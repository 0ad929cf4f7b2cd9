package dev.pyro.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AtomicFilesTest {
    @TempDir
    Path folder;

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

    @Test
    void doesNotFollowLinksWhenItDeletes() throws IOException {
        Path outside = Files.createDirectory(folder.resolve("outside"));
        Files.writeString(outside.resolve("file"), "x");
        Path tree = Files.createDirectory(folder.resolve("tree"));
        Files.createSymbolicLink(tree.resolve("link"), outside);

        AtomicFiles.deleteTree(tree);

        assertThat(outside.resolve("file")).exists();
        assertThat(tree).doesNotExist();
    }
}
