package dev.pyro.machine.namespace;

import dev.pyro.machine.EnvironmentRoot;
import dev.pyro.machine.MachineBackend;
import dev.pyro.machine.MachineSite;
import java.io.IOException;
import java.nio.file.Path;

/** Real namespaces over a root of one program. */
public final class NamespaceContractSite extends MachineSite {
    public NamespaceContractSite(Path base) {
        super(base);
    }

    @Override
    public void prepare() throws IOException {
        NamespaceSite.create(base());
    }

    @Override
    public MachineBackend backend() {
        return NamespaceSite.existing(base()).backend();
    }

    @Override
    public EnvironmentRoot root() {
        return NamespaceSite.existing(base()).root();
    }
}
