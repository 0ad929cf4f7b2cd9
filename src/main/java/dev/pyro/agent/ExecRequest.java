package dev.pyro.agent;

import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import java.io.InputStream;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A command for the guest's shell, {@code /bin/sh -lc} unless its options say otherwise. Immutable but for the stream.
 *
 * @param command the shell command line
 * @param directory where it runs, or null for the guest's own choice
 * @param directoryMade whether that directory is made when it is missing
 * @param environment variables added to the guest's base environment
 * @param timeout after which the guest kills the command's whole process tree, or null for none; in whole milliseconds
 * @param input becomes its standard input, or null for none. It is read on a thread of its own, up to one buffer ahead of what
 *     the command takes; a read that blocks after the command's end is left behind. It is not closed.
 * @param options as whom and how it is started
 */
public record ExecRequest(
        String command,
        @Nullable String directory,
        boolean directoryMade,
        Map<String, String> environment,
        @Nullable Duration timeout,
        @Nullable InputStream input,
        StartOptions options) {
    private static final long MAX_TIMEOUT_MILLIS = 0xffff_ffffL;

    public ExecRequest {
        environment = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(environment));
        check(command, "the command");
        if (GuestText.encode(command).length > Wire.MAX_COMMAND) {
            throw new PyroException(
                    ErrorCode.INVALID_ARGUMENT,
                    "the command is longer than " + Wire.MAX_COMMAND + " bytes: put it into a script");
        }
        if (directory != null) {
            check(directory, "the working directory");
        }
        if (environment.size() > Wire.MAX_VARIABLES) {
            throw new PyroException(ErrorCode.INVALID_ARGUMENT, "more than " + Wire.MAX_VARIABLES + " variables");
        }
        environment.forEach((name, value) -> {
            check(name, "the name of a variable");
            check(value, "the variable " + name);
            if (name.isEmpty() || name.contains("=")) {
                throw new PyroException(ErrorCode.INVALID_ARGUMENT, "'" + name + "' is no name of a variable");
            }
        });
        if (timeout != null && (timeout.toMillis() <= 0 || timeout.toMillis() > MAX_TIMEOUT_MILLIS)) {
            throw new PyroException(
                    ErrorCode.INVALID_ARGUMENT,
                    "the time-out must be from 1 to " + MAX_TIMEOUT_MILLIS + " ms, not " + timeout.toMillis());
        }
    }

    /** A command with nothing but its text. */
    public static ExecRequest of(String command) {
        return new ExecRequest(command, null, false, Map.of(), null, null, StartOptions.USUAL);
    }

    /** The same in another directory. */
    public ExecRequest withDirectory(@Nullable String other) {
        return new ExecRequest(command, other, directoryMade, environment, timeout, input, options);
    }

    /** The same with the working directory made when it is missing. */
    public ExecRequest withDirectoryMade(boolean other) {
        return new ExecRequest(command, directory, other, environment, timeout, input, options);
    }

    /** The same with other variables. */
    public ExecRequest withEnvironment(Map<String, String> other) {
        return new ExecRequest(command, directory, directoryMade, other, timeout, input, options);
    }

    /** The same with another time-out. */
    public ExecRequest withTimeout(@Nullable Duration other) {
        return new ExecRequest(command, directory, directoryMade, environment, other, input, options);
    }

    /** The same with another standard input. */
    public ExecRequest withInput(@Nullable InputStream other) {
        return new ExecRequest(command, directory, directoryMade, environment, timeout, other, options);
    }

    /** The same as another user of the guest, {@code NAME|UID[:GROUP|GID]}; null for root. */
    public ExecRequest withUser(@Nullable String other) {
        return with(options.withUser(other));
    }

    /**
     * The same with the command as plain arguments too, for a guest that has no {@code /bin/sh}; empty when it has no such form.
     * More than the protocol takes are left out.
     */
    public ExecRequest withArguments(List<String> other) {
        return with(options.withArguments(other));
    }

    /** The same in a login shell, or in a plain one. */
    public ExecRequest withLoginShell(boolean other) {
        return with(options.withLoginShell(other));
    }

    private ExecRequest with(StartOptions other) {
        return new ExecRequest(command, directory, directoryMade, environment, timeout, input, other);
    }

    /** Returns the names of the variables only: their values may be secrets. */
    @Override
    public String toString() {
        return "ExecRequest[" + directory + ", " + environment.keySet() + ", " + timeout + "]";
    }

    private static void check(String text, String what) {
        if (text.indexOf('\0') >= 0) {
            throw new PyroException(ErrorCode.INVALID_ARGUMENT, what + " holds a NUL byte");
        }
    }
}
