package dev.pyro.machine.qemu;

import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import dev.pyro.os.LeasedSpawner;
import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Starts the processes of a machine. Stateless. */
final class MachineProcess {
    private static final String SEARCH_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
    private static final File NOTHING = new File("/dev/null");

    private MachineProcess() {}

    /**
     * Starts a process of a machine in its folder of sockets, with nothing of this process's environment but a search path.
     *
     * @param log where its output goes
     * @param leased whether it must end with this process
     * @param input its standard input, or null for none
     */
    static Process start(
            List<String> command,
            MachineFolder folder,
            Path log,
            Confinement confinement,
            boolean leased,
            @Nullable Path input) {
        Optional<Long> leaseHolder =
                leased ? Optional.of(ProcessHandle.current().pid()) : Optional.empty();
        ProcessBuilder builder = new ProcessBuilder(confinement.wrap(command, leaseHolder))
                .directory(folder.sockets().toFile())
                .redirectInput(input == null ? NOTHING : input.toFile())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile());
        builder.environment().clear();
        builder.environment().put("PATH", SEARCH_PATH);
        builder.environment().put("LC_ALL", "C.UTF-8");
        try {
            return LeasedSpawner.start(builder);
        } catch (IOException e) {
            throw new PyroException(
                    ErrorCode.MACHINE_START_FAILED,
                    "cannot start " + command.getFirst() + ": " + e.getMessage()
                            + "; the programs setsid and setpriv (package util-linux) must be installed",
                    e);
        }
    }
}
