package dev.pyro.os;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A process that exists already and does nothing until it is released, in a session of its own. So a process that is to outlive this one
 * is written down where others find it before it does anything: it ends by itself when it is abandoned, or when this process dies, before that.
 * Its pid and the time of its start stay the same when it becomes its program. For one thread.
 */
public final class HeldProcess {
    /** The end of its input without a line means that whoever holds it is gone. */
    private static final String SCRIPT = "read -r go || exit 125; input=$1; shift; exec \"$@\" <\"$input\"";

    /** A shell that waits for a line ends at once. */
    private static final Duration END_BOUND = Duration.ofSeconds(10);

    private static final Path NOTHING = Path.of("/dev/null");

    private final Process process;
    private final ProcessIdentity identity;
    private boolean released;

    private HeldProcess(Process process, ProcessIdentity identity) {
        this.process = process;
        this.identity = identity;
    }

    /**
     * What it is to become.
     *
     * @param command the program and its arguments
     * @param directory its working directory
     * @param environment its environment, to which the shell may add names of its own, such as {@code PWD}
     * @param input its standard input, or null for none
     * @param log where its output goes; what is in there already is lost
     */
    public record Program(
            List<String> command,
            Path directory,
            Map<String, String> environment,
            @Nullable Path input,
            Path log) {
        public Program {
            command = List.copyOf(command);
            environment = Map.copyOf(environment);
        }
    }

    /**
     * Starts it.
     *
     * @throws IOException when it cannot be started, with the remedy where a program is missing
     */
    public static HeldProcess start(Program program) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(commandLine(program))
                .directory(program.directory().toFile())
                .redirectErrorStream(true)
                .redirectOutput(program.log().toFile());
        builder.environment().clear();
        builder.environment().putAll(program.environment());
        Process process;
        try {
            process = LeasedSpawner.start(builder);
        } catch (IOException e) {
            throw new IOException(e.getMessage() + "; the program setsid (package util-linux) must be installed", e);
        }
        Optional<ProcessIdentity> identity = ProcessIdentity.of(process.pid());
        if (identity.isEmpty()) {
            process.destroyForcibly();
            throw new IOException("somebody has ended process " + process.pid());
        }
        return new HeldProcess(process, identity.get());
    }

    /** Returns the command line of the shell that becomes the program. A pure function. */
    static List<String> commandLine(Program program) {
        Path input = program.input() == null ? NOTHING : program.input().toAbsolutePath();
        return Stream.concat(
                        Stream.of("setsid", "/bin/sh", "-c", SCRIPT, "pyro-held", input.toString()),
                        program.command().stream())
                .toList();
    }

    public ProcessIdentity identity() {
        return identity;
    }

    public boolean isAlive() {
        return process.isAlive();
    }

    /** Returns the exit code of a process that has ended. */
    public int exitCode() {
        return process.exitValue();
    }

    /** Lets it become its program. If somebody has ended it meanwhile, nothing happens. */
    public void release() {
        released = true;
        try (OutputStream gate = process.getOutputStream()) {
            gate.write('\n');
        } catch (IOException e) {
            // It has ended, as the next look at it tells.
        }
    }

    /** Ends it and waits for its end, interrupted or not, unless it was released. */
    public void abandon() {
        if (!released) {
            process.destroyForcibly();
            Undisturbed.run(() -> process.onExit()
                    .completeOnTimeout(process, END_BOUND.toSeconds(), TimeUnit.SECONDS)
                    .join());
        }
    }
}
