package dev.pyro.mcp.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.pyro.LocalPyro;
import dev.pyro.e2e.PyroLauncher;
import dev.pyro.mcp.ToolProfile;
import dev.pyro.mcp.Toolbox;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Calls over HTTP while they run, in machines of namespaces, which start fastest: progress, company, cancellation, clients that leave. */
class HttpCallsIT {
    private static final String TOKEN = "test-token";
    private static final Duration SOON = Duration.ofSeconds(20);

    private static final Duration TICK = Duration.ofMillis(500);

    /** A client that left is noticed when the second thing is written to it. */
    private static final Duration NOTICED = Duration.ofSeconds(30);

    private static final String QUICK = run("echo done");
    private static final String ENDLESS = run("echo started; sleep 600");

    @TempDir
    Path folder;

    private PyroLauncher pyro;
    private HttpServer server;
    private HttpMcpClient client;

    @BeforeEach
    void start() throws IOException {
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        pyro = new PyroLauncher(folder.resolve("state")).with("PYRO_BACKEND", "namespace");
        Map<String, String> environment = new HashMap<>(System.getenv());
        environment.putAll(pyro.environment());
        server = new HttpServer(
                new Toolbox(LocalPyro.open(environment), ToolProfile.WORKSPACE_FULL),
                "test",
                new HttpSettings(InetAddress.getLoopbackAddress(), 0, List.of(), BearerToken.of("the test", TOKEN)),
                TICK);
        server.start();
        client = new HttpMcpClient(server.url(), TOKEN).initialize();
    }

    @AfterEach
    void stop() {
        client.close();
        server.close();
        pyro.awaitNothingLeft();
    }

    @Test
    void progressComesOnTheStreamOfItsCall() {
        List<String> messages = HttpMcpClient.messages(client.call(1, "vm_run", run("echo one; sleep 1; echo two"))
                        .join()
                        .body())
                .map(message -> message.object().toString())
                .toList();
        assertThat(messages).hasSizeGreaterThan(3).last().asString().contains("\"exit_code\"", "two");
        assertThat(messages.subList(0, messages.size() - 1))
                .allSatisfy(message -> assertThat(message).contains("notifications/progress", "p1"))
                .anySatisfy(message -> assertThat(message).contains("one"));
    }

    @Test
    void aSlowCallHoldsUpNobody() throws IOException, InterruptedException {
        try (InputStream slow = openRunning(client, 1);
                HttpMcpClient other = new HttpMcpClient(server.url(), TOKEN).initialize()) {
            List<CompletableFuture<HttpResponse<String>>> quick = Stream.of(client, other, client)
                    .map(of -> of.call(of == client ? quickId() : 1, "vm_run", QUICK))
                    .toList();
            quick.forEach(call -> assertThat(
                            call.orTimeout(60, TimeUnit.SECONDS).join().body())
                    .contains("done"));
            assertThat(slow.available()).isNotNegative();
            client.cancel(1);
        }
    }

    private int quickIds = 100;

    private int quickId() {
        quickIds++;
        return quickIds;
    }

    @Test
    void aCancelledCallEndsWithoutAnAnswer() throws IOException, InterruptedException {
        try (InputStream call = openRunning(client, 7)) {
            assertThat(client.cancel(7).statusCode()).isEqualTo(202);
            String rest = new String(call.readAllBytes(), StandardCharsets.UTF_8);
            assertThat(HttpMcpClient.messages(rest))
                    .noneMatch(message -> message.find("result").isPresent());
        }
        awaitNoMachine(SOON);
        assertThat(client.cancel(7).statusCode()).as("a call that is over").isEqualTo(202);
        assertThat(client.call(7, "vm_run", QUICK).join().body())
                .as("its id may be used again")
                .contains("done");
    }

    @Test
    void aSecondRequestOfTheSameIdDoesNotDisturbTheCall() throws IOException, InterruptedException {
        try (InputStream call = openRunning(client, 7)) {
            String second = client.call(7, "vm_run", QUICK).join().body();
            assertThat(second).contains("under way already");
            assertThat(machines()).isNotEmpty();
            client.cancel(7);
            assertThat(call.readAllBytes()).isNotNull();
        }
        awaitNoMachine(SOON);
    }

    @Test
    void anotherSessionsCallIsNotCancelled() throws IOException, InterruptedException {
        try (HttpMcpClient other = new HttpMcpClient(server.url(), TOKEN).initialize();
                InputStream call = openRunning(client, 7)) {
            other.cancel(7);
            assertThat(other.call(7, "vm_run", QUICK).join().body()).contains("done");
            assertThat(machines()).isNotEmpty();
            client.cancel(7);
            assertThat(call.readAllBytes()).isNotNull();
        }
    }

    @Test
    void aDeletedSessionsCallsEnd() throws IOException, InterruptedException {
        try (InputStream call = openRunning(client, 1)) {
            assertThat(client.delete().statusCode()).isEqualTo(200);
            assertThat(new String(call.readAllBytes(), StandardCharsets.UTF_8)).doesNotContain("exit_code");
        }
        awaitNoMachine(SOON);
    }

    @Test
    void aClientThatLeavesLeavesNoMachine() throws IOException, InterruptedException {
        openRunning(client, 1).close();
        client.close();
        awaitNoMachine(NOTICED);
        try (HttpMcpClient next = new HttpMcpClient(server.url(), TOKEN).initialize()) {
            assertThat(next.call(1, "vm_run", QUICK).join().body()).contains("done");
        }
    }

    @Test
    void twoClientsWorkInOneWorkspaceAndOneThatLeavesDoesNotDisturbIt() throws IOException, InterruptedException {
        String created = client.call(
                        1, "workspace_create", "{\"environment\":\"debian:12\",\"allow_host_compat\":true}")
                .join()
                .body();
        Matcher id = Pattern.compile("\"workspace_id\":\"(ws-[0-9a-f]+)\"").matcher(created);
        assertThat(id.find()).as(created).isTrue();
        String workspace = "{\"workspace_id\":\"" + id.group(1) + "\"";
        try (HttpMcpClient other = new HttpMcpClient(server.url(), TOKEN).initialize()) {
            List<CompletableFuture<HttpResponse<String>>> both = Stream.of(client, other)
                    .map(of -> of.call(2, "workspace_exec", workspace + ",\"command\":\"echo x >> both; echo done\"}"))
                    .toList();
            both.forEach(call -> assertThat(call.join().body()).contains("done"));
            openRunning(client, 3, "workspace_exec", workspace + ",\"command\":\"echo started; sleep 600\"}")
                    .close();
            client.close();
            HttpResponse<String> after = other.call(
                            4, "workspace_exec", workspace + ",\"command\":\"cat both | wc -l\"}")
                    .join();
            assertThat(after.body()).contains("\"stdout\":\"2\\n\"");
            await().atMost(NOTICED)
                    .untilAsserted(() -> assertThat(other.call(
                                            5,
                                            "workspace_exec",
                                            workspace + ",\"command\":\"pgrep -x sleep || echo none\"}")
                                    .join()
                                    .body())
                            .contains("none"));
            assertThat(other.call(6, "workspace_delete", workspace + "}").join().body())
                    .contains("\"deleted\":true");
        }
    }

    @Test
    void aStoppedServerEndsItsCalls() throws IOException, InterruptedException {
        try (InputStream call = openRunning(client, 1)) {
            long start = System.nanoTime();
            server.close();
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(12));
            assertThat(call.readAllBytes()).isNotNull();
        }
        assertThat(machines()).isEmpty();
    }

    /** Starts a command that does not end, and returns when it runs. */
    private static InputStream openRunning(HttpMcpClient client, int id) throws IOException, InterruptedException {
        return openRunning(client, id, "vm_run", ENDLESS);
    }

    private static InputStream openRunning(HttpMcpClient client, int id, String tool, String arguments)
            throws IOException, InterruptedException {
        InputStream stream = client.openCall(id, tool, arguments);
        StringBuilder seen = new StringBuilder();
        while (seen.indexOf("started") < 0) {
            int next = stream.read();
            assertThat(next).as(seen.toString()).isNotNegative();
            seen.append((char) next);
        }
        return stream;
    }

    private void awaitNoMachine(Duration bound) {
        await().atMost(bound).untilAsserted(() -> assertThat(machines()).isEmpty());
    }

    private List<Path> machines() throws IOException {
        try (Stream<Path> machines = Files.list(pyro.state().resolve("vms"))) {
            return machines.toList();
        }
    }

    private static String run(String command) {
        return "{\"environment\":\"debian:12\",\"command\":\"" + command + "\",\"allow_host_compat\":true}";
    }
}
