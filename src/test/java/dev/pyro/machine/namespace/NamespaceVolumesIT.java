package dev.pyro.machine.namespace;

import dev.pyro.machine.MachineSite;
import dev.pyro.machine.WorkVolumesContractTest;

/** The contract of workspaces' files, with folders in real namespaces. */
class NamespaceVolumesIT extends WorkVolumesContractTest {
    NamespaceVolumesIT() {
        super(new NamespaceContractSite(MachineSite.createFolder()));
    }
}
