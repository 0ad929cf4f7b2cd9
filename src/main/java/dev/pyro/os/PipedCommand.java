package dev.pyro.os;

import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * One run of a program on the host with bytes for its standard input and bytes from its standard output, both bounded. The program
 * gets none of this process's variables but {@code PATH}, and the kernel ends it when this process ends. Stateless.
 */
public final class PipedCommand {
    private static final int PIECE_BYTES = 64 << 10;
    private static final int MAX_ERROR_BYTES = 8 << 10;

    private PipedCommand() {}

    /**
     * What a program left.
     *
     * @param exitCode its exit code; 128 and the signal's number when a signal ended it
     * @param output its standard output
     * @param overflow whether it wrote more than it may; it was killed then
     * @param errors the beginning of its standard error
     */
    public record Result(int exitCode, ByteBuffer output, boolean overflow, String errors) {}

    /**
     * Runs a program.
     *
     * @throws PyroException {@link ErrorCode#HOST_TOOL_FAILED} when it cannot be started or runs out of time, {@link
     *     ErrorCode#INTERRUPTED} when this thread is interrupted; it is killed in both cases
     */
    public static Result run(List<String> command, byte[] input, long maxOutputBytes, Duration timeout) {
        ProcessBuilder builder =
                new ProcessBuilder(command).directory(Path.of("/").toFile());
        builder.environment().clear();
        builder.environment().put("PATH", "/usr/sbin:/usr/bin:/sbin:/bin");
        builder.environment().put("LC_ALL", "C");
        Process process;
        try {
            process = LeasedSpawner.start(builder);
        } catch (IOException e) {
            throw new PyroException(
                    ErrorCode.HOST_TOOL_FAILED, "cannot start " + command.getFirst() + ": " + e.getMessage(), e);
        }
        ByteArrayOutputStream output = new ByteArrayOutputStream();
        ByteArrayOutputStream errors = new ByteArrayOutputStream();
        AtomicBoolean overflow = new AtomicBoolean();
        // A virtual thread that waits for a pipe would keep its carrier, and there are no more of those than
        // processors.
        Thread writer =
                Thread.ofPlatform().daemon().name("pyro-pipe").start(() -> write(process.getOutputStream(), input));
        Thread reader = Thread.ofPlatform().daemon().name("pyro-pipe").start(() -> {
            if (!collect(process.getInputStream(), output, maxOutputBytes)) {
                overflow.set(true);
                process.destroyForcibly();
            }
        });
        Thread errorReader =
                Thread.ofPlatform().daemon().name("pyro-pipe").start(() -> drain(process.getErrorStream(), errors));
        try {
            if (!process.waitFor(timeout.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new PyroException(
                        ErrorCode.HOST_TOOL_FAILED,
                        command.getFirst() + " did not end within " + timeout.toSeconds() + " s");
            }
            writer.join();
            reader.join();
            errorReader.join();
            return new Result(
                    process.exitValue(),
                    ByteBuffer.wrap(output.toByteArray()),
                    overflow.get(),
                    errors.toString(StandardCharsets.UTF_8));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new PyroException(ErrorCode.INTERRUPTED, command.getFirst() + " was interrupted", e);
        } finally {
            if (process.isAlive()) {
                ProcessTree.end(process);
            }
        }
    }

    private static void write(OutputStream stream, byte[] input) {
        try (stream) {
            stream.write(input);
        } catch (IOException e) {
            // A program that ends before it has read everything says why by its exit code.
            return;
        }
    }

    /** Returns whether everything was kept. */
    private static boolean collect(InputStream stream, ByteArrayOutputStream target, long max) {
        try (stream) {
            byte[] piece = new byte[PIECE_BYTES];
            for (int count = stream.read(piece); count >= 0; count = stream.read(piece)) {
                if (target.size() + (long) count > max) {
                    return false;
                }
                target.write(piece, 0, count);
            }
        } catch (IOException e) {
            // The program was killed.
            return true;
        }
        return true;
    }

    private static void drain(InputStream stream, ByteArrayOutputStream target) {
        try (stream) {
            byte[] piece = new byte[PIECE_BYTES];
            for (int count = stream.read(piece); count >= 0; count = stream.read(piece)) {
                target.write(piece, 0, Math.min(count, MAX_ERROR_BYTES - target.size()));
            }
        } catch (IOException e) {
            // The program was killed.
            return;
        }
    }
}
