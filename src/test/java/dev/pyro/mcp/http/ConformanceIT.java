package dev.pyro.mcp.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pyro.LocalPyro;
import dev.pyro.clients.ClientTools;
import dev.pyro.mcp.ToolProfile;
import dev.pyro.mcp.Toolbox;
import dev.pyro.mcp.server.RequestRules;
import dev.pyro.mcp.server.ToolServer;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The official conformance suite against the HTTP server: all that the revision 2025-11-25 requires. The suite shows no token, so this
 * one server asks for none.
 */
class ConformanceIT {
    private static final String REVISION = "2025-11-25";
    private static final int CHECKS = 78;
    private static final long BOUND_MINUTES = 5;

    @TempDir
    Path folder;

    @Test
    void passesAllThatTheRevisionRequires() throws IOException, InterruptedException {
        Toolbox toolbox = new Toolbox(
                LocalPyro.open(Map.of(
                        "PYRO_CACHE_DIR",
                        folder.resolve("cache").toString(),
                        "PYRO_STATE_DIR",
                        folder.resolve("state").toString())),
                ToolProfile.WORKSPACE_FULL);
        HttpSettings settings =
                new HttpSettings(InetAddress.getLoopbackAddress(), 0, List.of(), BearerToken.generate());
        RequestRules rules = new RequestRules(toolbox);
        try (HttpServer server = new HttpServer(
                settings,
                Duration.ofSeconds(5),
                _ -> true,
                new MessageRules(
                        ConformanceFixture.MAPPER,
                        request -> ConformanceFixture.answers(request) ? Optional.empty() : rules.answer(request),
                        // Its tools ask the client for what it says that it can do.
                        UnaryOperator.identity()),
                (specification, calls) -> {
                    new ToolServer(toolbox, calls, "test").configure(specification);
                    ConformanceFixture.addTo(specification);
                })) {
            server.start();
            List<String> command = new ArrayList<>(ClientTools.conformance());
            command.addAll(List.of(
                    "server",
                    "--url",
                    server.url(),
                    "--requirements",
                    REVISION,
                    "-o",
                    folder.resolve("results").toString()));
            Path output = folder.resolve("output");
            Process suite = new ProcessBuilder(command)
                    .directory(folder.toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(output.toFile())
                    .start();
            boolean ended = suite.waitFor(BOUND_MINUTES, TimeUnit.MINUTES);
            suite.destroyForcibly();
            String report = Files.readString(output) + failures(folder.resolve("results"));
            assertThat(ended).as(report).isTrue();
            assertThat(suite.exitValue()).as(report).isZero();
            assertThat(report)
                    .contains("Total: " + CHECKS + " passed, 0 failed")
                    .doesNotContain("✗");
        }
    }

    /** The suite prints how many checks failed; which ones stands in its files. */
    private static String failures(Path results) throws IOException {
        StringBuilder failures = new StringBuilder();
        try (Stream<Path> files = Files.walk(results)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                String checks = Files.readString(file);
                if (checks.contains("\"FAILURE\"")) {
                    failures.append(file).append('\n').append(checks).append('\n');
                }
            }
        }
        return failures.toString();
    }
}
