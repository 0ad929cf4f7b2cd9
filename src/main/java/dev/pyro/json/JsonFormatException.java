package dev.pyro.json;

/** A text is not the JSON that was expected. Callers turn it into an error that names the file or the peer. */
public final class JsonFormatException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public JsonFormatException(String message) {
        super(message);
    }

    public JsonFormatException(String message, Throwable cause) {
        super(message, cause);
    }
}
