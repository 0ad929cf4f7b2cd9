package dev.pyro.os;

import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One run of a program on the host, bounded in time and in what is kept of its output. Immutable.
 *
 * <p>Standard input is empty; standard output and error are read together. The program runs in the C locale.
 *
 * @param command the program and its arguments; no shell is involved
 * @param directory where it runs, or null for this process's own
 * @param environment variables added to this process's own
 * @param timeout after which the program and all its descendants are killed
 */
public record HostCommand(
        List<String> command, @Nullable Path directory, Map<String, String> environment, Duration timeout) {
    /** How much of the output's end is kept. */
    public static final int MAX_KEPT_CHARS = 64 * 1024;

    private static final int LINES_IN_MESSAGE = 12;

    public HostCommand {
        command = List.copyOf(command);
        environment = Map.copyOf(environment);
    }

    /**
     * What a finished program left.
     *
     * @param exitCode its exit code; 128 and the signal's number when a signal ended it
     * @param output the end of its standard output and error, at most {@link #MAX_KEPT_CHARS}
     */
    public record Result(int exitCode, String output) {}

    /** A command with this process's own folder and variables. */
    public static HostCommand of(Duration timeout, List<String> command) {
        return new HostCommand(command, null, Map.of(), timeout);
    }

    /**
     * Runs the program and returns how it ended.
     *
     * @throws PyroException {@link ErrorCode#HOST_TOOL_FAILED} when it cannot be started or runs out of time, {@link
     *     ErrorCode#INTERRUPTED} when this thread is interrupted; the program and its descendants have ended in both cases, but for what
     *     runs as another user, as under sudo
     */
    public Result run() {
        return run(line -> {});
    }

    /**
     * Like {@link #run()}, and hands over each line of output as it comes, on a thread of its own. What the listener throws ends the program,
     * and this throws it then.
     */
    public Result run(Consumer<String> onLine) {
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        if (directory != null) {
            builder.directory(directory.toFile());
        }
        Map<String, String> variables = new HashMap<>(environment);
        variables.putIfAbsent("LC_ALL", "C.UTF-8");
        builder.environment().putAll(variables);
        Process process;
        try {
            process = builder.start();
        } catch (IOException e) {
            throw new PyroException(
                    ErrorCode.HOST_TOOL_FAILED, "cannot start " + command.getFirst() + ": " + e.getMessage(), e);
        }
        OutputTail tail = new OutputTail(onLine);
        Thread reader = Thread.ofPlatform().daemon().name("pyro-output").start(() -> tail.readAll(process));
        try {
            process.getOutputStream().close();
            if (!process.waitFor(timeout.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new PyroException(
                        ErrorCode.HOST_TOOL_FAILED,
                        command.getFirst() + " did not end within " + timeout.toSeconds() + " s" + tail.lastLines());
            }
            reader.join();
            tail.requireHeard();
            return new Result(process.exitValue(), tail.text());
        } catch (IOException e) {
            throw new PyroException(
                    ErrorCode.HOST_TOOL_FAILED, "cannot run " + command.getFirst() + ": " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new PyroException(ErrorCode.INTERRUPTED, command.getFirst() + " was interrupted", e);
        } finally {
            if (process.isAlive()) {
                ProcessTree.end(process);
            }
        }
    }

    /**
     * Runs the program and returns its output.
     *
     * @param purpose what it was to do, for the message: "cannot PURPOSE: …"
     * @throws PyroException {@link ErrorCode#HOST_TOOL_FAILED} also when the exit code is not 0, with the last lines of output
     */
    public String runOrFail(String purpose) {
        return runOrFail(purpose, line -> {});
    }

    /** Like {@link #runOrFail(String)}, and hands over each line of output as it comes, on a thread of its own. */
    public String runOrFail(String purpose, Consumer<String> onLine) {
        Result result = run(onLine);
        if (result.exitCode() != 0) {
            throw new PyroException(
                    ErrorCode.HOST_TOOL_FAILED,
                    "cannot " + purpose + ": " + command.getFirst() + " ended with exit code " + result.exitCode()
                            + lastLines(result.output()));
        }
        return result.output();
    }

    private static String lastLines(String output) {
        List<String> lines = output.strip().lines().toList();
        if (lines.isEmpty()) {
            return "";
        }
        return "\n  " + String.join("\n  ", lines.subList(Math.max(0, lines.size() - LINES_IN_MESSAGE), lines.size()));
    }

    /** The end of a program's output. */
    private static final class OutputTail {
        private final StringBuilder kept = new StringBuilder();
        private final StringBuilder line = new StringBuilder();
        private final Consumer<String> onLine;
        private volatile @Nullable Throwable refusal;

        OutputTail(Consumer<String> onLine) {
            this.onLine = onLine;
        }

        void readAll(Process process) {
            try (java.io.Reader reader =
                    new java.io.InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8)) {
                char[] buffer = new char[8192];
                for (int count = reader.read(buffer); count >= 0; count = reader.read(buffer)) {
                    append(buffer, count);
                }
            } catch (IOException e) {
                // The program was killed; what came before is kept.
                return;
            } catch (RuntimeException | Error e) {
                // Nobody takes the program's output any more, so it would never end.
                refusal = e;
                ProcessTree.end(process);
            }
        }

        /** Throws what the listener has thrown. */
        void requireHeard() {
            switch (refusal) {
                case null -> {}
                case RuntimeException e -> throw e;
                case Error e -> throw e;
                default -> throw new IllegalStateException(refusal);
            }
        }

        private synchronized void append(char[] buffer, int count) {
            kept.append(buffer, 0, count);
            if (kept.length() > MAX_KEPT_CHARS) {
                kept.delete(0, kept.length() - MAX_KEPT_CHARS);
            }
            for (int i = 0; i < count; i++) {
                if (buffer[i] == '\n' || buffer[i] == '\r') {
                    if (!line.isEmpty()) {
                        onLine.accept(line.toString());
                        line.setLength(0);
                    }
                } else if (line.length() < MAX_KEPT_CHARS) {
                    line.append(buffer[i]);
                }
            }
        }

        synchronized String text() {
            return kept.toString();
        }

        synchronized String lastLines() {
            return HostCommand.lastLines(kept.toString());
        }
    }
}
