package dev.pyro.model;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What is optional in reading a shell's output. Immutable; start from {@link #defaults}.
 *
 * @param cursor where to begin: 0, or a cursor that an earlier answer named
 * @param maxChars the most characters that are returned, 1 to {@link #MAX_CHARS}
 * @param waitFor wait until the output from the cursor on holds this text, at most {@link #MAX_WAIT_FOR_CHARS} characters; or null
 * @param waitIdle wait until there is output after the cursor and no more has come for so long, {@link #MIN_IDLE} to {@link #MAX_IDLE}; or
 *     null. Only one of the two may be given
 * @param timeout how long to wait at most, 1 s to one day
 */
public record ReadShell(
        long cursor,
        int maxChars,
        @Nullable String waitFor,
        @Nullable Duration waitIdle,
        Duration timeout) {
    public static final int DEFAULT_MAX_CHARS = 65_536;
    public static final int MAX_CHARS = 1 << 20;
    public static final int MAX_WAIT_FOR_CHARS = 4096;
    public static final Duration MIN_IDLE = Duration.ofMillis(1);
    public static final Duration MAX_IDLE = Duration.ofMinutes(1);
    public static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(30);

    /** Throws {@link ErrorCode#INVALID_ARGUMENT} when a value is out of its range. */
    public ReadShell {
        if (cursor < 0) {
            throw Arguments.invalid("cursor must be 0, or one that an earlier answer named, not " + cursor);
        }
        Arguments.range("max_chars", maxChars, 1, MAX_CHARS);
        if (waitFor != null) {
            int chars = waitFor.codePointCount(0, waitFor.length());
            if (chars < 1 || chars > MAX_WAIT_FOR_CHARS) {
                throw Arguments.invalid("wait_for must have 1 to " + MAX_WAIT_FOR_CHARS + " characters, not " + chars);
            }
        }
        if (waitIdle != null && (waitIdle.compareTo(MIN_IDLE) < 0 || waitIdle.compareTo(MAX_IDLE) > 0)) {
            throw Arguments.invalid("wait_idle_ms must be between " + MIN_IDLE.toMillis() + " and "
                    + MAX_IDLE.toMillis() + ", not " + waitIdle.toMillis());
        }
        if (waitFor != null && waitIdle != null) {
            throw Arguments.invalid("wait_for and wait_idle_ms exclude each other: give one of them");
        }
        Arguments.timeout(timeout);
    }

    /** Returns a read from the beginning of at most 65,536 characters that does not wait. */
    public static ReadShell defaults() {
        return new ReadShell(0, DEFAULT_MAX_CHARS, null, null, DEFAULT_TIMEOUT);
    }

    public ReadShell withCursor(long position) {
        return new ReadShell(position, maxChars, waitFor, waitIdle, timeout);
    }

    public ReadShell withMaxChars(int chars) {
        return new ReadShell(cursor, chars, waitFor, waitIdle, timeout);
    }

    public ReadShell withWaitFor(@Nullable String text) {
        return new ReadShell(cursor, maxChars, text, waitIdle, timeout);
    }

    public ReadShell withWaitIdle(@Nullable Duration quiet) {
        return new ReadShell(cursor, maxChars, waitFor, quiet, timeout);
    }

    public ReadShell withTimeout(Duration duration) {
        return new ReadShell(cursor, maxChars, waitFor, waitIdle, duration);
    }

    /** The same without waiting for anything. */
    public ReadShell withoutWaiting() {
        return new ReadShell(cursor, maxChars, null, null, timeout);
    }
}
