package dev.pyro.mcp.http;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A request that is answered by a status and a JSON-RPC error, instead of by the SDK. Carries no stack trace. */
final class HttpFailure extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** The JSON-RPC codes that the transport itself gives; those of -32000 and below are for a server to choose. */
    static final int PARSE_ERROR = -32700;

    static final int INVALID_REQUEST = -32600;
    static final int INTERNAL_ERROR = -32603;
    static final int REFUSED = -32000;
    static final int NO_SESSION = -32001;

    private final int status;
    private final int code;
    private final @Nullable String header;
    private final @Nullable String headerValue;

    HttpFailure(int status, int code, String message) {
        this(status, code, message, null, null);
    }

    /** @param header the name of a header that goes with the status, or null */
    HttpFailure(int status, int code, String message, @Nullable String header, @Nullable String headerValue) {
        super(message, null, false, false);
        this.status = status;
        this.code = code;
        this.header = header;
        this.headerValue = headerValue;
    }

    @Override
    public String getMessage() {
        return Objects.requireNonNull(super.getMessage());
    }

    int status() {
        return status;
    }

    int code() {
        return code;
    }

    @Nullable
    String header() {
        return header;
    }

    @Nullable
    String headerValue() {
        return headerValue;
    }
}
