package dev.pyro.disk;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pyro.os.BuildNamespace;
import dev.pyro.os.Host;
import dev.pyro.os.HostCommand;
import dev.pyro.os.HostTools;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Makes real images, as whichever user runs the tests. */
class Ext4ImagesIT {
    private static final Duration BOUND = Duration.ofMinutes(1);

    /** A little of everything; owners as the build namespace sees them. */
    private static final String MAKE_TREE = """
            umask 022
            mkdir -p "$1/bin" "$1/closed" "$1/tmp dir"
            echo hello >"$1/bin/hello"
            cp "$1/bin/hello" "$1/bin/setuid" && chown 0:42 "$1/bin/setuid" && chmod 6755 "$1/bin/setuid"
            cp "$1/bin/hello" "$1/bin/capable" && chmod 0755 "$1/bin/capable"
            python3 -c 'import os, sys; os.setxattr(sys.argv[1], "security.capability", \
                bytes.fromhex("0100000200200000000000000000000000000000"))' "$1/bin/capable"
            ln "$1/bin/hello" "$1/bin/hardlink"
            ln -s /etc/passwd "$1/bin/symlink"
            mkfifo "$1/fifo"
            echo secret >"$1/closed/secret" && chmod 0000 "$1/closed/secret"
            chown -R 33:33 "$1/closed" && chmod 0000 "$1/closed"
            chmod 1777 "$1/tmp dir"
            find "$1" -exec touch -h -d @1600000000 {} +
            """;

    @TempDir
    Path folder;

    private final HostTools tools = new HostTools();
    private final BuildNamespace namespace = BuildNamespace.ofThisUser();
    private final Ext4Images images = new Ext4Images(tools, namespace);
    private Path tree;
    private Path image;

    @BeforeEach
    void build() {
        tree = folder.resolve("tree");
        image = folder.resolve("image.ext4");
        HostCommand.Result made = namespace.run(
                HostCommand.of(BOUND, List.of("sh", "-euc", MAKE_TREE, "sh", tree.toString())), line -> {});
        assertThat(made.exitCode()).as(made.output()).isZero();
        images.build(tree, new Ext4Images.Content(1 << 20, 20), image, Ext4Images.Top.usual(1_700_000_000));
    }

    @AfterEach
    void delete() {
        namespace.deleteTree(tree, BOUND);
    }

    @Test
    void keepsOwnersModesLinksAndCapabilities() {
        assertThat(debugfs("stat /bin/setuid")).contains("Mode:  06755", "User:     0   Group:    42");
        assertThat(debugfs("stat /closed")).contains("Mode:  0000", "User:    33   Group:    33");
        assertThat(debugfs("stat /bin/hardlink")).contains("Links: 2");
        assertThat(debugfs("stat /bin/symlink")).contains("Fast link dest: \"/etc/passwd\"");
        assertThat(debugfs("stat /fifo")).contains("Type: FIFO");
        assertThat(debugfs("stat \"/tmp dir\"")).contains("Mode:  01777");
        assertThat(debugfs("ea_list /bin/capable")).contains("security.capability (20) = 01 00 00 02 00 20 00 00");
        assertThat(debugfs("stat /bin/hello")).contains("mtime: 0x5f5e1000");
    }

    @Test
    void isCleanAndSparse() throws IOException {
        HostCommand.Result check = HostCommand.of(BOUND, List.of(program("e2fsck"), "-f", "-n", image.toString()))
                .run();
        assertThat(check.exitCode()).as(check.output()).isZero();
        assertThat(Files.size(image)).isEqualTo(2L << 30);
        assertThat(DiskUsage.allocatedBytes(image)).isLessThan(16 << 20);
    }

    @Test
    void anOverlayNamesItsBase() {
        Path overlay = folder.resolve("overlay.qcow2");

        new Qcow2(tools).createOverlay(overlay, image, Qcow2.Format.RAW, 16L << 30);

        assertThat(HostCommand.of(BOUND, List.of("qemu-img", "info", overlay.toString()))
                        .run()
                        .output())
                .contains("backing file format: raw", "virtual size: 16 GiB", image.toString());
    }

    private String debugfs(String request) {
        return HostCommand.of(BOUND, List.of(program("debugfs"), "-R", request, image.toString()))
                .runOrFail(request);
    }

    private static String program(String name) {
        return Host.findProgram(name).orElseThrow().toString();
    }
}
