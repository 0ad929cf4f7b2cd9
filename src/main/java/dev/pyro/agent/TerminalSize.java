package dev.pyro.agent;

import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;

/**
 * The size of a terminal, in characters.
 *
 * @param columns 1 to {@link #MAX}
 * @param rows 1 to {@link #MAX}
 */
public record TerminalSize(int columns, int rows) {
    public static final int MAX = 1000;

    public TerminalSize {
        if (columns < 1 || columns > MAX || rows < 1 || rows > MAX) {
            throw new PyroException(
                    ErrorCode.INVALID_ARGUMENT,
                    "a terminal of " + columns + " columns and " + rows + " rows; both must be 1 to " + MAX);
        }
    }
}
