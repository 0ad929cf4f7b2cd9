package dev.pyro.machine.qemu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pyro.machine.GuestSession;
import dev.pyro.machine.Machine;
import dev.pyro.machine.MachineSite;
import dev.pyro.machine.MachineSpec.StartMode;
import dev.pyro.machine.WorkVolumes.Frozen;
import dev.pyro.machine.WorkVolumes.Layer;
import dev.pyro.machine.WorkVolumes.Owner;
import dev.pyro.machine.WorkVolumes.Stillness;
import dev.pyro.machine.WorkVolumesContractTest;
import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import dev.pyro.os.Host;
import dev.pyro.os.HostCommand;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The contract of workspaces' files, with disks in real QEMU machines; and what only disks can do. */
class QemuVolumesIT extends WorkVolumesContractTest {
    QemuVolumesIT() {
        super(new QemuSite(MachineSite.createFolder()));
    }

    /** The machine holds what it writes, and nothing more: what lies below can be read while it runs. */
    @Test
    void aFrozenLayerIsReadableWhileTheMachineRuns() {
        Layer head = head(1, baseline(EMPTY_TREE));
        Machine machine = start(head, StartMode.TEMPLATE);
        Frozen frozen;
        try (GuestSession session = GuestSession.inWorkspace(machine)) {
            session.run("cd /workspace && echo before >a && sync");
            frozen = freeze(head, 2, Optional.of(machine));
            session.run("cd /workspace && echo after >a && sync");

            assertThat(check(frozen.frozen()).exitCode()).isZero();
            assertThat(check(frozen.head()).output()).contains("lock");
            assertThat(inside(head(3, frozen.frozen()), "cat a")).isEqualTo("before");
        }
        machine.stop();
    }

    @Test
    void aKilledFreezeLosesNothingOfARunningMachine() {
        Layer head = head(1, baseline(EMPTY_TREE));
        Machine machine = start(head, StartMode.TEMPLATE);
        try (GuestSession session = GuestSession.inWorkspace(machine)) {
            session.run("cd /workspace && echo before >a");
            // Its result never reaches a record.
            volumes().freeze(folder, head, 2, Optional.of(machine), stillness(Optional.of(machine)));
            session.run("cd /workspace && echo after >a && sync");
            assertThat(volumes().currentHead(folder, head, 2, Optional.of(machine)))
                    .isEqualTo(new Layer(2, 1));
        }
        machine.stop();
        Layer current = volumes().currentHead(folder, head, 2, Optional.empty());
        assertThat(current).isEqualTo(new Layer(2, 1));

        assertThat(inside(current, "cat a")).isEqualTo("after");
    }

    @Test
    void aFreezeThatEndedTooEarlyKeepsWhatWasWrittenBeforeIt() {
        Layer head = head(1, baseline(EMPTY_TREE));
        Machine machine = start(head, StartMode.TEMPLATE);
        try (GuestSession session = GuestSession.inWorkspace(machine)) {
            session.run("cd /workspace && echo before >a && sync");
            Stillness tooShort = body -> {
                body.run();
                throw new PyroException(ErrorCode.GUEST_TIMEOUT, "it went on too early");
            };
            Frozen frozen = volumes().freeze(folder, head, 2, Optional.of(machine), tooShort);
            assertThat(frozen.head()).isEqualTo(new Layer(2, 1));
            machine.stop();
            assertThat(inside(head(3, frozen.frozen()), "cat a")).isEqualTo("before");
        }
    }

    @Test
    void layersNameEachOtherRelatively() throws IOException {
        Layer head = head(1, baseline(EMPTY_TREE));
        inside(head, "echo kept >a");
        Path moved = folder.resolveSibling("moved");
        Files.move(folder, moved);
        folder = moved;

        assertThat(inside(head, "cat a")).isEqualTo("kept");
        assertThat(HostCommand.of(
                                BOUND,
                                List.of(
                                        "qemu-img",
                                        "info",
                                        "--backing-chain",
                                        moved.resolve("1.qcow2").toString()))
                        .runOrFail("read a chain"))
                .contains("backing file: 0.raw", moved.resolve("0.raw").toString());
    }

    @Test
    void aSeedThatIsTooLargeForItsDiskIsRefused() {
        Path tree = folder.resolveSibling("large");
        HostCommand.of(
                        BOUND,
                        List.of(
                                "sh",
                                "-euc",
                                "mkdir \"$1\"; head -c 80000000 /dev/urandom >\"$1/file\"",
                                "sh",
                                tree.toString()))
                .runOrFail("make a large file");

        assertThatThrownBy(() -> volumes().createBaseline(folder, tree, 1, 80_000_000, 64 << 20, Owner.ROOT))
                .isInstanceOfSatisfying(
                        PyroException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.SEED_UNUSABLE))
                .hasMessageContaining("64 MiB");
        assertThat(volumes().layers(folder)).isEmpty();
    }

    /** Read from the disk itself, which takes no machine; closed files and links are there to be difficult. */
    @Test
    void theFilesBelongToWhomTheyAreFor() {
        baseline("mkdir -p \"$1/d\" && cd \"$1\" && echo x >f && chmod 0 f && ln -s f l", new Owner(70_000, 4));

        String disk = folder.resolve("0.raw").toString();
        for (String path : List.of("/", "/d", "/f", "/l")) {
            assertThat(HostCommand.of(BOUND, List.of("debugfs", "-R", "stat " + path, disk))
                            .runOrFail("look into a disk"))
                    .as(path)
                    .containsPattern("User: +70000 +Group: +4 ");
        }
        // The tree may be somebody's own directory.
        assertThat(HostCommand.of(
                                BOUND,
                                List.of(
                                        "stat",
                                        "-c",
                                        "%u %a",
                                        folder.resolveSibling("tree")
                                                .resolve("f")
                                                .toString()))
                        .runOrFail("look at the tree")
                        .strip())
                .isEqualTo(Host.effectiveUid() + " 0");
    }

    private HostCommand.Result check(Layer layer) {
        return HostCommand.of(
                        BOUND,
                        List.of(
                                "qemu-img",
                                "check",
                                "-f",
                                "qcow2",
                                new LayerFiles(folder).file(layer).toString()))
                .run();
    }
}
