package dev.pyro.mcp.http;

import dev.pyro.json.Json;
import dev.pyro.json.JsonValue.JsonObject;
import dev.pyro.mcp.server.RpcError;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/** Answers that are one JSON document, or nothing but a status. Stateless. */
final class JsonReply {
    static final String JSON = "application/json";

    private JsonReply() {}

    /** Answers with a status alone. */
    static void status(Response response, Callback callback, int status) {
        response.setStatus(status);
        response.write(true, ByteBuffer.allocate(0), callback);
    }

    /** Answers with a document. */
    static void document(Response response, Callback callback, int status, JsonObject document) {
        text(response, callback, status, Json.write(document));
    }

    /** Answers with the failure's status and a JSON-RPC error that belongs to no request. */
    static void failure(Response response, Callback callback, HttpFailure failure) {
        String header = failure.header();
        String value = failure.headerValue();
        if (header != null && value != null) {
            response.getHeaders().put(header, value);
        }
        error(response, callback, failure.status(), failure.code(), failure.getMessage());
    }

    /** Answers with a status and a JSON-RPC error that belongs to no request. */
    static void error(Response response, Callback callback, int status, int code, String message) {
        document(response, callback, status, new RpcError(code, message).response(null));
    }

    /** Answers with a document that is written already. */
    static void text(Response response, Callback callback, int status, String json) {
        byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
        response.setStatus(status);
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, JSON);
        response.getHeaders().put(HttpHeader.CONTENT_LENGTH, bytes.length);
        response.write(true, ByteBuffer.wrap(bytes), callback);
    }
}
