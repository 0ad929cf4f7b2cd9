package dev.pyro.machine.qemu;

import dev.pyro.machine.MachineBackend.GuestReadiness;
import dev.pyro.model.Progress;
import dev.pyro.store.PyroPaths;
import java.util.Map;
import java.util.function.Function;

/**
 * What the QEMU back end needs to know.
 *
 * @param paths where templates, locks and the results of probes lie
 * @param guestImage gives what a guest boots from; asked for when a machine starts, and it may take long the first time, which
 *     the listener hears of
 * @param environment the environment variables of this process: {@code PYRO_ACCEL}, {@code PATH}
 * @param readiness waits for a freshly booted guest's agent; it opens no session that outlives it, and configures nothing
 */
public record QemuConfig(
        PyroPaths paths,
        Function<Progress.Listener, GuestImage> guestImage,
        Map<String, String> environment,
        GuestReadiness readiness) {
    public QemuConfig {
        environment = Map.copyOf(environment);
    }
}
