package dev.pyro.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pyro.LocalPyro;
import dev.pyro.json.Json;
import dev.pyro.json.JsonReader;
import dev.pyro.json.JsonValue;
import dev.pyro.json.JsonValue.JsonObject;
import dev.pyro.mcp.Schemas;
import dev.pyro.mcp.Tool;
import dev.pyro.mcp.ToolProfile;
import dev.pyro.mcp.ToolResult;
import dev.pyro.mcp.Toolbox;
import dev.pyro.model.ErrorCode;
import dev.pyro.model.OutputListener;
import dev.pyro.model.Progress;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every MCP tool in real machines: each does what it says, and its payload fits its output schema. */
class ToolboxIT {
    private static final int MAX_CONTENT_BYTES = 40_000;

    @TempDir
    Path folder;

    private Path state;
    private Toolbox toolbox;
    private final Set<String> called = new HashSet<>();

    @BeforeEach
    void openFolder() throws IOException {
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        state = folder.resolve("state");
        open("namespace");
    }

    @AfterEach
    void nothingIsLeft() {
        new PyroLauncher(state).awaitNothingLeft();
    }

    private void open(String backend) {
        Map<String, String> environment = new HashMap<>(System.getenv());
        environment.put("PYRO_CACHE_DIR", PyroLauncher.sharedCache().toString());
        environment.put("PYRO_STATE_DIR", state.toString());
        environment.put("PYRO_BACKEND", backend);
        environment.put("PYRO_WORKSPACE_DISK_MIB", "4096");
        toolbox = new Toolbox(LocalPyro.open(environment), ToolProfile.WORKSPACE_FULL);
    }

    @ParameterizedTest
    @ValueSource(strings = {"qemu", "namespace"})
    void everyToolWorks(String backend) throws IOException {
        open(backend);
        machines();
        workspaces();
        assertThat(called)
                .containsExactlyInAnyOrderElementsOf(
                        toolbox.tools().stream().map(Tool::name).toList());
    }

    private void machines() {
        assertThat(ok("vm_list_environments", "{}").array("environments")).isNotEmpty();
        JsonReader run = ok(
                "vm_run",
                "{'environment': 'debian:12', 'command': 'echo out; echo err >&2; exit 3', 'mem_mib': 512, 'allow_host_compat': true}");
        assertThat(run.string("stdout")).isEqualTo("out\n");
        assertThat(run.string("stderr")).isEqualTo("err\n");
        assertThat(run.integer("exit_code")).isEqualTo(3);
        assertThat(run.bool("stdout_truncated")).isFalse();

        String id = ok("vm_create", "{'environment': 'debian:12', 'mem_mib': 512, 'allow_host_compat': true}")
                .string("vm_id");
        String vm = "{'vm_id': '" + id + "'}";
        assertThat(failure("vm_exec", "{'vm_id': '" + id + "', 'command': 'true'}"))
                .isEqualTo(ErrorCode.VM_WRONG_STATE);
        assertThat(ok("vm_start", vm).string("state")).isEqualTo("started");
        assertThat(ok("vm_exec", "{'vm_id': '" + id + "', 'command': 'pwd'}").string("stdout"))
                .isEqualTo("/root\n");
        assertThat(ok("vm_network_info", vm).bool("network_enabled")).isFalse();
        assertThat(ok("vm_status", vm).string("state")).isEqualTo("started");
        assertThat(ok("vm_stop", vm).string("state")).isEqualTo("stopped");
        assertThat(ok("vm_delete", vm).bool("deleted")).isTrue();
        assertThat(failure("vm_status", vm)).isEqualTo(ErrorCode.VM_NOT_FOUND);
        assertThat(ok("vm_reap_expired", "{}").number("count")).isZero();
    }

    private void workspaces() throws IOException {
        Path seed = Files.createDirectory(folder.resolve("seed"));
        Files.writeString(seed.resolve("a.txt"), "one\n");
        String id = ok(
                        "workspace_create",
                        "{'environment': 'debian:12', 'mem_mib': 512, 'allow_host_compat': true, 'name': 'mine', "
                                + "'labels': {'k': 'v'}, 'seed_path': '" + seed + "'}")
                .string("workspace_id");
        try {
            assertThat(state.resolve("workspaces").resolve(id).resolve("workspace.json"))
                    .content()
                    .containsPattern("\"disk_mib\": ?4096");
            assertThat(ok("workspace_list", "{}").number("count")).isOne();
            assertThat(ok("workspace_status", "{'workspace_id': 'mine'}").string("workspace_id"))
                    .isEqualTo(id);
            assertThat(ok("workspace_status", "{'workspace_id': '" + id.substring(0, 9) + "'}")
                            .string("name"))
                    .isEqualTo("mine");
            assertThat(ok("workspace_update", with(id, "'clear_name': true, 'clear_labels': ['k']"))
                            .nullableString("name"))
                    .isNull();
            assertThat(failure("workspace_update", with(id, ""))).isEqualTo(ErrorCode.INVALID_ARGUMENT);
            files(id);
            services(id);
            shells(id);
            states(id);
        } finally {
            assertThat(ok("workspace_delete", with(id, "")).bool("deleted")).isTrue();
        }
        assertThat(failure("workspace_status", with(id, ""))).isEqualTo(ErrorCode.WORKSPACE_NOT_FOUND);
    }

    private void files(String id) throws IOException {
        JsonReader exec = ok("workspace_exec", with(id, "'command': 'cat a.txt; pwd'"));
        assertThat(exec.string("stdout")).isEqualTo("one\n/workspace\n");
        assertThat(exec.number("sequence")).isOne();
        assertThat(ok("workspace_file_write", with(id, "'path': 'src/b.txt', 'text': 'two\\n'"))
                        .number("bytes_written"))
                .isEqualTo(4);
        assertThat(ok("workspace_file_list", with(id, "'recursive': true")).array("entries"))
                .hasSize(3);
        assertThat(ok("workspace_file_read", with(id, "'path': 'src/b.txt'")).string("content"))
                .isEqualTo("two\n");
        String patch = "--- a/a.txt\\n+++ b/a.txt\\n@@ -1 +1 @@\\n-one\\n+three\\n";
        assertThat(ok("workspace_patch_apply", with(id, "'patch': '" + patch + "'"))
                        .bool("changed"))
                .isTrue();
        assertThat(failure("workspace_patch_apply", with(id, "'patch': '" + patch + "'")))
                .isEqualTo(ErrorCode.PATCH_DOES_NOT_APPLY);
        JsonReader diff = ok("workspace_diff", with(id, ""));
        assertThat(diff.string("patch")).contains("+three", "+two");
        assertThat(diff.object("summary").number("total")).isGreaterThanOrEqualTo(2);

        Path more = Files.createDirectory(folder.resolve("more"));
        Files.writeString(more.resolve("c.txt"), "four\n");
        assertThat(ok("workspace_sync_push", with(id, "'source_path': '" + more + "', 'dest': 'src'"))
                        .object("workspace_sync")
                        .string("destination"))
                .isEqualTo("/workspace/src");
        Path out = folder.resolve("out");
        assertThat(ok("workspace_export", with(id, "'path': 'src', 'output_path': '" + out + "'"))
                        .string("artifact_type"))
                .isEqualTo("directory");
        assertThat(out.resolve("c.txt")).hasContent("four");
        longOnes(id);
        assertThat(ok("workspace_logs", with(id, "")).number("count")).isGreaterThan(1);
    }

    /** What is cut says how to read on, and that works. */
    private void longOnes(String id) {
        JsonReader exec = ok("workspace_exec", with(id, "'command': 'seq 1 300000 | tee long.txt'"));
        assertThat(exec.string("stdout")).startsWith("1\n2\n").endsWith("\n300000\n");
        assertThat(exec.bool("stdout_truncated")).isTrue();
        assertThat(exec.bool("result_truncated")).isTrue();

        JsonReader read = ok("workspace_file_read", with(id, "'path': 'long.txt', 'max_bytes': 1048576"));
        String head = read.string("content");
        assertThat(read.bool("truncated")).isTrue();
        assertThat(read.number("max_bytes")).isEqualTo(1 << 20);
        assertThat(read.strings("notes").getFirst())
                .contains("tail -c +" + (head.length() + 1) + " /workspace/long.txt |");
        String next = ok(
                        "workspace_exec",
                        with(id, "'command': 'tail -c +" + (head.length() + 1) + " long.txt | head -c 20'"))
                .string("stdout");
        StringBuilder whole = new StringBuilder();
        for (int i = 1; i <= 20_000; i++) {
            whole.append(i).append('\n');
        }
        assertThat(whole.toString()).startsWith(head + next);
    }

    private void services(String id) {
        String web = with(id, "'service_name': 'web'");
        JsonReader started = ok(
                "service_start",
                with(
                        id,
                        "'service_name': 'web', 'command': 'seq 1 30000; echo ready > /tmp/up; exec sleep 1000', "
                                + "'ready_file': '/tmp/up', 'ready_interval_ms': 20"));
        assertThat(started.string("state")).isEqualTo("running");
        assertThat(started.object("readiness").string("target")).isEqualTo("/tmp/up");
        assertThat(ok("service_status", web).string("service_name")).isEqualTo("web");
        assertThat(ok("service_list", with(id, "")).number("running_count")).isOne();
        assertThat(ok("workspace_status", with(id, "")).number("running_service_count"))
                .isOne();
        JsonReader logs = ok("service_logs", with(id, "'service_name': 'web', 'all': true"));
        assertThat(logs.string("stdout")).endsWith("\n29999\n30000\n").doesNotContain("\n100\n");
        assertThat(logs.bool("truncated")).isTrue();
        assertThat(logs.strings("notes").getFirst()).contains("holds only its last", "workspace_exec");
        assertThat(ok("service_logs", with(id, "'service_name': 'web', 'tail_lines': 1"))
                        .string("stdout"))
                .isEqualTo("30000\n");
        assertThat(failure("service_start", with(id, "'service_name': 'web', 'command': 'true'")))
                .isEqualTo(ErrorCode.SERVICE_NAME_TAKEN);
        assertThat(failure(
                        "service_start",
                        with(id, "'service_name': 'bad', 'command': 'false', 'ready_tcp': '127.0.0.1:9'")))
                .isEqualTo(ErrorCode.SERVICE_NOT_READY);
        assertThat(failure(
                        "service_start",
                        with(id, "'service_name': 'p', 'command': 'true', 'published_ports': [{'guest_port': 80}]")))
                .isEqualTo(ErrorCode.NETWORK_POLICY_FORBIDS);
        assertThat(failure(
                        "service_start",
                        with(id, "'service_name': 'p', 'command': 'true', 'ready_file': 'a', 'ready_tcp': 'b:1'")))
                .isEqualTo(ErrorCode.INVALID_ARGUMENT);
        assertThat(failure("service_stop", with(id, "'service_name': 'none'"))).isEqualTo(ErrorCode.SERVICE_NOT_FOUND);
        assertThat(ok("service_stop", web).string("state")).isEqualTo("stopped");
    }

    private void shells(String id) {
        String shell = ok("shell_open", with(id, "'cwd': 'src', 'cols': 100")).string("shell_id");
        JsonReader written = ok(
                "shell_write", with(id, "'shell_id': '" + shell.substring(0, 9) + "', 'input': 'pwd; echo $((40+2))'"));
        assertThat(written.bool("append_newline")).isTrue();
        JsonReader read = ok(
                "shell_read",
                with(
                        id,
                        "'shell_id': '" + shell + "', 'cursor': " + written.number("end_cursor")
                                + ", 'wait_for': '42\\r\\n'"));
        assertThat(read.bool("wait_satisfied")).isTrue();
        assertThat(read.string("output")).contains("/workspace/src\r\n");
        assertThat(ok("shell_signal", with(id, "'shell_id': '" + shell + "'")).string("signal"))
                .isEqualTo("INT");
        assertThat(failure("shell_read", with(id, "'shell_id': 'sh-none'"))).isEqualTo(ErrorCode.SHELL_NOT_FOUND);
        assertThat(ok("shell_close", with(id, "'shell_id': '" + shell + "'")).bool("closed"))
                .isTrue();
    }

    private void states(String id) throws IOException {
        assertThat(ok("snapshot_create", with(id, "'snapshot_name': 'before'"))
                        .object("snapshot")
                        .string("kind"))
                .isEqualTo("named");
        assertThat(ok("snapshot_list", with(id, "")).array("snapshots")).hasSize(2);
        assertThat(ok("workspace_reset", with(id, "'snapshot': 'before'"))
                        .object("workspace_reset")
                        .string("snapshot_name"))
                .isEqualTo("before");
        assertThat(ok("workspace_file_read", with(id, "'path': 'a.txt'")).string("content"))
                .isEqualTo("three\n");
        assertThat(ok("snapshot_delete", with(id, "'snapshot_name': 'before'")).bool("deleted"))
                .isTrue();
        assertThat(failure("workspace_disk_list", with(id, ""))).isEqualTo(ErrorCode.WORKSPACE_WRONG_STATE);
        assertThat(ok("workspace_stop", with(id, "")).string("state")).isEqualTo("stopped");
        assertThat(failure("workspace_exec", with(id, "'command': 'true'"))).isEqualTo(ErrorCode.WORKSPACE_WRONG_STATE);
        assertThat(ok("workspace_disk_list", with(id, "")).array("entries")).isNotEmpty();
        assertThat(ok("workspace_disk_read", with(id, "'path': 'a.txt'")).string("content"))
                .isEqualTo("three\n");
        Path image = folder.resolve("image");
        assertThat(ok("workspace_disk_export", with(id, "'output_path': '" + image + "'"))
                        .string("disk_format"))
                .isEqualTo("ext4");
        Files.delete(image);
        assertThat(ok("workspace_start", with(id, "")).string("state")).isEqualTo("started");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "no_such_tool|{}|INVALID_ARGUMENT",
                "shell_open|{}|INVALID_ARGUMENT",
                "vm_run|{}|INVALID_ARGUMENT",
                "vm_run|{'environment': 'Debian 99', 'command': 'true'}|UNKNOWN_ENVIRONMENT",
                "vm_run|{'environment': 'debian:12\\u0000', 'command': 'true'}|UNKNOWN_ENVIRONMENT",
                "vm_run|{'environment': 'debian:12', 'command': '  '}|INVALID_ARGUMENT",
                "vm_run|{'environment': 'debian:12', 'command': 'a\\u0000b'}|INVALID_ARGUMENT",
                "vm_run|{'environment': 'debian:12', 'command': 'true', 'mem_mib': 1}|INVALID_ARGUMENT",
                "vm_status|{'vm_id': 'vm-1'}|INVALID_ARGUMENT",
                "vm_status|{'vm_id': 'vm-0123456789ab'}|VM_NOT_FOUND",
                "workspace_status|{'workspace_id': 'none'}|WORKSPACE_NOT_FOUND",
                "workspace_status|{'workspace_id': 'a\\u0000/../b'}|WORKSPACE_NOT_FOUND",
                "workspace_create|{'environment': 'debian:12', 'seed_path': '/no/such'}|SEED_UNUSABLE",
                "workspace_create|{'environment': 'debian:12', 'seed_path': 'a\\u0000b'}|INVALID_ARGUMENT",
                "workspace_create|{'environment': 'debian:12', 'seed_path': ''}|INVALID_ARGUMENT",
                "workspace_create|{'environment': 'debian:12', 'name': 'ws-mine'}|INVALID_ARGUMENT",
                "workspace_create|{'environment': 'debian:12', 'network_policy': 'all'}|INVALID_ARGUMENT",
                "workspace_create|{'environment': 'debian:12', 'secrets': [{'name': 'A'}]}|INVALID_ARGUMENT",
                "workspace_create|{'environment': 'debian:12', 'secrets': [{'name': '1A', 'value': 'v'}]}|INVALID_ARGUMENT",
                "workspace_create|{'environment': 'debian:12', 'secrets': [{'name': 'A', 'file_path': '/no'}]}|INVALID_ARGUMENT"
            })
    void badInputIsAFailureWithItsCode(String tool, String arguments, ErrorCode code) {
        assertThat(failure(tool, arguments)).isEqualTo(code);
    }

    @Test
    void anyCommandOfAnySizeIsAnswered() {
        for (int bytes : new int[] {1_000, 100_000, 131_000, 131_001, 2_000_000}) {
            JsonObject arguments = JsonObject.builder()
                    .put("environment", "debian:12")
                    .put("command", "true " + "#".repeat(bytes - 5))
                    .put("allow_host_compat", true)
                    .build();
            ToolResult result = toolbox.call("vm_run", arguments, OutputListener.NONE, Progress.Listener.NONE);
            assertThat(result.failed()).isEqualTo(bytes > 131_000);
            assertThat(size(result)).isLessThan(MAX_CONTENT_BYTES);
        }
    }

    private static String with(String id, String more) {
        return "{'workspace_id': '" + id + "'" + (more.isEmpty() ? "" : ", ") + more + "}";
    }

    private JsonReader ok(String name, String arguments) {
        ToolResult result = call(name, arguments);
        assertThat(result.failed()).as(name + " " + result.payload()).isFalse();
        Tool tool = toolbox.tools().stream()
                .filter(candidate -> candidate.name().equals(name))
                .findFirst()
                .orElseThrow();
        assertThat(Schemas.errors(tool.outputSchema(), result.payload()))
                .as(name)
                .isEmpty();
        assertThat(size(result)).isLessThan(MAX_CONTENT_BYTES);
        called.add(name);
        return new JsonReader(result.payload());
    }

    private ErrorCode failure(String name, String arguments) {
        ToolResult result = call(name, arguments);
        assertThat(result.failed()).as(name + " " + result.payload()).isTrue();
        JsonReader payload = new JsonReader(result.payload());
        assertThat(payload.bool("ok")).isFalse();
        assertThat(payload.string("error")).isNotBlank();
        return ErrorCode.valueOf(payload.string("code"));
    }

    /** Calls a tool; single quotes stand for JSON's. */
    private ToolResult call(String name, String arguments) {
        JsonValue json = Json.parse(arguments.replace('\'', '"'));
        return toolbox.call(name, (JsonObject) json, OutputListener.NONE, Progress.Listener.NONE);
    }

    private static int size(ToolResult result) {
        return Json.write(result.payload()).getBytes(StandardCharsets.UTF_8).length;
    }
}
