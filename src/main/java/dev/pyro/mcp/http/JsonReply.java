package dev.pyro.mcp.http;

import dev.pyro.json.Json;
import dev.pyro.json.JsonValue.JsonNull;
import dev.pyro.json.JsonValue.JsonObject;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
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
    static void document(Response response, Callback callback, String json) {
        send(response, callback, HttpStatus.OK_200, json);
    }

    /** Answers with the failure's status and a JSON-RPC error that belongs to no request. */
    static void failure(Response response, Callback callback, HttpFailure failure) {
        String header = failure.header();
        String value = failure.headerValue();
        if (header != null && value != null) {
            response.getHeaders().put(header, value);
        }
        send(response, callback, failure.status(), error(failure.code(), failure.getMessage()));
    }

    /** Answers with a status and a JSON-RPC error that belongs to no request. */
    static void error(Response response, Callback callback, int status, int code, String message) {
        send(response, callback, status, error(code, message));
    }

    private static String error(int code, String message) {
        return Json.write(JsonObject.builder()
                .put("jsonrpc", "2.0")
                .put("id", new JsonNull())
                .put(
                        "error",
                        JsonObject.builder()
                                .put("code", code)
                                .put("message", message)
                                .build())
                .build());
    }

    private static void send(Response response, Callback callback, int status, String json) {
        byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
        response.setStatus(status);
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, JSON);
        response.getHeaders().put(HttpHeader.CONTENT_LENGTH, bytes.length);
        response.write(true, ByteBuffer.wrap(bytes), callback);
    }
}
