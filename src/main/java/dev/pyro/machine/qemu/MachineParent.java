package dev.pyro.machine.qemu;

import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import java.io.File;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * The thread that starts every process of a machine.
 *
 * <p>The kernel's "signal on the death of the parent" means the parent <em>thread</em>. So one platform thread starts all of
 * them and lives as long as this process.
 */
final class MachineParent {
    private static final String SEARCH_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
    private static final File NOTHING = new File("/dev/null");
    private static final long START_TIMEOUT_SECONDS = 30;
    private static final LinkedBlockingQueue<FutureTask<Process>> TASKS = new LinkedBlockingQueue<>();

    static {
        Thread.ofPlatform().daemon().name("pyro-machine-parent").start(MachineParent::serve);
    }

    private MachineParent() {}

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
        return start(builder);
    }

    private static Process start(ProcessBuilder builder) {
        FutureTask<Process> task = new FutureTask<>(builder::start);
        TASKS.add(task);
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    Process process = task.get(START_TIMEOUT_SECONDS, TimeUnit.SECONDS);
                    if (interrupted) {
                        process.destroyForcibly();
                        throw new PyroException(ErrorCode.INTERRUPTED, "interrupted while a machine was started");
                    }
                    return process;
                } catch (InterruptedException e) {
                    // The process comes to life all the same, so that somebody must wait for it.
                    interrupted = true;
                }
            }
        } catch (ExecutionException e) {
            throw new PyroException(
                    ErrorCode.MACHINE_START_FAILED,
                    "cannot start " + builder.command().getFirst() + ": "
                            + (e.getCause() == null ? e : e.getCause()).getMessage()
                            + "; the programs setsid and setpriv (package util-linux) must be installed",
                    e);
        } catch (TimeoutException e) {
            throw new PyroException(
                    ErrorCode.MACHINE_START_FAILED,
                    "the host did not start a process within " + START_TIMEOUT_SECONDS + " s",
                    e);
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private static void serve() {
        while (true) {
            // Nobody has a reason to interrupt this thread, and its end would end every leased machine.
            boolean interrupted = false;
            try {
                TASKS.take().run();
            } catch (InterruptedException e) {
                interrupted = true;
            }
            if (interrupted) {
                Thread.interrupted();
            }
        }
    }
}
