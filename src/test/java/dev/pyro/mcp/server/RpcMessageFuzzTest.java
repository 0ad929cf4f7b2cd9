package dev.pyro.mcp.server;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.pyro.json.Json;
import dev.pyro.json.JsonValue.JsonObject;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Whatever a client sends, each line is a message, an error, or nothing, and the answer to it is one line of JSON.
 *
 * <p>In a normal test run this repeats the inputs beside this class. To search for new ones:
 * {@code JAZZER_FUZZ=1 mvn test -Dtest=RpcMessageFuzzTest -DargLine=-Djazzer.max_duration=60s}
 */
class RpcMessageFuzzTest {
    private static final int MAX_LINE_BYTES = 4096;

    @FuzzTest(maxDuration = "10m")
    void answersAnyLine(byte[] data) throws IOException {
        LineReader reader = new LineReader(new ByteArrayInputStream(data), MAX_LINE_BYTES);
        int left = data.length;
        LineReader.Line line = reader.next();
        while (line != null) {
            if (left-- < 0) {
                throw new IllegalStateException("more lines than bytes");
            }
            if (line instanceof LineReader.Line.Text(String text)) {
                check(text);
            }
            line = reader.next();
        }
    }

    private static void check(String text) {
        switch (RpcMessage.parse(text)) {
            case RpcMessage.Broken(Object id, RpcError error) -> answer(id, error);
            case RpcMessage.Request(Object id, String method, JsonObject params) -> {
                answer(id, RpcError.invalidRequest(method));
                Json.write(RequestRules.initializeParams(params));
            }
            case RpcMessage.Notification _, RpcMessage.Response _ -> {
                // They are not answered.
            }
        }
    }

    private static void answer(@Nullable Object id, RpcError error) {
        String line = Json.write(error.response(id));
        if (line.indexOf('\n') >= 0) {
            throw new IllegalStateException("an answer of two lines: " + line);
        }
        if (!(Json.parse(line) instanceof JsonObject answer)
                || !RpcError.json(id).equals(answer.members().get("id"))) {
            throw new IllegalStateException("an answer to another request: " + line);
        }
    }
}
