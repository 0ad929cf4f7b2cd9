package dev.pyro.machine.qemu;

import dev.pyro.machine.MachineSite;
import dev.pyro.machine.WorkVolumesContractTest;

/** The contract of workspaces' files, with disks in real QEMU machines. */
class QemuVolumesIT extends WorkVolumesContractTest {
    QemuVolumesIT() {
        super(new QemuSite(MachineSite.createFolder()));
    }
}
