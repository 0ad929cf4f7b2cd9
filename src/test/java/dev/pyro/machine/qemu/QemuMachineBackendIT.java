package dev.pyro.machine.qemu;

import dev.pyro.machine.MachineBackendContractTest;
import dev.pyro.machine.MachineSite;

/** The contract, with QEMU. */
class QemuMachineBackendIT extends MachineBackendContractTest {
    QemuMachineBackendIT() {
        super(new QemuSite(MachineSite.createFolder()));
    }
}
