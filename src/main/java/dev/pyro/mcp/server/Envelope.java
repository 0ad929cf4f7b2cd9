package dev.pyro.mcp.server;

import dev.pyro.json.Json;
import dev.pyro.json.JsonFormatException;
import dev.pyro.json.JsonValue;
import dev.pyro.json.JsonValue.JsonString;
import io.modelcontextprotocol.spec.McpSchema;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * What a message says on its outside. Of one that exceeds a bound nothing else is read: without its id the refusal would reach nobody, and
 * its client would wait for ever.
 *
 * @param id a {@link String} or a {@link Long}, or null when there is none or it cannot be found
 * @param method null when there is none or it cannot be found
 */
record Envelope(@Nullable Object id, @Nullable String method) {
    private static final Envelope NONE = new Envelope(null, null);

    /** Reads that of a text. */
    static Envelope of(String text) {
        Scan scan = new Scan();
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        scan.add(bytes, 0, bytes.length);
        return scan.finish();
    }

    /** Returns the refusal of the message. */
    RpcMessage.Broken refusal(String reason) {
        return id == null || method == null
                ? new RpcMessage.Broken(null, RpcError.parse(reason))
                : new RpcMessage.Broken(
                        id, RpcError.invalidRequest(reason), method.equals(McpSchema.METHOD_TOOLS_CALL));
    }

    /** Finds the envelope in bytes that come in pieces, of any length and depth, in little memory. For one thread. */
    static final class Scan {
        /** Of a name or a value that is looked at. */
        private static final int MAX_PIECE_BYTES = 1024;

        private final ByteArrayOutputStream piece = new ByteArrayOutputStream();
        private boolean pieceTooLong;
        private long depth;
        private boolean begun;
        private boolean broken;
        private boolean inText;
        private boolean escaped;
        private @Nullable JsonValue name;
        private @Nullable JsonValue id;
        private @Nullable JsonValue method;

        /** Takes the next bytes. */
        void add(byte[] bytes, int start, int length) {
            for (int i = start; i < start + length && !broken; i++) {
                if (inText) {
                    addText(bytes[i]);
                } else {
                    add(bytes[i]);
                }
            }
        }

        /** Returns what was found; nothing when the bytes were no object, or not a whole one. */
        Envelope finish() {
            if (broken || !begun || depth > 0) {
                return NONE;
            }
            return new Envelope(RpcMessage.usable(id), method instanceof JsonString(String text) ? text : null);
        }

        private void addText(byte next) {
            keep(next);
            if (escaped) {
                escaped = false;
            } else if (next == '\\') {
                escaped = true;
            } else if (next == '"') {
                inText = false;
            }
        }

        private void add(byte next) {
            switch (next) {
                case ' ', '\t', '\r', '\n' -> {}
                case '{', '[' -> {
                    broken = depth == 0 && (begun || next == '[');
                    begun = true;
                    keep(next);
                    depth++;
                }
                case '}', ']' -> close(next);
                default -> {
                    if (depth == 0) {
                        broken = true;
                    } else if (depth == 1 && next == ',') {
                        member();
                    } else if (depth == 1 && next == ':') {
                        name = take();
                    } else {
                        inText = next == '"';
                        keep(next);
                    }
                }
            }
        }

        private void close(byte next) {
            if (depth == 1) {
                member();
            }
            depth--;
            broken = depth < 0;
            keep(next);
        }

        /** The last of several of one name counts, as it does where messages are read. */
        private void member() {
            JsonValue value = take();
            if (new JsonString("id").equals(name)) {
                id = value;
            } else if (new JsonString("method").equals(name)) {
                method = value;
            }
            name = null;
        }

        private void keep(byte next) {
            if (depth != 1) {
                return;
            }
            if (piece.size() < MAX_PIECE_BYTES) {
                piece.write(next);
            } else {
                pieceTooLong = true;
            }
        }

        private @Nullable JsonValue take() {
            String text = piece.toString(StandardCharsets.UTF_8);
            boolean whole = !pieceTooLong;
            piece.reset();
            pieceTooLong = false;
            try {
                return whole ? Json.parseBounded(text) : null;
            } catch (JsonFormatException e) {
                return null;
            }
        }
    }
}
