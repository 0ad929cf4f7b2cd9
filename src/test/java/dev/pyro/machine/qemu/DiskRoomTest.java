package dev.pyro.machine.qemu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import dev.pyro.os.Host;
import dev.pyro.os.HostCommand;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DiskRoomTest {
    private static final Duration BOUND = Duration.ofSeconds(10);
    private final PyroException failure =
            new PyroException(ErrorCode.MACHINE_START_FAILED, "cannot control QEMU: Connection reset");

    @TempDir
    private Path folder = Path.of("/");

    @BeforeEach
    void mount() {
        assumeThat(Host.isRoot()).as("only root may mount a small disk").isTrue();
        HostCommand.of(BOUND, List.of("mount", "-t", "tmpfs", "-o", "size=8m", "pyro-test", folder.toString()))
                .runOrFail("mount a small disk");
    }

    @AfterEach
    void unmount() {
        if (Host.isRoot()) {
            HostCommand.of(BOUND, List.of("umount", folder.toString())).runOrFail("unmount the small disk");
        }
    }

    @Test
    void refusesADiskThatIsTooSmallForATemplate() {
        assertThatThrownBy(() -> DiskRoom.require(folder, DiskRoom.TEMPLATE_BYTES, "save a machine template"))
                .isInstanceOfSatisfying(
                        PyroException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.DISK_FULL))
                .hasMessageContainingAll(folder.toString(), "256 MiB", "8 MiB are free", "pyro env prune");
    }

    @Test
    void blamesTheDiskOnlyWhenItIsFull() throws IOException {
        assertThat(DiskRoom.explain(failure, folder)).isSameAs(failure);

        Files.write(folder.resolve("filler"), new byte[6 << 20]);

        PyroException explained = DiskRoom.explain(failure, folder);
        assertThat(explained.code()).isEqualTo(ErrorCode.DISK_FULL);
        assertThat(explained).hasMessageContainingAll(folder.toString(), "Connection reset");
    }
}
