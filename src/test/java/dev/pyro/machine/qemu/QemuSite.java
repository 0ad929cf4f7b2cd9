package dev.pyro.machine.qemu;

import dev.pyro.agent.AgentClient;
import dev.pyro.machine.BusyboxRoot;
import dev.pyro.machine.EnvironmentRoot;
import dev.pyro.machine.Machine;
import dev.pyro.machine.MachineBackend.GuestReadiness;
import dev.pyro.machine.MachineSite;
import dev.pyro.model.Progress;
import dev.pyro.os.HostTools;
import dev.pyro.runtime.RuntimeBundle;
import dev.pyro.runtime.RuntimeBundles;
import dev.pyro.store.AtomicFiles;
import dev.pyro.store.PyroPaths;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;

/** Real QEMU machines over a root of one program; the kernel comes from this user's own cache, because fetching it takes long. */
public final class QemuSite extends MachineSite {
    private static final Duration BOOT_BOUND = Duration.ofSeconds(90);

    public QemuSite(Path base) {
        super(base);
    }

    @Override
    public void prepare() throws IOException {
        AtomicFiles.createDirectories(base().resolve("root"));
        new BusyboxRoot(base().resolve("root")).create();
    }

    @Override
    public EnvironmentRoot root() {
        return new BusyboxRoot(base().resolve("root"));
    }

    @Override
    public QemuBackend backend() {
        return backend(System.getenv(), QemuSite::awaitAgent, guestImage());
    }

    QemuBackend backend(Map<String, String> environment, GuestReadiness readiness, GuestImage image) {
        return new QemuBackend(new QemuConfig(paths(), listener -> image, environment, readiness));
    }

    static void awaitAgent(Machine machine) {
        AgentClient.connect(machine.id(), machine::openChannel, BOOT_BOUND).close();
    }

    static GuestImage guestImage() {
        RuntimeBundle bundle = new RuntimeBundles(PyroPaths.of(System.getenv()), new HostTools(), System.getenv())
                .ensure(Progress.Listener.NONE);
        return new GuestImage(bundle.digest(), bundle.kernel(), bundle.initramfs(), bundle.agent());
    }
}
