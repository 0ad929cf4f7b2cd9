package dev.pyro.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pyro.disk.Ext4Inode;
import dev.pyro.model.ArtifactType;
import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import dev.pyro.os.HostCommand;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Goes through images that debugfs has spoiled: it checks nothing, and counts no names. */
class Ext4WalkIT {
    private static final Duration BOUND = Duration.ofMinutes(1);

    @TempDir
    Path folder;

    @BeforeEach
    void makeImage() {
        shell("""
                mkdir -p tree/a/b
                head -c 2000000 /dev/urandom >tree/file
                mke2fs -q -t ext4 -b 4096 -J size=4 -d tree disk.raw 16M
                """);
    }

    private String shell(String script) {
        return new HostCommand(List.of("sh", "-euc", script), folder, Map.of(), BOUND).runOrFail("run a script");
    }

    private void debugfs(String... requests) {
        for (String request : requests) {
            shell("debugfs -w -R '" + request + "' disk.raw");
        }
    }

    /** Remembers the names and measures the files. */
    private record Names(Ext4Walk walk, List<String> paths) implements Ext4Walk.Visitor {
        @Override
        public void folder(String path, Ext4Inode inode) {
            paths.add(path);
        }

        @Override
        public void other(String path, Ext4Inode inode, @Nullable String first) {
            paths.add(first == null ? path : path + " is " + first);
            if (inode.type() == ArtifactType.FILE && first == null) {
                walk.regions(inode, 1);
            }
        }
    }

    private List<String> walk(int times) throws IOException {
        List<String> paths = new ArrayList<>();
        try (Ext4Walk walk = Ext4Walk.open(folder.resolve("disk.raw"))) {
            for (int i = 0; i < times; i++) {
                walk.run(new Names(walk, paths));
            }
        }
        return paths;
    }

    private static void refused(ThrowingCallable walk, String reason) {
        assertThatThrownBy(walk)
                .isInstanceOfSatisfying(
                        PyroException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.STORAGE_UNUSABLE))
                .hasMessageContaining(reason)
                .hasMessageContaining("pyro env prune");
    }

    @Test
    void eachWayIsTheSame() throws IOException {
        assertThat(walk(1)).containsExactly(".", "./a", "./a/b", "./file");
        assertThat(walk(20)).hasSize(80);
    }

    @Test
    void aFolderThatIsWithinItselfIsRefused() {
        debugfs("link /a /a/b/c");
        refused(() -> walk(1), "within itself");
    }

    @Test
    void aFolderOfTwoNamesIsRefused() {
        debugfs("link /a/b /c");
        refused(() -> walk(1), "two names");
    }

    @Test
    void contentThatIsSharedIsNotReadOverAndOver() throws IOException {
        debugfs("link /file /file1", "link /file /file2");
        assertThat(walk(1)).hasSize(6);
        debugfs("set_inode_field /file links_count 2");
        assertThat(walk(1)).contains("./file2 is ./file");
        debugfs("set_inode_field /file links_count 1");
        for (int i = 3; i < 9; i++) {
            debugfs("link /file /file" + i);
        }
        refused(() -> walk(1), "share blocks");
    }
}
