package dev.pyro.mcp.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.pyro.json.Json;
import dev.pyro.json.JsonReader;
import dev.pyro.json.JsonValue.JsonNull;
import dev.pyro.model.PyroException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class StdioServerTest {
    @TempDir
    Path folder;

    private StdioFixture server;

    @BeforeEach
    void open() throws IOException {
        server = new StdioFixture(folder);
    }

    @AfterEach
    void close() throws IOException {
        server.close();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{bad | -32700 | null",
                "\"a\" \"b\" | -32700 | null",
                "nothing of JSON | -32700 | null",
                "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\",\"params\":{\"a\":1e999}} | -32700 | null",
                "[] | -32600 | null",
                "[{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}] | -32600 | null",
                "\"text\" | -32600 | null",
                "null | -32600 | null",
                "{} | -32600 | null",
                "{\"jsonrpc\":\"1.0\",\"id\":1,\"method\":\"ping\"} | -32600 | 1",
                "{\"id\":\"a\",\"method\":\"ping\"} | -32600 | \"a\"",
                "{\"jsonrpc\":\"2.0\",\"id\":2} | -32600 | 2",
                "{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":3} | -32600 | 2",
                "{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"\"} | -32600 | 2",
                "{\"jsonrpc\":\"2.0\",\"id\":null,\"method\":\"ping\"} | -32600 | null",
                "{\"jsonrpc\":\"2.0\",\"id\":{},\"method\":\"ping\"} | -32600 | null",
                "{\"jsonrpc\":\"2.0\",\"id\":1.5,\"method\":\"ping\"} | -32600 | null",
                "{\"jsonrpc\":\"2.0\",\"id\":99999999999999999999,\"method\":\"ping\"} | -32600 | null",
                "{\"jsonrpc\":\"2.0\",\"id\":\"\\ud800\",\"method\":\"ping\"} | -32600 | null",
                "{\"jsonrpc\":\"2.0\",\"id\":3,\"method\":\"ping\",\"params\":[]} | -32600 | 3",
                "{\"jsonrpc\":\"2.0\",\"id\":3,\"method\":\"resources/list\"} | -32601 | 3",
                "{\"jsonrpc\":\"2.0\",\"id\":4,\"method\":\"tools/call\"} | -32602 | 4",
                "{\"jsonrpc\":\"2.0\",\"id\":4,\"method\":\"tools/call\",\"params\":{\"name\":5}} | -32602 | 4",
                "{\"jsonrpc\":\"2.0\",\"id\":4,\"method\":\"tools/call\",\"params\":{\"name\":\"say\",\"arguments\":[]}} | -32602 | 4",
                "{\"jsonrpc\":\"2.0\",\"id\":4,\"method\":\"tools/call\",\"params\":{\"name\":\"say\",\"_meta\":7}} | -32602 | 4",
                "{\"jsonrpc\":\"2.0\",\"id\":4,\"method\":\"tools/call\",\"params\":{\"name\":\"say\",\"_meta\":{\"progressToken\":1.5}}} | -32602 | 4",
                "{\"jsonrpc\":\"2.0\",\"id\":5,\"method\":\"tools/list\",\"params\":{\"cursor\":\"x\"}} | -32602 | 5",
                "{\"jsonrpc\":\"2.0\",\"id\":5,\"method\":\"logging/setLevel\",\"params\":{\"level\":\"loud\"}} | -32602 | 5",
                "{\"jsonrpc\":\"2.0\",\"id\":6,\"method\":\"initialize\",\"params\":{\"protocolVersion\":\"2025-11-25\"}} | -32600 | 6",
            })
    void refusesWhatIsNoRequestAndGoesOn(String line, int code, String id) throws IOException {
        server.initialized();
        server.send(line);
        JsonReader answer = server.next();
        assertThat(answer.object("error").integer("code")).isEqualTo(code);
        assertThat(answer.object("error").string("message")).isNotEmpty();
        assertThat(answer.object().members().get("id")).isEqualTo(id.equals("null") ? new JsonNull() : Json.parse(id));
        server.assertNothingElse();
    }

    @Test
    void skipsWhatIsTooLongTooDeepOrNoUtf8() throws IOException {
        server.initialized();
        server.send("x".repeat(RpcMessage.MAX_BYTES + 1));
        assertThat(server.nextLine()).contains("-32700").contains("longer than");
        server.send(new byte[] {'{', (byte) 0xff, '\n'});
        assertThat(server.nextLine()).contains("-32700").contains("UTF-8");
        server.send("{\"a\":".repeat(100_000), "[".repeat(100_000));
        assertThat(server.nextLine()).contains("-32700");
        assertThat(server.nextLine()).contains("-32700");
        server.send("{\"a\":[" + "[],".repeat(1_000_000) + "[]]}");
        assertThat(server.nextLine()).contains("-32700");
        server.send("", "  ", "\r");
        server.assertNothingElse();
    }

    @Test
    void takesALongLine() throws IOException {
        server.initialized();
        String text = "\\n".repeat(RpcMessage.MAX_BYTES / 2 - 200);
        server.send(
                "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{\"name\":\"say\",\"arguments\":{\"a\":\""
                        + text + "\"}}}");
        assertThat(server.nextLine()).contains("INVALID_ARGUMENT").contains("takes no argument");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"jsonrpc\":\"2.0\",\"id\":7,\"result\":{}}",
                "{\"jsonrpc\":\"2.0\",\"id\":7,\"error\":{\"code\":1,\"message\":\"x\"}}",
                "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"}",
                "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/roots/list_changed\"}",
                "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/unheard-of\",\"params\":{\"a\":1}}",
                "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/cancelled\"}",
                "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/cancelled\",\"params\":{\"requestId\":{}}}",
                "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/cancelled\",\"params\":{\"requestId\":0}}",
            })
    void answersNothingToWhatWantsNoAnswer(String line) throws IOException {
        server.initialized();
        server.send(line);
        server.assertNothingElse();
    }

    @Test
    void wantsInitializeFirstExceptForPings() throws IOException {
        server.send(
                "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\"}",
                "{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"ping\"}",
                "{\"jsonrpc\":\"2.0\",\"id\":3,\"method\":\"initialize\",\"params\":{}}");
        assertThat(server.nextLine()).contains("-32600").contains("send initialize first");
        assertThat(server.next().integer("id")).isEqualTo(2);
        assertThat(server.nextLine()).contains("-32602");
        // Whatever a client says of itself, and an unknown revision: the session begins.
        server.send(
                "{\"jsonrpc\":\"2.0\",\"id\":4,\"method\":\"initialize\",\"params\":{\"protocolVersion\":\"1999-01-01\","
                        + "\"capabilities\":{\"roots\":3,\"sampling\":[]},\"clientInfo\":{\"name\":[]}}}");
        JsonReader result = server.next().object("result");
        assertThat(result.string("protocolVersion")).isEqualTo("2025-11-25");
        assertThat(result.object("serverInfo").string("version")).isEqualTo("test");
        // No notifications/initialized was sent.
        server.send("{\"jsonrpc\":\"2.0\",\"id\":5,\"method\":\"tools/list\"}");
        assertThat(server.next().object("result").array("tools")).hasSize(3);
        server.send(StdioFixture.INITIALIZE);
        assertThat(server.nextLine()).contains("initialized already");
    }

    @Test
    void aToolsFailureIsAResult() throws IOException {
        server.initialized();
        server.call("1", "defect", "");
        assertThat(server.nextLine()).contains("\"isError\":true").contains("INTERNAL");
        server.call("2", "no-such-tool", "");
        assertThat(server.nextLine())
                .contains("\"isError\":true")
                .contains("INVALID_ARGUMENT")
                .doesNotContain("structuredContent");
        server.assertNothingElse();
    }

    @Test
    void aWithdrawnCallIsInterruptedAndNotAnswered() throws IOException {
        server.initialized();
        server.call("1", "wait", "");
        server.call("\"1\"", "wait", "");
        await().atMost(StdioFixture.BOUND).until(() -> server.running.get() == 2);
        server.cancel("1");
        server.cancel("1");
        server.cancel("2");
        await().atMost(StdioFixture.BOUND).until(() -> server.running.get() == 1);
        assertThat(server.interrupted).hasValue(1);
        server.assertNothingElse();
        server.release.countDown();
        assertThat(server.next().string("id")).isEqualTo("1");
        // The id is free again.
        server.call("1", "wait", "");
        assertThat(server.next().integer("id")).isEqualTo(1);
        server.cancel("1");
        server.assertNothingElse();
        assertThat(server.interrupted).hasValue(1);
    }

    @Test
    void refusesAnIdThatIsInUse() throws IOException {
        server.initialized();
        server.call("1", "wait", "");
        server.call("1", "wait", "");
        JsonReader refusal = server.next();
        assertThat(refusal.integer("id")).isEqualTo(1);
        assertThat(refusal.object("error").integer("code")).isEqualTo(-32600);
        server.release.countDown();
        assertThat(server.next().object("result")).isNotNull();
    }

    @Test
    void manyCallsWaitAndFarMoreAreRefused() throws IOException {
        server.initialized();
        for (int i = 1; i <= CallRegistry.MAX_CALLS; i++) {
            server.call(Integer.toString(i), "wait", "");
        }
        await().atMost(StdioFixture.BOUND).until(() -> server.running.get() == CallRegistry.MAX_RUNNING);
        server.call("1000", "wait", "");
        assertThat(server.nextLine())
                .contains("\"isError\":true")
                .contains("TOO_MANY_CALLS")
                .contains("1000");
        // One that waits can be withdrawn as well, and makes room.
        server.cancel(Integer.toString(CallRegistry.MAX_CALLS));
        server.send("{\"jsonrpc\":\"2.0\",\"id\":1001,\"method\":\"tools/list\"}");
        assertThat(server.next().integer("id")).isEqualTo(1001);
        server.assertNothingElse();
        server.release.countDown();
        List<Long> answered = new ArrayList<>();
        for (int i = 1; i < CallRegistry.MAX_CALLS; i++) {
            answered.add((long) server.next().integer("id"));
        }
        assertThat(answered).doesNotHaveDuplicates().doesNotContain((long) CallRegistry.MAX_CALLS);
        assertThat(server.interrupted).hasValue(0);
    }

    @ParameterizedTest
    @ValueSource(strings = {"\"token\"", "0", "4294967296"})
    void tellsProgressBeforeTheAnswer(String token) throws IOException {
        server.initialized();
        server.call("1", "say", token);
        List<String> messages = new ArrayList<>();
        double last = 0;
        JsonReader message = server.next();
        while (!message.object().members().containsKey("result")) {
            assertThat(message.string("method")).isEqualTo("notifications/progress");
            JsonReader params = message.object("params");
            assertThat(params.object().members().get("progressToken")).isEqualTo(Json.parse(token));
            double progress =
                    Double.parseDouble(Json.write(params.find("progress").orElseThrow()));
            assertThat(progress).isGreaterThan(last);
            last = progress;
            messages.add(params.string("message"));
            message = server.next();
        }
        assertThat(messages.getFirst()).isEqualTo("run create thing");
        assertThat(messages.getLast()).endsWith("line 999\n");
        assertThat(messages.size()).isLessThan(100);
        server.assertNothingElse();
        server.call("2", "say", "");
        assertThat(server.next().integer("id")).isEqualTo(2);
        server.assertNothingElse();
    }

    @Test
    void atTheEndOfItsInputItAnswersWhatIsUnderWay() throws Exception {
        server.initialized();
        server.send("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{\"name\":\"say\"}}");
        server.send("{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"ping\"}".getBytes(StandardCharsets.UTF_8));
        server.endInput();
        assertThat(server.awaitEnd()).hasSize(2);
    }

    @Test
    void atTheEndOfItsInputItInterruptsWhatTakesLong() throws Exception {
        server.initialized();
        server.call("1", "wait", "\"t\"");
        await().atMost(StdioFixture.BOUND).until(() -> server.running.get() == 1);
        server.endInput();
        assertThat(server.awaitEnd()).isEmpty();
        assertThat(server.interrupted).hasValue(1);
        assertThat(server.running).hasValue(0);
    }

    @Test
    void endsWhenNobodyReads() throws Exception {
        server.initialized();
        server.call("1", "wait", "");
        await().atMost(StdioFixture.BOUND).until(() -> server.running.get() == 1);
        server.stopReading();
        server.send("{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"ping\"}");
        server.awaitEnd();
        assertThat(server.interrupted).hasValue(1);
        assertThat(server.running).hasValue(0);
    }

    @Test
    void saysThatItHasNoMemoryLeftForTheInput() {
        InputStream input = new InputStream() {
            @Override
            public int read() {
                throw new OutOfMemoryError("Java heap space");
            }

            @Override
            public int read(byte[] target, int offset, int length) {
                return read();
            }
        };
        assertThatThrownBy(() -> new StdioServer(server.toolbox, "test").serve(input, OutputStream.nullOutputStream()))
                .isInstanceOf(PyroException.class)
                .hasMessageContaining("no memory left");
    }

    @Test
    void saysThatItCannotWrite() {
        OutputStream full = new OutputStream() {
            @Override
            public void write(int value) throws IOException {
                throw new IOException("No space left on device");
            }
        };
        InputStream input = new ByteArrayInputStream(
                "{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"ping\"}".getBytes(StandardCharsets.UTF_8));
        assertThatThrownBy(() -> new StdioServer(server.toolbox, "test").serve(input, full))
                .isInstanceOf(PyroException.class)
                .hasMessageContaining("No space left");
    }
}
