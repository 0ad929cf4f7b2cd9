package dev.pyro.model;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What is optional in running one command in a machine of its own. Immutable; start from {@link #defaults}.
 *
 * @param machine the machine
 * @param exec the command
 */
public record RunInVm(CreateVm machine, ExecVm exec) {
    /** Returns the defaults of {@link CreateVm} and of {@link ExecVm}. */
    public static RunInVm defaults() {
        return new RunInVm(CreateVm.defaults(), ExecVm.defaults());
    }

    public RunInVm withMachine(CreateVm options) {
        return new RunInVm(options, exec);
    }

    public RunInVm withExec(ExecVm options) {
        return new RunInVm(machine, options);
    }

    public RunInVm withTimeout(Duration duration) {
        return new RunInVm(machine, exec.withTimeout(duration));
    }

    /** Runs it as another user of the guest; null for the image's own. */
    public RunInVm withUser(@Nullable String name) {
        return new RunInVm(machine, exec.withUser(name));
    }
}
