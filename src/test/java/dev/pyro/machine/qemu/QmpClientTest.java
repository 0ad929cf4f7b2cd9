package dev.pyro.machine.qemu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pyro.json.JsonValue.JsonLong;
import dev.pyro.json.JsonValue.JsonObject;
import dev.pyro.machine.qemu.QmpClient.Command;
import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
class QmpClientTest {
    private static final String GREETING = "{\"QMP\": {\"version\": {}, \"capabilities\": []}}\r\n";
    private static final Duration BOUND = Duration.ofSeconds(10);
    private static final Duration SHORT = Duration.ofMillis(200);

    @TempDir
    Path folder;

    /** What the other side does with its connection. */
    private interface Script {
        void play(BufferedReader input, Peer output) throws IOException;
    }

    private record Peer(SocketChannel channel, List<String> heard) {
        void say(String text) throws IOException {
            ByteBuffer bytes = StandardCharsets.UTF_8.encode(text);
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
        }
    }

    @Test
    void answersComeInTheOrderOfTheCommandsAndEventsAreSkipped() throws IOException {
        List<String> heard = new CopyOnWriteArrayList<>();
        try (QmpClient client = connect(BOUND, heard, (input, peer) -> {
            peer.say(GREETING);
            heard.add(input.readLine());
            heard.add(input.readLine());
            peer.say("{\"event\": \"RESUME\"}\n{\"return\": {}}\n");
            peer.say("{\"event\": \"MIGRATION\", \"data\": {\"status\": \"completed\"}}\n{\"return\": 7}\n");
            heard.add(input.readLine());
        })) {
            assertThat(client.execute(List.of(
                            Command.of("qmp_capabilities"),
                            new Command(
                                    "migrate",
                                    JsonObject.builder().put("uri", "fd:0").build()))))
                    .containsExactly(JsonObject.builder().build(), new JsonLong(7));
            assertThat(client.awaitStatus("MIGRATION", Set.of("completed", "failed"), BOUND))
                    .isEqualTo("completed");
        }
        assertThat(new ArrayList<>(heard).subList(0, 2))
                .containsExactly(
                        "{\"arguments\":{},\"execute\":\"qmp_capabilities\"}",
                        "{\"arguments\":{\"uri\":\"fd:0\"},\"execute\":\"migrate\"}");
    }

    /** Anything else would pass for a machine that does not start, whose template is built anew. */
    @Test
    void anInterruptionIsNoFailureOfQemu() throws IOException {
        try (QmpClient client = connect(BOUND, (input, peer) -> {
            peer.say(GREETING);
            input.readLine();
            // Until the client hangs up.
            input.readLine();
        })) {
            Thread.currentThread().interrupt();
            assertThatThrownBy(() -> client.execute("cont"))
                    .isInstanceOfSatisfying(
                            PyroException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INTERRUPTED));
            assertThat(Thread.interrupted()).isTrue();
        }
    }

    @Test
    void refusalCarriesQemusReasonWithoutControlCharacters() throws IOException {
        try (QmpClient client = connect(BOUND, (input, peer) -> {
            peer.say(GREETING);
            input.readLine();
            peer.say("{\"error\": {\"class\": \"GenericError\", \"desc\": \"no \\u001b[1mroom\"}}\n");
            input.readLine();
        })) {
            assertFails(() -> client.execute("cont"), "it refused cont: no room");
        }
    }

    @Test
    void garbageIsAnError() {
        assertFails(() -> connect(BOUND, (input, peer) -> peer.say("\u0000\u0001garbage\n")), "not JSON");
        assertFails(() -> connect(BOUND, (input, peer) -> peer.say("[1, 2]\n")), "not JSON");
        assertFails(() -> connect(BOUND, (input, peer) -> peer.say("{\"hello\": 1}\n")), "no greeting");
        assertFails(() -> connect(BOUND, (input, peer) -> peer.say("{\"QMP\":".repeat(1000) + "\n")), "not JSON");
    }

    @Test
    void endlessLineIsAnError() {
        assertFails(
                () -> connect(BOUND, (input, peer) -> {
                    while (true) {
                        peer.say("x".repeat(4096));
                    }
                }),
                "a line without an end");
    }

    @Test
    void endlessEventsAreAnError() throws IOException {
        try (QmpClient client = connect(BOUND, (input, peer) -> {
            peer.say(GREETING);
            while (true) {
                peer.say("{\"event\": \"STOP\"}\n".repeat(100));
            }
        })) {
            assertFails(() -> client.execute("cont"), "too many events");
        }
    }

    @Test
    void silenceIsBounded() throws IOException {
        assertFails(() -> connect(SHORT, (input, peer) -> input.readLine()), "did not answer in time");
        try (QmpClient client = connect(SHORT, (input, peer) -> {
            peer.say(GREETING);
            input.readLine();
            peer.say("{\"return\"");
            input.readLine();
        })) {
            assertFails(() -> client.execute("cont"), "did not answer in time");
        }
    }

    @Test
    void endOfTheConnectionIsAnError() {
        assertFails(() -> connect(BOUND, (input, peer) -> {}), "closed the connection");
        assertFails(() -> connect(BOUND, (input, peer) -> peer.say("{\"QMP\"")), "closed the connection");
    }

    private static void assertFails(ThrowingCallable call, String message) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        PyroException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.MACHINE_START_FAILED))
                .hasMessageContaining(message);
    }

    private QmpClient connect(Duration bound, Script script) throws IOException {
        return connect(bound, new CopyOnWriteArrayList<>(), script);
    }

    private QmpClient connect(Duration bound, List<String> heard, Script script) throws IOException {
        Path socket = folder.resolve("qmp" + System.nanoTime());
        ServerSocketChannel server = UnixSockets.listen(socket);
        Thread.ofVirtual().start(() -> {
            try (server;
                    SocketChannel channel = server.accept();
                    BufferedReader input = new BufferedReader(Channels.newReader(channel, StandardCharsets.UTF_8))) {
                script.play(input, new Peer(channel, heard));
            } catch (IOException e) {
                // The client has had enough.
                return;
            }
        });
        return QmpClient.open(UnixSockets.connect(socket), bound);
    }
}
