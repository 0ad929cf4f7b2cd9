package dev.pyro.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.pyro.cli.PyroInProcess;
import dev.pyro.e2e.PyroLauncher.Outcome;
import dev.pyro.e2e.PyroLauncher.Running;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code pyro mcp serve --transport http} as a process: what it says, what it refuses, and how it ends. */
class McpHttpIT {
    private static final Duration BOUND = Duration.ofMinutes(1);
    private static final Pattern URL = Pattern.compile("\\[mcp-serve] transport=http url=(http://[^\n]+/mcp)\n");
    private static final Pattern TOKEN = Pattern.compile("\\[mcp-serve] token=([A-Za-z0-9_-]{43})\n");

    @TempDir
    Path folder;

    private PyroLauncher pyro;

    /** The first start of a build makes the launcher's program, which may take longer than a server. */
    @BeforeAll
    static void build(@TempDir Path folder) {
        new PyroLauncher(folder).ok("--version");
    }

    @BeforeEach
    void openFolder() throws IOException {
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        pyro = new PyroLauncher(folder.resolve("state"));
    }

    @ParameterizedTest
    @CsvSource({"TERM, 143", "INT, 130"})
    void servesUntilASignalAndShowsANewTokenOnce(String signal, int code) throws Exception {
        Running server = pyro.start("mcp", "serve", "--transport", "http", "--port", "0");
        String url = find(URL, server);
        String token = find(TOKEN, server);
        assertThat(status(url, "Bearer " + token))
                .as("passes, and lacks what a message needs")
                .isEqualTo(406);
        assertThat(status(url, "Bearer other")).isEqualTo(401);
        assertThat(status(url.replace("/mcp", "/health"), "")).isEqualTo(200);
        server.signal(signal);
        Outcome outcome = server.await(BOUND);
        assertThat(outcome.exitCode()).isEqualTo(code);
        assertThat(outcome.stdout()).isEmpty();
        assertThat(outcome.stderr()).containsOnlyOnce(token).doesNotContain("Exception");
        pyro.awaitNothingLeft();
    }

    @Test
    void takesATokenFromAFileBeforeTheVariableAndShowsNone() throws Exception {
        Path file = folder.resolve("token");
        Files.writeString(file, "from-a-file\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        Running server = pyro.with("PYRO_MCP_TOKEN", "from-the-variable")
                .start(
                        "mcp",
                        "serve",
                        "--transport",
                        "http",
                        "--port",
                        "0",
                        "--host",
                        "0.0.0.0",
                        "--token-file",
                        file.toString());
        String url = find(URL, server).replace("0.0.0.0", "127.0.0.1");
        assertThat(status(url, "Bearer from-a-file")).isEqualTo(406);
        assertThat(status(url, "Bearer from-the-variable")).isEqualTo(401);
        server.signal("TERM");
        assertThat(server.await(BOUND).stderr()).doesNotContain("token=", "from-a-file", "from-the-variable");
    }

    @Test
    void doesNotListenForOtherHostsWithoutATokenOfTheUsers() {
        Outcome outcome = pyro.run("mcp", "serve", "--transport", "http", "--port", "0", "--host", "0.0.0.0");
        assertThat(outcome.exitCode()).isEqualTo(1);
        assertThat(outcome.stderr().lines().toList())
                .singleElement()
                .asString()
                .startsWith("[error] 0.0.0.0 can be reached from other hosts")
                .contains("--token-file", "PYRO_MCP_TOKEN");
    }

    @Test
    void namesAPortThatIsTaken() throws IOException {
        try (ServerSocket taken = new ServerSocket(0)) {
            Outcome outcome = pyro.run("mcp", "serve", "--transport", "http", "--port", "" + taken.getLocalPort());
            assertThat(outcome.exitCode()).isEqualTo(1);
            assertThat(outcome.stderr().lines().toList())
                    .singleElement()
                    .asString()
                    .startsWith("[error] cannot listen on 127.0.0.1:" + taken.getLocalPort());
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--host 127.0.0.1",
                "--port 0",
                "--token-file x",
                "--allowed-host x --transport stdio",
                "--transport sse",
                "--transport http --port x"
            })
    void optionsThatMakeNoSenseAreUsageErrors(String options) {
        Outcome outcome = new PyroInProcess(pyro.state()).run(("mcp serve " + options).split(" "));
        assertThat(outcome.exitCode()).isEqualTo(2);
        assertThat(outcome.stdout()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--port 65536",
                "--port -1",
                "--host no.such.host.invalid",
                "--allowed-host http://x",
                "--token-file /does/not/exist"
            })
    void valuesThatMakeNoSenseAreErrors(String options) {
        Outcome outcome = new PyroInProcess(pyro.state()).run(("mcp serve --transport http " + options).split(" "));
        assertThat(outcome.exitCode()).isEqualTo(1);
        assertThat(outcome.stderr().lines().toList()).singleElement().asString().startsWith("[error] ");
    }

    @Test
    void nothingOfTheHttpServerIsLoadedForStdio() throws IOException {
        Path classes = folder.resolve("classes");
        Outcome outcome = pyro.with("PYRO_JAVA_OPTS", "-Xlog:class+load:file=" + classes)
                .run("mcp", "serve", "--transport", "stdio");
        assertThat(outcome.exitCode()).isZero();
        assertThat(Files.readAllLines(classes))
                .anyMatch(line -> line.contains("dev.pyro.mcp.server.StdioServer "))
                .noneMatch(line -> line.contains("org.eclipse.jetty") || line.contains("dev.pyro.mcp.http"));
    }

    private static String find(Pattern pattern, Running server) {
        await().atMost(BOUND)
                .until(() -> !server.process().isAlive()
                        || pattern.matcher(server.err().toString(StandardCharsets.UTF_8))
                                .find());
        Matcher found = pattern.matcher(server.err().toString(StandardCharsets.UTF_8));
        assertThat(found.find())
                .as(server.err().toString(StandardCharsets.UTF_8))
                .isTrue();
        return found.group(1);
    }

    private static int status(String url, String authorization) throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(url));
        if (!authorization.isEmpty()) {
            request.header("Authorization", authorization);
        }
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(request.build(), BodyHandlers.ofString()).statusCode();
        }
    }
}
