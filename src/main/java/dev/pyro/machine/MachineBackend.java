package dev.pyro.machine;

import dev.pyro.machine.MachineSpec.NetworkMode;
import dev.pyro.model.Accelerator;
import dev.pyro.model.ErrorCode;
import dev.pyro.model.ExecutionMode;
import dev.pyro.model.Problem;
import dev.pyro.model.Progress;
import dev.pyro.model.PyroException;
import dev.pyro.os.HostTool;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** One way to run machines. Implementations are safe for use by several threads. */
public interface MachineBackend {
    /**
     * What a back end can do on this host.
     *
     * @param usable whether a machine can be run
     * @param accelerator what will execute the guest's instructions, or null where that has no meaning
     * @param reason why it is usable or not, and why with this accelerator, in one sentence
     * @param problems what stands in the way, or would make it better
     */
    record Probe(boolean usable, @Nullable Accelerator accelerator, String reason, List<Problem> problems) {
        public Probe {
            problems = List.copyOf(problems);
        }
    }

    /** Waits until a machine's guest agent answers; how, is not the back end's business. */
    @FunctionalInterface
    interface GuestReadiness {
        /**
         * Returns as soon as the guest is ready.
         *
         * @throws PyroException when it does not become ready within its bound
         */
        void await(Machine machine);
    }

    /** Returns the back end's name, as {@code PYRO_BACKEND} takes it. */
    String name();

    /** Returns how commands are run in its machines. */
    ExecutionMode executionMode();

    /** Returns the host's tools without which it cannot run a machine of this network. */
    Set<HostTool> tools(NetworkMode network);

    /** Finds out what the back end can do here, by running the real thing where that is needed to know. */
    Probe probe();

    /**
     * Makes what the machine's folder lacks (its disks) and starts it. When this method throws, no process, socket or disk of the
     * machine is left.
     *
     * @throws PyroException {@link ErrorCode#MACHINE_START_FAILED} with the end of the log, {@link
     *     ErrorCode#NETWORK_UNAVAILABLE}, {@link ErrorCode#GUEST_UNAVAILABLE}
     */
    Machine start(MachineSpec spec, Progress.Listener listener);

    /** Returns the form in which its machines have the files of workspaces. */
    WorkVolumes volumes();

    /**
     * Deletes what the back end keeps in the cache and has not used for a while. Running machines lose nothing.
     *
     * @param all whether what was used lately goes too; it is made anew when it is needed
     * @param mayDelete hears of each folder before it is deleted, and can keep it
     */
    void prune(boolean all, Predicate<Path> mayDelete);

    /**
     * Finds the machine that runs in a folder, whichever process started it.
     *
     * @return empty when none runs there, or when it was another back end's
     */
    Optional<Machine> adopt(Path directory);
}
