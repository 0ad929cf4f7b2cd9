package dev.pyro.model;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Every failure of Pyro: a stable {@link ErrorCode} and a message that says what failed, on which object, and what to do next.
 *
 * <p>Expected outcomes (an exit code, a timeout, truncated output) are values and never thrown.
 */
public final class PyroException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final ErrorCode code;

    public PyroException(ErrorCode code, String message) {
        this(code, message, null);
    }

    public PyroException(ErrorCode code, String message, @Nullable Throwable cause) {
        super(Objects.requireNonNull(message, "message"), cause);
        this.code = Objects.requireNonNull(code, "code");
    }

    /** Returns the stable code. */
    public ErrorCode code() {
        return code;
    }

    /** Returns the message, which is never null. */
    @Override
    public String getMessage() {
        return Objects.requireNonNull(super.getMessage());
    }
}
