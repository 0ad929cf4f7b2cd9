package dev.pyro.json;

import org.jspecify.annotations.Nullable;

/** A text is not the JSON that was expected. Callers turn it into an error that names the file or the peer. */
public final class JsonFormatException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final boolean beyondBounds;

    public JsonFormatException(String message) {
        super(message);
        this.beyondBounds = false;
    }

    public JsonFormatException(String message, Throwable cause) {
        super(message, cause);
        this.beyondBounds = false;
    }

    private JsonFormatException(String message, @Nullable Throwable cause, boolean beyondBounds) {
        super(message, cause);
        this.beyondBounds = beyondBounds;
    }

    /** A text that is JSON as far as it was read, and exceeds a bound. */
    static JsonFormatException beyondBounds(String message, @Nullable Throwable cause) {
        return new JsonFormatException(message, cause, true);
    }

    /** Tells whether a bound was exceeded by what may be JSON. */
    public boolean isBeyondBounds() {
        return beyondBounds;
    }
}
