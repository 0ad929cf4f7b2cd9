package dev.pyro.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.pyro.json.JsonReader;
import dev.pyro.json.JsonValue.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code pyro mcp serve} over standard input and output as a client meets it, with real guests. */
class McpServeIT {
    private static final String ENVIRONMENT = "debian:12";

    /** Longer than the grace that calls under way have at the end of the input, and what it takes to end them. */
    private static final Duration END = Duration.ofSeconds(40);

    private static final Duration GUEST_ENDS = Duration.ofSeconds(30);

    @TempDir
    Path folder;

    private PyroLauncher pyro;

    @BeforeEach
    void openFolder() throws IOException {
        // Root's QEMU runs as an unprivileged user, which must pass through.
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        pyro = new PyroLauncher(folder.resolve("state")).with("PYRO_BACKEND", "namespace");
        pyro.ok("env", "pull", ENVIRONMENT);
    }

    private McpStdioClient client() throws IOException {
        return new McpStdioClient(pyro, "workspace-full");
    }

    private static JsonObject run(String command) {
        return JsonObject.builder()
                .put("environment", ENVIRONMENT)
                .put("command", command)
                .put("timeout_seconds", 600)
                .put("allow_host_compat", true)
                .build();
    }

    private static String createWorkspace(McpStdioClient client) throws IOException {
        JsonObject arguments = JsonObject.builder()
                .put("environment", ENVIRONMENT)
                .put("allow_host_compat", true)
                .build();
        return client.ok("create", "workspace_create", arguments).string("workspace_id");
    }

    private static JsonObject exec(String workspace, String command) {
        return JsonObject.builder()
                .put("workspace_id", workspace)
                .put("command", command)
                .put("timeout_seconds", 600)
                .build();
    }

    @Test
    void runsACommandTellsHowItGoesAndEndsWithItsInput() throws Exception {
        try (McpStdioClient client = client()) {
            client.call("run", "vm_run", run("echo one; sleep 1; echo two; sleep 1; printf 'th\\303\\251\\033[1m'"));
            client.awaitProgress("run", "run create " + ENVIRONMENT);
            client.awaitProgress("run", "run execute vm-");
            client.awaitProgress("run", "one\n");
            client.awaitProgress("run", "two\n");
            client.awaitProgress("run", "thé");
            JsonReader payload = client.payload("run");
            assertThat(payload.integer("exit_code")).isZero();
            assertThat(payload.string("stdout")).startsWith("one\ntwo\nthé");
            client.send("{broken");
            assertThat(client.await(message -> message.find("error").isPresent())
                            .object("error")
                            .integer("code"))
                    .isEqualTo(-32700);
            assertThat(client.ok("list", "workspace_list", JsonObject.builder().build())
                            .integer("count"))
                    .isZero();
            client.endInput();
            assertThat(client.awaitEnd(END)).isZero();
            assertThat(client.taken()).isEmpty();
        }
        pyro.awaitNothingLeft();
    }

    @ParameterizedTest
    @ValueSource(strings = {"qemu", "namespace"})
    void aWithdrawnRunLeavesNoMachine(String backend) throws Exception {
        pyro.with("PYRO_BACKEND", backend);
        try (McpStdioClient client = client()) {
            client.call("run", "vm_run", run("echo up; sleep 1000"));
            client.awaitProgress("run", "up\n");
            client.cancel("run");
            pyro.awaitNothingLeft();
            // The server goes on, and the call is not answered.
            assertThat(client.ok("next", "vm_run", run("echo next")).string("stdout"))
                    .isEqualTo("next\n");
            client.endInput();
            assertThat(client.awaitEnd(END)).isZero();
            assertThat(client.taken()).isEmpty();
        }
        pyro.awaitNothingLeft();
    }

    @ParameterizedTest
    @ValueSource(strings = {"qemu", "namespace"})
    void aWithdrawnCommandEndsAndItsWorkspaceStays(String backend) throws Exception {
        pyro.with("PYRO_BACKEND", backend);
        try (McpStdioClient client = client()) {
            String workspace = createWorkspace(client);
            client.call(
                    "beat",
                    "workspace_exec",
                    exec(
                            workspace,
                            "setsid sh -c 'while :; do date +%s%N >/tmp/beat; sleep 0.05; done' & echo up; wait"));
            client.awaitProgress("beat", "up\n");
            client.cancel("beat");
            await().atMost(GUEST_ENDS)
                    .until(() -> client.ok(
                                    "dead",
                                    "workspace_exec",
                                    exec(
                                            workspace,
                                            "a=$(cat /tmp/beat); sleep 0.5; [ \"$a\" = \"$(cat /tmp/beat)\" ]; echo $?"))
                            .string("stdout")
                            .equals("0\n"));
            client.ok(
                    "delete",
                    "workspace_delete",
                    JsonObject.builder().put("workspace_id", workspace).build());
            client.endInput();
            assertThat(client.awaitEnd(END)).isZero();
        }
        pyro.awaitNothingLeft();
    }

    @ParameterizedTest
    @CsvSource({"TERM, 143", "INT, 130", "end of input, 0", "closed output, 0"})
    void howeverItEndsRunsGoAndWorkspacesStay(String how, int code) throws Exception {
        String workspace;
        try (McpStdioClient client = client()) {
            workspace = createWorkspace(client);
            client.ok("write", "workspace_exec", exec(workspace, "echo kept >mark"));
            client.call("a", "vm_run", run("echo up; sleep 1000"));
            client.awaitProgress("a", "up\n");
            client.call("b", "workspace_exec", exec(workspace, "echo up; sleep 1000"));
            client.awaitProgress("b", "up\n");
            switch (how) {
                case "end of input" -> client.endInput();
                case "closed output" -> client.stopReading();
                default -> client.signal(how);
            }
            assertThat(client.awaitEnd(END)).isEqualTo(code);
        }
        Path machines = pyro.state().resolve("vms");
        await().atMost(GUEST_ENDS)
                .until(() -> pyro.machineFolders().stream().noneMatch(found -> found.startsWith(machines)));
        assertThat(pyro.json("workspace", "exec", workspace, "--", "cat", "mark")
                        .string("stdout"))
                .isEqualTo("kept\n");
        pyro.ok("workspace", "delete", workspace);
        pyro.awaitNothingLeft();
    }

    @Test
    void aKilledServersMachinesEndByThemselves() throws Exception {
        try (McpStdioClient client = client()) {
            client.call("run", "vm_run", run("echo up; sleep 1000"));
            client.awaitProgress("run", "up\n");
            client.signal("KILL");
            client.awaitEnd(END);
        }
        pyro.awaitNoProcess();
        // The next one collects its folder, as after a killed `pyro run`.
        pyro.ok("run", "--allow-host-compat", ENVIRONMENT, "--", "true");
        pyro.awaitNothingLeft();
    }

    @Test
    void aSlowCallHoldsUpNobody() throws Exception {
        try (McpStdioClient client = client()) {
            client.call("slow", "vm_run", run("echo up; sleep 1000"));
            client.awaitProgress("slow", "up\n");
            client.send("{\"jsonrpc\":\"2.0\",\"id\":\"list\",\"method\":\"tools/list\"}");
            assertThat(client.result("list").array("tools")).isNotEmpty();
            for (int i = 0; i < 4; i++) {
                client.call("quick" + i, "vm_run", run("echo " + i));
            }
            List<String> results = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                results.add(client.await(message -> message.find("result").isPresent())
                        .object("result")
                        .object("structuredContent")
                        .string("stdout"));
            }
            assertThat(results).containsExactlyInAnyOrder("0\n", "1\n", "2\n", "3\n");
            client.cancel("slow");
            client.endInput();
            assertThat(client.awaitEnd(END)).isZero();
        }
        pyro.awaitNothingLeft();
    }

    @Test
    void twoClientsWorkInOneWorkspace() throws Exception {
        try (McpStdioClient one = client();
                McpStdioClient other = client()) {
            String workspace = createWorkspace(one);
            one.call(
                    "long",
                    "workspace_exec",
                    exec(workspace, "echo up; until [ -e done ]; do sleep 0.1; done; cat done"));
            one.awaitProgress("long", "up\n");
            JsonObject file = JsonObject.builder()
                    .put("workspace_id", workspace)
                    .put("path", "done")
                    .put("text", "by the other\n")
                    .build();
            other.ok("write", "workspace_file_write", file);
            assertThat(one.payload("long").string("stdout")).isEqualTo("up\nby the other\n");
            other.endInput();
            assertThat(other.awaitEnd(END)).isZero();
            assertThat(one.ok("more", "workspace_exec", exec(workspace, "cat done"))
                            .string("stdout"))
                    .isEqualTo("by the other\n");
            one.ok(
                    "delete",
                    "workspace_delete",
                    JsonObject.builder().put("workspace_id", workspace).build());
            one.endInput();
            assertThat(one.awaitEnd(END)).isZero();
        }
        pyro.awaitNothingLeft();
    }
}
