package dev.pyro.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import dev.pyro.e2e.PyroLauncher.Outcome;
import dev.pyro.e2e.PyroLauncher.Running;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code pyro run} and what is around its machine: networks, other environments, other runs, and a sudden end. */
class RunSurroundingsIT {
    private static final Duration PHASE_BOUND = Duration.ofMinutes(2);
    private static final String SECRET = "only-for-the-host-itself";

    @TempDir
    Path folder;

    private PyroLauncher pyro;

    @BeforeEach
    void openFolder() throws IOException {
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        pyro = new PyroLauncher(folder.resolve("state"));
    }

    @AfterEach
    void nothingIsLeft() {
        pyro.awaitNothingLeft();
    }

    @Test
    void aNetworkLeadsOutButNotToTheHostsLoopback() throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            byte[] body = SECRET.getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, body.length);
            try (var stream = exchange.getResponseBody()) {
                stream.write(body);
            }
        });
        server.start();
        try {
            int port = server.getAddress().getPort();
            Outcome outcome = pyro.run(
                    "run",
                    "--network",
                    "debian:12",
                    "--",
                    "sh",
                    "-c",
                    "ls /sys/class/net; cat /etc/resolv.conf; gateway=$(ip -4 route show default | cut -d ' ' -f 3);"
                            + " echo \"gateway=$gateway\"; for host in $gateway 127.0.0.1; do"
                            + " curl --silent --max-time 5 http://$host:" + port + "/; echo \"curl=$?\"; done");
            assertThat(outcome.exitCode()).as(outcome.stderr()).isZero();
            assertThat(outcome.stdout().lines().toList())
                    .contains("eth0", "lo")
                    .anyMatch(line -> line.matches("nameserver [0-9a-f.:]+"))
                    .anyMatch(line -> line.matches("gateway=[0-9.]+"));
            assertThat(outcome.stdout().lines().filter(line -> line.matches("curl=[1-9]\\d*")))
                    .hasSize(2);
            assertThat(outcome.stdout()).doesNotContain(SECRET);
        } finally {
            server.stop(0);
        }
    }

    @Test
    void twoEnvironmentsHaveTemplatesSideBySide() {
        String script = "command -v git >/dev/null && echo git || echo bare";
        for (int round = 0; round < 2; round++) {
            assertThat(pyro.run("run", "debian:12-base", "--", "sh", "-c", script)
                            .stdout())
                    .isEqualTo("bare\n");
            assertThat(pyro.run("run", "debian:12", "--", "sh", "-c", script).stdout())
                    .isEqualTo("git\n");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"cold", "template"})
    void aRunThatIsKilledWhileItsGuestStartsLeavesNothing(String start) throws IOException, InterruptedException {
        // What is built once for all is there already; the cache is its own, for others make templates in the shared
        // one.
        pyro.ok("env", "pull", "debian:12");
        pyro.with("PYRO_CACHE_DIR", PyroLauncher.ownCache("surroundings").toString())
                .with("PYRO_START", start);
        // A size that nobody has used yet: the start makes its template.
        int memMib = 600 + (int) (System.nanoTime() % 300);
        String[] arguments = {"run", "--mem-mib", Integer.toString(memMib), "debian:12", "--", "echo", "up"};
        Running running = pyro.start(arguments);
        await().atMost(PHASE_BOUND)
                .until(() ->
                        !pyro.machineProcesses().isEmpty() || !running.process().isAlive());
        assertThat(running.process().isAlive())
                .as(() -> running.err().toString(StandardCharsets.UTF_8))
                .isTrue();
        running.signal("KILL");
        running.await();
        Outcome next = pyro.run(arguments);
        assertThat(next.stdout()).as(next.stderr()).isEqualTo("up\n");
        pyro.awaitNothingLeft();
    }

    @Test
    void withOneSlotTwoRunsSucceedOneAfterTheOther() {
        pyro.with("PYRO_MAX_ACTIVE_VMS", "1");
        List<Running> both = List.of(
                pyro.start("run", "debian:12", "--", "sh", "-c", "date +%s%N; sleep 1; date +%s%N"),
                pyro.start("run", "debian:12", "--", "sh", "-c", "date +%s%N; sleep 1; date +%s%N"));
        List<List<Long>> times = both.stream()
                .map(Running::await)
                .peek(outcome ->
                        assertThat(outcome.exitCode()).as(outcome.stderr()).isZero())
                .map(outcome -> outcome.stdout().lines().map(Long::valueOf).toList())
                .toList();
        assertThat(times).allSatisfy(time -> assertThat(time).hasSize(2));
        boolean firstThenSecond = times.get(0).get(1) < times.get(1).get(0);
        boolean secondThenFirst = times.get(1).get(1) < times.get(0).get(0);
        assertThat(firstThenSecond || secondThenFirst).as(times::toString).isTrue();
    }
}
