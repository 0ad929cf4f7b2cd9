package dev.pyro.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import dev.pyro.e2e.PyroLauncher.Outcome;
import dev.pyro.e2e.PyroLauncher.Running;
import dev.pyro.json.JsonReader;
import dev.pyro.model.ErrorCode;
import dev.pyro.model.OpenShell;
import dev.pyro.model.OutputListener.Stream;
import dev.pyro.model.Progress;
import dev.pyro.model.PublishPort;
import dev.pyro.model.PyroException;
import dev.pyro.model.ReadServiceLogs;
import dev.pyro.model.ReadShell;
import dev.pyro.model.Readiness;
import dev.pyro.model.Secret;
import dev.pyro.model.Service;
import dev.pyro.model.ServiceEnd;
import dev.pyro.model.ServiceLogs;
import dev.pyro.model.ServiceState;
import dev.pyro.model.ShellId;
import dev.pyro.model.ShellOutput;
import dev.pyro.model.Snapshot;
import dev.pyro.model.StartService;
import dev.pyro.model.Workspace;
import dev.pyro.model.WorkspaceId;
import dev.pyro.sdk.Pyro;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The life of services, in namespaces: how they become ready, fail, are read, stopped, and end with their workspace. */
class ServiceIT extends ServiceFixture {
    private static final StartService DEFAULTS = StartService.defaults();
    private static final StartService QUICK = DEFAULTS.withReadyInterval(Duration.ofMillis(20));
    private static final StartService NEVER = QUICK.withReadiness(new Readiness.FileExists("/no/such/file"));

    /** A server that answers with 204 as soon as the file {@code go} exists in its directory. */
    private static String server(int port) {
        return """
                exec python3 -u -c '
                import http.server, os, time
                while not os.path.exists("go"): time.sleep(0.02)
                class Handler(http.server.BaseHTTPRequestHandler):
                    def do_GET(self):
                        self.send_response(204 if self.path == "/health" else 500)
                        self.end_headers()
                http.server.HTTPServer(("127.0.0.1", %d), Handler).serve_forever()'
                """.formatted(port);
    }

    @Test
    void eachProbeSaysWhenAServiceIsReady() {
        Pyro facade = facade("namespace");
        WorkspaceId id = facade.createWorkspace("debian:12", small()).workspaceId();
        sh(facade, id, "mkdir app");
        int port = freePort();
        Map<String, Readiness> probes = Map.of(
                "file", new Readiness.FileExists("app/ready"),
                "tcp", new Readiness.TcpAccepts("127.0.0.1:" + port),
                "http", new Readiness.HttpAnswers("http://localhost:" + port + "/health"),
                "command", new Readiness.CommandSucceeds("test \"$PWD/$HOME\" = /workspace/app//root && test -e go"));
        probes.forEach((name, readiness) -> {
            StartService options = QUICK.withCwd("app").withReadiness(readiness);
            String command = name.equals("file")
                    ? "until [ -e go ]; do sleep 0.02; done; touch ready; sleep 1000"
                    : server(port);
            CompletableFuture<Service> start =
                    CompletableFuture.supplyAsync(() -> facade.startService(id, name, command, options));
            await().atMost(BOUND)
                    .until(() -> !facade.listServices(id).services().isEmpty());
            Service starting = facade.statusService(id, name);
            assertThat(starting.state()).isEqualTo(ServiceState.RUNNING);
            assertThat(starting.readyAt()).isNull();
            assertThat(start).isNotDone();
            assertThat(fails(ErrorCode.SERVICE_NAME_TAKEN, () -> facade.startService(id, name, "true", DEFAULTS)))
                    .contains("\"" + name + "\"", "pyro workspace service stop " + id + " " + name);

            sh(facade, id, "touch app/go");
            Service ready = start.orTimeout(60, TimeUnit.SECONDS).join();
            assertThat(ready.state()).isEqualTo(ServiceState.RUNNING);
            assertThat(ready.readyAt()).isNotNull();
            assertThat(ready.cwd()).isEqualTo("/workspace/app");
            assertThat(ready.probe().type()).isEqualTo(name);
            assertThat(facade.statusService(id, name)).isEqualTo(ready);

            Service stopped = facade.stopService(id, name);
            assertThat(stopped.state()).isEqualTo(ServiceState.STOPPED);
            assertThat(stopped.stopReason()).isEqualTo(ServiceEnd.STOP_REQUESTED);
            assertThat(stopped.exitCode()).isEqualTo(143);
            assertThat(facade.stopService(id, name)).isEqualTo(stopped);
            sh(facade, id, "rm app/*");
            facade.resetWorkspace(id, Snapshot.BASELINE, Progress.Listener.NONE);
            assertThat(facade.listServices(id).services()).isEmpty();
            sh(facade, id, "mkdir app");
        });
    }

    @Test
    void aStartThatFailsSaysWhyAndLeavesNothingRunning() {
        Pyro facade = facade("namespace");
        WorkspaceId id = facade.createWorkspace(
                        "debian:12", small().withSecrets(List.of(Secret.literal("TOKEN", "hunter2-hunter2"))))
                .workspaceId();
        assertThat(fails(
                        ErrorCode.SERVICE_NOT_READY,
                        () -> facade.startService(
                                id,
                                "early",
                                "seq 100; printf 'my \\033[31m%s\\n' \"$T\" >&2; exit 7",
                                NEVER.withSecretEnv(Map.of("TOKEN", "T")))))
                .contains("service \"early\" of workspace " + id, "exit code 7", "\n  100\n", "\n  my ***")
                .doesNotContain("\n  50\n", "\033", "hunter2");
        Service early = facade.statusService(id, "early");
        assertThat(early.state()).isEqualTo(ServiceState.FAILED);
        assertThat(early.stopReason()).isEqualTo(ServiceEnd.EXITED_BEFORE_READY);
        assertThat(early.exitCode()).isEqualTo(7);
        assertThat(facade.logsService(id, "early", ReadServiceLogs.defaults()).stderr())
                .contains("***")
                .doesNotContain("hunter2");

        assertThat(fails(ErrorCode.SERVICE_NOT_READY, () -> facade.startService(id, "quiet", "true", DEFAULTS)))
                .contains("exit code 0", "must stay in the foreground", "it wrote nothing");
        assertThat(fails(
                        ErrorCode.SERVICE_NOT_READY,
                        () -> facade.startService(id, "late", STUBBORN, NEVER.withReadyTimeout(Duration.ofSeconds(3)))))
                .contains("not ready within 3 s (file /no/such/file)", "was stopped", "\n  up");
        assertThat(facade.statusService(id, "late").stopReason()).isEqualTo(ServiceEnd.READY_TIMEOUT);
        requireNoBeat(facade, id);

        assertThat(fails(
                        ErrorCode.FILE_NOT_FOUND,
                        () -> facade.startService(id, "lost", "true", DEFAULTS.withCwd("/no/such"))))
                .contains("\"/no/such\"");
        fails(
                ErrorCode.SECRET_NOT_FOUND,
                () -> facade.startService(id, "x", "true", DEFAULTS.withSecretEnv(Map.of("NONE", "N"))));
        assertThat(fails(
                        ErrorCode.NETWORK_POLICY_FORBIDS,
                        () -> facade.startService(id, "x", "true", publishing(new PublishPort(80, null)))))
                .contains("network policy off", "--network-policy egress+published-ports");
        for (String name : List.of("", ".a", "a/b", "a b", "x".repeat(65))) {
            fails(ErrorCode.INVALID_ARGUMENT, () -> facade.startService(id, name, "true", DEFAULTS));
        }
        assertThat(fails(ErrorCode.SERVICE_NOT_FOUND, () -> facade.stopService(id, "nobody")))
                .contains("no service \"nobody\"", "early, late, quiet");
        assertThat(facade.listServices(id).services())
                .extracting(Service::name)
                .containsExactly("early", "quiet", "late");
        Workspace workspace = facade.statusWorkspace(id);
        assertThat(workspace.serviceCount()).isEqualTo(3);
        assertThat(workspace.runningServiceCount()).isZero();

        // A name of one that has ended is used again, and a command with a secret in it is not shown.
        Service again = facade.startService(id, "early", "sleep 1000 # hunter2-hunter2", DEFAULTS);
        assertThat(again.command()).isEqualTo("sleep 1000 # ***");
        assertThat(logs(facade, id, "early")).isEmpty();
        assertThat(facade.statusWorkspace(id).runningServiceCount()).isOne();
    }

    @Test
    void logsAreReadFollowedAndKeptWhenTheWorkspaceStops() throws Exception {
        Pyro facade = facade("namespace");
        WorkspaceId id = facade.createWorkspace("debian:12", small()).workspaceId();
        facade.startService(
                id, "log", "seq 1000; echo e1 >&2; until [ -e go ]; do sleep 0.02; done; echo last; exit 4", DEFAULTS);
        await().atMost(BOUND).untilAsserted(() -> {
            ServiceLogs tail =
                    facade.logsService(id, "log", ReadServiceLogs.defaults().withTailLines(2));
            assertThat(tail.stdout()).isEqualTo("999\n1000\n");
            assertThat(tail.stderr()).isEqualTo("e1\n");
            assertThat(tail.truncated()).isTrue();
        });
        ServiceLogs all =
                facade.logsService(id, "log", ReadServiceLogs.defaults().withAll());
        assertThat(all.stdout().lines()).hasSize(1000);
        assertThat(all.truncated()).isFalse();

        List<String> followed = new CopyOnWriteArrayList<>();
        CompletableFuture<Service> follower = CompletableFuture.supplyAsync(() ->
                facade.followService(id, "log", ReadServiceLogs.defaults().withTailLines(1), (stream, bytes) -> {
                    String text = StandardCharsets.UTF_8.decode(bytes).toString();
                    followed.add(stream == Stream.STDERR ? text.toUpperCase(Locale.ROOT) : text);
                }));
        Running launcher =
                pyro.start("workspace", "service", "logs", id.value(), "log", "--follow", "--tail-lines", "0");
        await().atMost(BOUND).until(() -> followed.contains("E1\n"));
        sh(facade, id, "touch go");
        assertThat(follower.get(60, TimeUnit.SECONDS).exitCode()).isEqualTo(4);
        assertThat(followed)
                .containsExactlyInAnyOrder("1000\n", "E1\n", "last\n")
                .endsWith("last\n");
        Outcome outcome = launcher.await();
        assertThat(outcome.stdout()).isIn("last\n", "");
        assertThat(outcome.stderr())
                .contains("[workspace-service-logs] workspace_id=" + id + " service_name=log state=exited");

        facade.startService(id, "flood", "yes 0123456789 | head -n 300000; echo end; sleep 1000", DEFAULTS);
        await().atMost(BOUND).until(() -> logs(facade, id, "flood").endsWith("end\n"));
        facade.startService(id, "stubborn", STUBBORN, DEFAULTS);
        facade.stopWorkspace(id);
        assertThat(facade.listServices(id).services())
                .extracting(Service::name, Service::state, Service::stopReason)
                .containsExactly(
                        tuple("log", ServiceState.EXITED, ServiceEnd.EXITED),
                        tuple("flood", ServiceState.STOPPED, ServiceEnd.WORKSPACE_STOPPED),
                        tuple("stubborn", ServiceState.STOPPED, ServiceEnd.WORKSPACE_STOPPED));
        assertThat(facade.statusService(id, "stubborn").exitCode()).isEqualTo(137);
        assertThat(facade.logsService(id, "log", ReadServiceLogs.defaults().withAll())
                        .stdout())
                .isEqualTo(all.stdout() + "last\n");
        ServiceLogs flood =
                facade.logsService(id, "flood", ReadServiceLogs.defaults().withAll());
        assertThat(flood.truncated()).isTrue();
        assertThat(flood.stdout().endsWith("9\nend\n")).isTrue();
        assertThat(flood.stdout().length()).isGreaterThan(1_000_000);
        assertThat(facade.stopService(id, "flood").state()).isEqualTo(ServiceState.STOPPED);
        assertThat(fails(ErrorCode.WORKSPACE_WRONG_STATE, () -> facade.startService(id, "x", "true", DEFAULTS)))
                .contains("is stopped");
        facade.startWorkspace(id);
        assertThat(facade.listServices(id).runningCount()).isZero();
        assertThat(facade.startService(id, "flood", "sleep 1000", DEFAULTS).isRunning())
                .isTrue();
    }

    @Test
    void killedAndInterruptedStartsAreMended() throws Exception {
        Pyro facade = facade("namespace");
        WorkspaceId id = facade.createWorkspace("debian:12", small()).workspaceId();
        String[] start = {
            "workspace", "service", "start", id.value(), "web", "--ready-file", "/no/such", "--", "sh", "-c", STUBBORN
        };
        Running killed = pyro.start(start);
        await().atMost(BOUND)
                .until(() -> !sh(facade, id, "cat /tmp/beat 2>/dev/null").isEmpty());
        killed.process().destroyForcibly();
        killed.process().waitFor();
        assertThat(facade.statusWorkspace(id).runningServiceCount()).isZero();
        Service mended = facade.statusService(id, "web");
        assertThat(mended.state()).isEqualTo(ServiceState.FAILED);
        assertThat(mended.stopReason()).isEqualTo(ServiceEnd.START_ABANDONED);
        requireNoBeat(facade, id);

        for (String signal : List.of("INT", "TERM")) {
            sh(facade, id, "rm -f /tmp/beat");
            Running interrupted = pyro.start(start);
            await().atMost(BOUND)
                    .until(() -> !sh(facade, id, "cat /tmp/beat 2>/dev/null").isEmpty());
            interrupted.signal(signal);
            interrupted.await();
            // As if it had never been started: the one before it is what is known.
            assertThat(facade.statusService(id, "web")).isEqualTo(mended);
            requireNoBeat(facade, id);
        }
        assertThat(facade.startService(id, "web", "sleep 1000", DEFAULTS).isRunning())
                .isTrue();
    }

    @Test
    void severalAtOnceDoNotGetIntoEachOthersWay() throws Exception {
        Pyro facade = facade("namespace");
        Pyro other = facade("namespace");
        WorkspaceId id = facade.createWorkspace("debian:12", small()).workspaceId();
        List<CompletableFuture<Object>> starts = IntStream.range(0, 6)
                .mapToObj(i -> CompletableFuture.<Object>supplyAsync(() -> {
                    try {
                        return (i % 2 == 0 ? facade : other).startService(id, "one", "sleep 1000", DEFAULTS);
                    } catch (PyroException e) {
                        return e.code();
                    }
                }))
                .toList();
        List<Object> ends = starts.stream()
                .map(start -> start.orTimeout(60, TimeUnit.SECONDS).join())
                .toList();
        assertThat(ends).filteredOn(Service.class::isInstance).hasSize(1);
        assertThat(ends).filteredOn(ErrorCode.SERVICE_NAME_TAKEN::equals).hasSize(5);

        // Sixteen at once, listed meanwhile.
        List<CompletableFuture<Service>> many = IntStream.range(0, 15)
                .mapToObj(i -> CompletableFuture.supplyAsync(
                        () -> (i % 2 == 0 ? facade : other).startService(id, "s" + i, "echo $$; sleep 1000", DEFAULTS)))
                .toList();
        while (!many.stream().allMatch(CompletableFuture::isDone)) {
            assertThat(facade.listServices(id).services()).allMatch(service -> service.state() == ServiceState.RUNNING);
        }
        many.forEach(CompletableFuture::join);
        assertThat(other.listServices(id).runningCount()).isEqualTo(16);
        assertThat(other.statusWorkspace(id).runningServiceCount()).isEqualTo(16);
        sixteenShells(facade, id);

        // One that is being started is stopped by another one, and then by the end of the workspace.
        CompletableFuture<String> stopped = CompletableFuture.supplyAsync(() -> fails(
                ErrorCode.SERVICE_NOT_READY, () -> facade.startService(id, "slow", "echo up; sleep 1000", NEVER)));
        await().atMost(BOUND).until(() -> other.statusWorkspace(id).serviceCount() == 17);
        assertThat(other.stopService(id, "slow").state()).isEqualTo(ServiceState.STOPPED);
        assertThat(stopped.get(60, TimeUnit.SECONDS)).contains("was stopped");
        CompletableFuture<String> cut = CompletableFuture.supplyAsync(
                () -> Objects.requireNonNull(catchThrowable(() -> facade.startService(id, "slow", "sleep 1000", NEVER))
                        .getMessage()));
        await().atMost(BOUND).until(() -> other.statusService(id, "slow").isRunning());
        other.stopWorkspace(id);
        assertThat(cut.get(60, TimeUnit.SECONDS)).contains("stopped");
        assertThat(other.listServices(id).services()).allMatch(service -> service.state() == ServiceState.STOPPED);
        assertThat(other.statusWorkspace(id).serviceCount()).isEqualTo(17);
    }

    /** As many shells beside them. */
    private static void sixteenShells(Pyro facade, WorkspaceId id) {
        List<CompletableFuture<ShellId>> shells = IntStream.range(0, 16)
                .mapToObj(i -> CompletableFuture.supplyAsync(() -> {
                    ShellId shell = facade.openShell(id, OpenShell.defaults()).shellId();
                    facade.writeShell(id, shell, "echo shell-$((" + i + " * 1000))", true);
                    ShellOutput output =
                            facade.readShell(id, shell, ReadShell.defaults().withWaitFor("shell-" + i * 1000));
                    assertThat(output.waitSatisfied()).isTrue();
                    return shell;
                }))
                .toList();
        shells.forEach(CompletableFuture::join);
        assertThat(facade.listShells(id).shells()).hasSize(16);
    }

    @Test
    void theCommandLineKeepsTheContract() {
        String id = create("namespace");
        assertThat(pyro.ok("workspace", "service", "list", id)).isEqualTo("No workspace services found.\n");
        Outcome started = pyro.run(
                "workspace",
                "service",
                "start",
                id,
                "web",
                "--",
                "sh",
                "-c",
                "echo out; echo err >&2; exec sleep 1000");
        assertThat(started.exitCode()).as(started.stderr()).isZero();
        assertThat(started.stdout()).isEmpty();
        String fields =
                " workspace_id=" + id + " service_name=web state=running cwd=/workspace execution_mode=host_compat\n";
        assertThat(started.stderr()).isEqualTo("[workspace-service-start]" + fields);
        assertThat(pyro.ok("workspace", "service", "list", id)).isEqualTo("web [running] cwd=/workspace\n");
        assertThat(pyro.ok("workspace", "status", id)).contains("Services: 1/1 running\n");
        Outcome logs = pyro.run("workspace", "service", "logs", id, "web");
        assertThat(logs.stdout()).isEqualTo("out\n");
        assertThat(logs.stderr()).isEqualTo("err\n[workspace-service-logs]" + fields);
        JsonReader json = pyro.json("workspace", "service", "logs", id, "web", "--all");
        assertThat(json.nullableNumber("tail_lines")).isNull();
        assertThat(json.string("stderr")).isEqualTo("err\n");
        assertThat(pyro.json("workspace", "service", "list", id).integer("running_count"))
                .isOne();
        assertThat(pyro.run("workspace", "service", "status", id, "web").stderr())
                .isEqualTo("[workspace-service-status]" + fields);
        assertThat(pyro.run("workspace", "service", "stop", id, "web").stderr())
                .isEqualTo("[workspace-service-stop]" + fields.replace("running", "stopped"));
        assertThat(pyro.fails("SERVICE_NOT_FOUND", "workspace", "service", "status", id, "w"))
                .contains("it has web");
    }
}
