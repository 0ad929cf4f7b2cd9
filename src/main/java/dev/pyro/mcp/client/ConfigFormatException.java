package dev.pyro.mcp.client;

/** A text is not in the form that a client's configuration has; the message says where and why. */
final class ConfigFormatException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    ConfigFormatException(String message) {
        super(message);
    }

    ConfigFormatException(String message, Throwable cause) {
        super(message, cause);
    }
}
