package dev.pyro.machine.namespace;

import dev.pyro.machine.MachineBackendContractTest;
import dev.pyro.machine.MachineSite;

/** The contract, with namespaces. */
class NamespaceMachineBackendIT extends MachineBackendContractTest {
    NamespaceMachineBackendIT() {
        super(new NamespaceContractSite(MachineSite.createFolder()));
    }
}
