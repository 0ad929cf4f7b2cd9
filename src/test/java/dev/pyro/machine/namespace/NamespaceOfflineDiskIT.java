package dev.pyro.machine.namespace;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pyro.machine.Machine;
import dev.pyro.machine.OfflineDisk;
import dev.pyro.machine.OfflineDiskContractTest;
import dev.pyro.machine.WorkVolumes.Layer;
import dev.pyro.machine.WorkVolumes.Offline;
import dev.pyro.os.Host;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** The contract on folders over which a real machine has run. */
class NamespaceOfflineDiskIT extends OfflineDiskContractTest {
    @Override
    protected OfflineDisk prepare(Path base) throws IOException {
        NamespaceSite site = NamespaceSite.create(base);
        shell(site.root().folder(), ROOT_BASE + own());
        Machine machine = site.start("m1", true);
        try {
            GuestShell.Outcome outcome = GuestShell.runIn(machine, "cd /; set -e; " + ROOT_CHANGES);
            assertThat(outcome.exitCode()).as(outcome.output()).isZero();
        } finally {
            machine.stop();
        }
        Path work = Files.createDirectories(base.resolve("layers").resolve("1"));
        shell(work, WORK_BASE + "\n" + WORK_CHANGES + own());
        return new NamespaceOfflineDisk(Host::findProgram, NamespaceBackend.machineUser())
                .open(new Offline(
                        Optional.of(new Offline.Root(site.root(), site.directory("m1"))),
                        base.resolve("layers"),
                        List.of(new Layer(1, null))));
    }

    private static String own() {
        return Host.isRoot()
                ? "chown -hR " + NamespaceBackend.MACHINE_UID + ":" + NamespaceBackend.MACHINE_UID + " .\n"
                : "";
    }
}
