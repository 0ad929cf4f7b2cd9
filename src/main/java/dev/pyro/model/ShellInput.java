package dev.pyro.model;

/**
 * Input that a shell's terminal has taken.
 *
 * @param shell the shell; its {@link Shell#endCursor} is where the output ended before the input was written, so that a read from there returns
 *     what the input has caused
 * @param inputLength how many characters were written, without the appended newline
 * @param appendNewline whether a newline was written behind them
 */
public record ShellInput(Shell shell, int inputLength, boolean appendNewline) {
    /** The longest input, in bytes of UTF-8. */
    public static final int MAX_BYTES = 1 << 20;
}
