package dev.pyro.machine.qemu;

import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import dev.pyro.os.HeldProcess;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Makes the processes of a machine. Stateless. */
final class MachineProcess {
    private static final Map<String, String> ENVIRONMENT =
            Map.of("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL", "C.UTF-8");

    private MachineProcess() {}

    /**
     * Makes a process of a machine in its folder of sockets, with nothing of this process's environment but a search path. It waits until it is
     * released.
     *
     * @param log where its output goes
     * @param leased whether it must end with this process
     * @param input its standard input, or null for none
     */
    static HeldProcess hold(
            List<String> command,
            MachineFolder folder,
            Path log,
            Confinement confinement,
            boolean leased,
            @Nullable Path input) {
        Optional<Long> leaseHolder =
                leased ? Optional.of(ProcessHandle.current().pid()) : Optional.empty();
        try {
            return HeldProcess.start(new HeldProcess.Program(
                    confinement.wrap(command, leaseHolder), folder.sockets(), ENVIRONMENT, input, log));
        } catch (IOException e) {
            throw new PyroException(
                    ErrorCode.MACHINE_START_FAILED, "cannot start " + command.getFirst() + ": " + e.getMessage(), e);
        }
    }
}
