package dev.pyro.os;

import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A program of the host that reads or writes a stream of ours. It ends when this process ends: its stream ends then; and it is killed when the thread
 * that started it is interrupted. It runs in the C locale, where names are bytes. Not safe for use by several threads.
 */
public final class HostPipe implements AutoCloseable {
    private static final Path NOTHING = Path.of("/dev/null");
    private static final int MAX_KEPT_ERRORS = 16 * 1024;
    private static final int LINES_IN_MESSAGE = 5;
    private static final Duration END_TIMEOUT = Duration.ofSeconds(60);
    private static final long WATCH_MILLIS = 100;

    private final String program;
    private final Process process;
    private final Thread watchdog;
    private final Thread errorReader;
    private final StringBuilder errors = new StringBuilder();

    /**
     * Starts a program.
     *
     * @param readsOurs whether {@link #input} is given to it; else its {@link #output} is read
     * @param limit after which it is killed
     * @throws PyroException {@link ErrorCode#HOST_TOOL_FAILED} when it does not start
     */
    public HostPipe(List<String> command, boolean readsOurs, Duration limit) {
        this(command, null, readsOurs, limit);
    }

    /** Like the first one, in a folder. */
    public HostPipe(List<String> command, @Nullable Path folder, boolean readsOurs, Duration limit) {
        this(command, folder, readsOurs, NOTHING, limit);
    }

    /** Starts a program that reads a file, which need not be open to it, and whose output is read. */
    public static HostPipe reading(Path file, List<String> command, Duration limit) {
        return new HostPipe(command, null, false, file, limit);
    }

    private HostPipe(List<String> command, @Nullable Path folder, boolean readsOurs, Path input, Duration limit) {
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().put("LC_ALL", "C");
        builder.environment().remove("TAR_OPTIONS");
        builder.environment().remove("POSIXLY_CORRECT");
        if (folder != null) {
            builder.directory(folder.toFile());
        }
        if (readsOurs) {
            builder.redirectOutput(ProcessBuilder.Redirect.DISCARD);
        } else {
            builder.redirectInput(ProcessBuilder.Redirect.from(input.toFile()));
        }
        program = command.getFirst();
        try {
            process = LeasedSpawner.start(builder);
        } catch (IOException e) {
            throw new PyroException(ErrorCode.HOST_TOOL_FAILED, "cannot start " + program + ": " + e.getMessage(), e);
        }
        errorReader = Thread.ofPlatform().daemon().name("pyro-pipe").start(this::readErrors);
        Thread owner = Thread.currentThread();
        watchdog = Thread.ofPlatform().daemon().name("pyro-pipe").start(() -> watch(owner, limit));
    }

    /** Returns what it reads. */
    public OutputStream input() {
        return process.getOutputStream();
    }

    /** Returns what it writes. */
    public InputStream output() {
        return process.getInputStream();
    }

    /**
     * Waits for the end, which must be near: its stream is over.
     *
     * @return the exit code
     */
    public int await() {
        return await(END_TIMEOUT);
    }

    /** Like the other one, where the end may be further off. */
    public int await(Duration bound) {
        try {
            if (!process.waitFor(bound.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new PyroException(ErrorCode.HOST_TOOL_FAILED, program + " does not end");
            }
            errorReader.join(END_TIMEOUT);
            return process.exitValue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new PyroException(ErrorCode.INTERRUPTED, program + " was interrupted", e);
        }
    }

    /** Returns the last lines of what it said was wrong, one character a byte: they may name any file. */
    public String errors() {
        synchronized (errors) {
            List<String> lines = errors.toString().strip().lines().toList();
            List<String> last = lines.subList(Math.max(0, lines.size() - LINES_IN_MESSAGE), lines.size());
            return String.join("; ", last);
        }
    }

    /** Tells whether what it said is that there is no room left. */
    public boolean saysDiskFull() {
        return isDiskFull(errors());
    }

    /** Tells whether a text says that there is no room left. */
    public static boolean isDiskFull(String text) {
        return text.contains("No space left on device") || text.contains("Disk quota exceeded");
    }

    /** Kills it when it still runs. */
    @Override
    public void close() {
        watchdog.interrupt();
        if (process.isAlive()) {
            ProcessTree.end(process);
        }
        // When the other end is gone already, there is nothing left to tell it.
        closeQuietly(process.getInputStream());
        closeQuietly(process.getOutputStream());
    }

    private static void closeQuietly(AutoCloseable stream) {
        try {
            stream.close();
        } catch (Exception e) {
            return;
        }
    }

    private void watch(Thread owner, Duration limit) {
        long deadline = System.nanoTime() + limit.toNanos();
        try {
            // A read or write of a pipe does not end when its thread is interrupted, but when the program does.
            while (!process.waitFor(WATCH_MILLIS, TimeUnit.MILLISECONDS)) {
                if (owner.isInterrupted() || System.nanoTime() >= deadline) {
                    ProcessTree.end(process);
                }
            }
        } catch (InterruptedException e) {
            return;
        }
    }

    private void readErrors() {
        byte[] buffer = new byte[4096];
        try (InputStream stream = process.getErrorStream()) {
            for (int count = stream.read(buffer); count >= 0; count = stream.read(buffer)) {
                synchronized (errors) {
                    errors.append(new String(buffer, 0, count, StandardCharsets.ISO_8859_1));
                    if (errors.length() > MAX_KEPT_ERRORS) {
                        errors.delete(0, errors.length() - MAX_KEPT_ERRORS);
                    }
                }
            }
        } catch (IOException e) {
            return;
        }
    }
}
