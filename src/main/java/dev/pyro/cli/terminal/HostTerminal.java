package dev.pyro.cli.terminal;

import dev.pyro.cli.render.Terminal;
import dev.pyro.model.ErrorCode;
import dev.pyro.model.OpenShell;
import dev.pyro.model.PyroException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The terminal that is this process's standard input and output, through stty(1): see decision 18. Safe for use by several threads.
 */
public final class HostTerminal {
    private static final Duration STTY_TIMEOUT = Duration.ofSeconds(5);
    private static final int MAX_STTY_BYTES = 4096;
    private static final Size USUAL_SIZE = new Size(80, 24);

    /** Every key is passed on as it is, every byte that is written shown as it is. */
    private static final List<String> RAW = List.of("raw", "-echo", "-echonl", "-iexten");

    /** As stty wrote them, and reads them again. */
    private @Nullable String savedModes;

    /**
     * The size of a terminal, each within what a shell's may be.
     *
     * @param cols its columns
     * @param rows its rows
     */
    public record Size(int cols, int rows) {}

    private HostTerminal() {}

    /**
     * Returns the terminal.
     *
     * @throws PyroException {@link ErrorCode#INVALID_ARGUMENT} when standard input or output is none
     */
    public static HostTerminal open() {
        for (String descriptor : List.of("0", "1")) {
            if (!Terminal.leadsToTerminal(Path.of("/proc/self/fd", descriptor))) {
                throw new PyroException(
                        ErrorCode.INVALID_ARGUMENT,
                        "standard " + (descriptor.equals("0") ? "input" : "output")
                                + " is no terminal, and a shell can be attached to nothing else; without one use `pyro "
                                + "workspace shell write` and `read`");
            }
        }
        return new HostTerminal();
    }

    /** Returns how large it is now; a usual size when it does not know. */
    public Size size() {
        String[] words = stty(List.of("size")).strip().split(" ", -1);
        try {
            int rows = Integer.parseInt(words[0]);
            int cols = words.length == 2 ? Integer.parseInt(words[1]) : 0;
            return rows > 0 && cols > 0
                    ? new Size(Math.min(cols, OpenShell.MAX_SIZE), Math.min(rows, OpenShell.MAX_SIZE))
                    : USUAL_SIZE;
        } catch (NumberFormatException e) {
            return USUAL_SIZE;
        }
    }

    /** Takes every key away from the host, until {@link #restore}. */
    public synchronized void makeRaw() {
        savedModes = stty(List.of("-g")).strip();
        stty(RAW);
    }

    /** Makes it what it was before {@link #makeRaw}; does nothing the second time. */
    public synchronized void restore() {
        String modes = savedModes;
        savedModes = null;
        if (modes != null) {
            stty(List.of(modes));
        }
    }

    private static String stty(List<String> arguments) {
        List<String> command = new ArrayList<>(List.of("stty"));
        command.addAll(arguments);
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectInput(ProcessBuilder.Redirect.INHERIT)
                .redirectErrorStream(true);
        builder.environment().put("LC_ALL", "C");
        Process process = null;
        try {
            process = builder.start();
            String output = new String(process.getInputStream().readNBytes(MAX_STTY_BYTES), StandardCharsets.UTF_8);
            if (!process.waitFor(STTY_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS) || process.exitValue() != 0) {
                throw failure(command, output.strip(), null);
            }
            return output;
        } catch (IOException e) {
            throw failure(command, String.valueOf(e.getMessage()), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new PyroException(ErrorCode.INTERRUPTED, "stty was interrupted", e);
        } finally {
            if (process != null) {
                process.destroyForcibly();
            }
        }
    }

    private static PyroException failure(List<String> command, String why, @Nullable Exception cause) {
        String message = "cannot set this terminal: `" + String.join(" ", command) + "` failed: " + why;
        return cause == null
                ? new PyroException(ErrorCode.HOST_TOOL_FAILED, message)
                : new PyroException(ErrorCode.HOST_TOOL_FAILED, message, cause);
    }
}
