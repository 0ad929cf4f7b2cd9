package dev.pyro.os;

import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.function.Consumer;

/**
 * Runs a host command that the kernel kills when this process ends, however it ends. Stateless.
 *
 * <p>Only the program itself is killed, not what it started: to end a whole tree, let it run in a PID namespace of its own,
 * see {@link BuildNamespace}.
 */
public final class LeasedCommand {
    private LeasedCommand() {}

    /** Does what {@link HostCommand#run(Consumer)} does, with the lease. */
    public static HostCommand.Result run(HostCommand command, Consumer<String> onLine) {
        HostCommand leased = new HostCommand(
                commandLine(ProcessHandle.current().pid(), command.command()),
                command.directory(),
                command.environment(),
                command.timeout());
        // For the kernel the parent is the thread that started the program. A virtual thread's carrier may end while
        // the
        // program runs; this thread waits for it.
        FutureTask<HostCommand.Result> task = new FutureTask<>(() -> leased.run(onLine));
        Thread thread = Thread.ofPlatform().daemon().name("pyro-leased").start(task);
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return task.get();
                } catch (InterruptedException e) {
                    // The task ends the program and then fails with INTERRUPTED.
                    interrupted = true;
                    thread.interrupt();
                } catch (ExecutionException e) {
                    if (e.getCause() instanceof RuntimeException cause) {
                        throw cause;
                    }
                    throw new PyroException(ErrorCode.INTERNAL, "cannot run " + command.command(), e);
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /**
     * Returns the command line of a program that is killed when its parent ends.
     *
     * @param parent the pid of the process that will start it
     */
    static List<String> commandLine(long parent, List<String> command) {
        List<String> line = new ArrayList<>(List.of("setpriv", "--pdeathsig", "KILL", "sh", "-c"));
        // When the parent ended before the signal was asked for, the signal never comes.
        line.add("[ \"$PPID\" = \"$0\" ] || exit 125; exec \"$@\"");
        line.add(Long.toString(parent));
        line.addAll(command);
        return List.copyOf(line);
    }
}
