package dev.pyro.model;

import java.util.Arrays;
import java.util.stream.Collectors;

/** A signal for what runs in the foreground of a shell's terminal. */
public enum ShellSignal {
    HUP,
    INT,
    TERM,
    KILL;

    /**
     * Returns the signal of this name.
     *
     * @throws PyroException {@link ErrorCode#INVALID_ARGUMENT}, with the names that there are
     */
    public static ShellSignal of(String name) {
        return Arrays.stream(values())
                .filter(signal -> signal.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new PyroException(
                        ErrorCode.INVALID_ARGUMENT,
                        "signal must be one of "
                                + Arrays.stream(values()).map(Enum::name).collect(Collectors.joining(", ")) + ", not \""
                                + Arguments.printable(name) + "\""));
    }
}
