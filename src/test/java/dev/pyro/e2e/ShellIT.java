package dev.pyro.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pyro.LocalPyro;
import dev.pyro.json.Json;
import dev.pyro.json.JsonReader;
import dev.pyro.json.JsonValue.JsonObject;
import dev.pyro.mcp.ToolProfile;
import dev.pyro.mcp.ToolResult;
import dev.pyro.mcp.Toolbox;
import dev.pyro.model.ErrorCode;
import dev.pyro.model.ExecWorkspace;
import dev.pyro.model.OpenShell;
import dev.pyro.model.OutputListener;
import dev.pyro.model.Progress;
import dev.pyro.model.PyroException;
import dev.pyro.model.ReadShell;
import dev.pyro.model.ShellId;
import dev.pyro.model.ShellInput;
import dev.pyro.model.ShellOutput;
import dev.pyro.model.ShellSignal;
import dev.pyro.model.ShellState;
import dev.pyro.model.WorkspaceId;
import dev.pyro.sdk.Pyro;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Shells as scripts and agents use them, on both back ends; one workspace each. */
class ShellIT extends WorkspaceFixture {
    private static final String SECRET = "hunter22-correct-horse";
    private static final int MANY = 16;
    private static final int MAX_CONTENT_BYTES = 40_000;

    private Pyro facade;
    private WorkspaceId id = new WorkspaceId("ws-000000000000");

    @BeforeEach
    void openFacade() {
        Map<String, String> environment = new HashMap<>(System.getenv());
        environment.putAll(pyro.environment());
        facade = LocalPyro.open(environment);
    }

    @ParameterizedTest
    @ValueSource(strings = {"qemu", "namespace"})
    void shellsDoWhatTheySay(String backend) {
        id = new WorkspaceId(create(backend, "--secret", "TOKEN=" + SECRET));
        oneOutlivesItsClient();
        secretsAreHidden();
        charactersAreWhole();
        waitingEndsWhenItShould();
        whatRunsIsInterrupted();
        aFloodIsTruncated();
        binaryOutputIsReadOverMcp();
        manyRunAtOnce();
        theEndIsRemembered();
        badInputIsRefused();
        theyEndWithTheMachine();
    }

    private ShellId open(OpenShell options) {
        return facade.openShell(id, options).shellId();
    }

    /** Types a line and returns the output from there on when it has this text. */
    private ShellOutput say(ShellId shell, String line, String waitFor) {
        ShellInput input = facade.writeShell(id, shell, line, true);
        ShellOutput output = facade.readShell(
                id,
                shell,
                ReadShell.defaults().withCursor(input.shell().endCursor()).withWaitFor(waitFor));
        assertThat(output.waitSatisfied()).as(output.output()).isTrue();
        return output;
    }

    private static void fails(ErrorCode code, String message, ThrowingCallable call) {
        assertThatThrownBy(call).isInstanceOfSatisfying(PyroException.class, e -> {
            assertThat(e.code()).as(e.getMessage()).isEqualTo(code);
            assertThat(e).hasMessageContaining(message);
        });
    }

    private void oneOutlivesItsClient() {
        JsonReader opened = pyro.json("workspace", "shell", "open", id.value(), "--cwd", "/tmp", "--cols", "100");
        String shell = opened.string("shell_id");
        assertThat(opened.string("state")).isEqualTo("running");
        assertThat(opened.string("cwd")).isEqualTo("/tmp");
        assertThat(opened.integer("cols")).isEqualTo(100);
        JsonReader written = pyro.json("workspace", "shell", "write", id.value(), shell, "--input", "cd /etc; X=kept");
        assertThat(written.integer("input_length")).isEqualTo(15);
        assertThat(written.bool("append_newline")).isTrue();
        ShellId same = facade.findShell(id, shell.substring(0, 8));
        assertThat(same.value()).isEqualTo(shell);
        ShellOutput output = say(same, "echo $X $PWD $(stty size)", "kept /etc 30 100\r\n");
        PyroLauncher.Outcome read =
                pyro.run("workspace", "shell", "read", id.value(), shell, "--cursor", Long.toString(output.cursor()));
        assertThat(read.exitCode()).isZero();
        assertThat(read.stdout()).contains("kept /etc 30 100\r\n");
        assertThat(read.stderr())
                .contains("[workspace-shell-read] workspace_id=" + id + " shell_id=" + shell + " state=running cursor="
                        + output.cursor() + " next_cursor=")
                .contains(" truncated=no ");
        assertThat(facade.resizeShell(id, same, 90, 20).cols()).isEqualTo(90);
        say(same, "stty size", "20 90\r\n");
        assertThat(pyro.ok("workspace", "shell", "list", id.value()))
                .isEqualTo(shell + " [running] cwd=/tmp cols=90 rows=20\n");
        assertThat(pyro.run("workspace", "shell", "close", id.value(), shell).stderr())
                .contains("[workspace-shell-close] workspace_id=" + id, "state=closed");
        assertThat(pyro.ok("workspace", "shell", "list", id.value())).isEqualTo("No workspace shells found.\n");
    }

    private void secretsAreHidden() {
        ShellId shell = open(OpenShell.defaults().withSecretEnv(Map.of("TOKEN", "NAME")));
        ShellOutput shown = say(shell, "echo [$NAME] ${#NAME}", "] " + SECRET.length() + "\r\n");
        assertThat(shown.output()).contains("[***] ").doesNotContain(SECRET);
        // Every cursor within it.
        long start = shown.cursor() + shown.output().indexOf("[***]") + 1;
        for (long cursor = start; cursor < start + SECRET.length(); cursor++) {
            String from = facade.readShell(id, shell, ReadShell.defaults().withCursor(cursor))
                    .output();
            assertThat(from).startsWith("***] " + SECRET.length());
        }
        ShellOutput slow =
                say(shell, "stty -echo; printf %s \"${NAME%%-*}\"; sleep 0.3; echo \"-${NAME#*-}.\"", "***.\r\n");
        assertThat(slow.output()).doesNotContain("hunter22");
        fails(
                ErrorCode.SECRET_NOT_FOUND,
                "TOKEN",
                () -> facade.openShell(id, OpenShell.defaults().withSecretEnv(Map.of("OTHER", "A"))));
        facade.closeShell(id, shell);
    }

    private void charactersAreWhole() {
        ShellId shell = open(OpenShell.defaults());
        say(shell, "stty -echo; PS1=; echo re''ady", "ready\r\n");
        ShellOutput first = say(
                shell,
                "printf 'x\\360\\237'; until [ -e /tmp/go ]; do sleep 0.05; done; printf '\\230\\200\\377y\\n'",
                "x");
        assertThat(first.output()).isEqualTo("x");
        facade.execWorkspace(id, "touch /tmp/go", ExecWorkspace.defaults());
        ShellOutput rest = facade.readShell(
                id, shell, ReadShell.defaults().withCursor(first.nextCursor()).withWaitFor("y\r\n"));
        assertThat(rest.output()).isEqualTo("😀\uFFFDy\r\n");
        facade.closeShell(id, shell);
    }

    private void waitingEndsWhenItShould() {
        ShellId shell = open(OpenShell.defaults());
        // What is typed ahead is output as well: the shell may need longer to start than it may be idle.
        ShellOutput ready = say(shell, "echo re''ady", "ready\r\n");
        facade.writeShell(id, shell, "for i in 1 2 3; do echo n=$i; sleep 0.2; done", true);
        ShellOutput idle = facade.readShell(
                id, shell, ReadShell.defaults().withCursor(ready.nextCursor()).withWaitIdle(Duration.ofSeconds(2)));
        assertThat(idle.waitSatisfied()).isTrue();
        assertThat(idle.output()).contains("n=3\r\n");
        ShellOutput late = facade.readShell(
                id,
                shell,
                ReadShell.defaults()
                        .withCursor(idle.nextCursor())
                        .withWaitFor("never")
                        .withTimeout(Duration.ofSeconds(1)));
        assertThat(late.waitSatisfied()).isFalse();
        assertThat(late.output()).isEmpty();
        assertThat(pyro.run(
                                "workspace",
                                "shell",
                                "read",
                                id.value(),
                                shell.value(),
                                "--wait-for",
                                "never",
                                "--timeout-seconds",
                                "1")
                        .exitCode())
                .isEqualTo(124);
        CancelledCall cancelled = CancelledCall.after(
                Duration.ofMillis(300),
                () -> facade.readShell(id, shell, ReadShell.defaults().withWaitFor("never")));
        assertThat(cancelled.cancelled()).isTrue();
        say(shell, "echo st''ill here", "still here\r\n");
        facade.closeShell(id, shell);
    }

    private void whatRunsIsInterrupted() {
        ShellId shell = open(OpenShell.defaults());
        say(shell, "sh -c 'echo go\"\"es; exec sleep 1000'", "goes\r\n");
        assertThat(pyro.json("workspace", "shell", "signal", id.value(), shell.value())
                        .string("signal"))
                .isEqualTo("INT");
        say(shell, "echo code=$?", "code=130\r\n");
        facade.closeShell(id, shell);
    }

    /** The text stands behind more than a read returns, and behind more than is kept. */
    private void aFloodIsTruncated() {
        ShellId shell = open(OpenShell.defaults());
        ShellInput input = facade.writeShell(id, shell, "seq 1 300000; echo do''ne", true);
        ShellOutput output = facade.readShell(
                id,
                shell,
                ReadShell.defaults()
                        .withCursor(input.shell().endCursor())
                        .withMaxChars(100)
                        .withWaitFor("done\r\n")
                        .withTimeout(Duration.ofMinutes(2)));
        assertThat(output.waitSatisfied()).isTrue();
        assertThat(output.truncated()).isTrue();
        assertThat(output.output()).hasSize(100);
        assertThat(output.cursor()).isGreaterThan(input.shell().endCursor());
        StringBuilder read = new StringBuilder(output.output());
        while (!read.toString().contains("done\r\n")) {
            output = facade.readShell(id, shell, ReadShell.defaults().withCursor(output.nextCursor()));
            assertThat(output.truncated()).isFalse();
            assertThat(output.output()).isNotEmpty();
            read.append(output.output());
        }
        List<String> lines = read.toString().lines().toList();
        int next = Integer.parseInt(lines.get(1));
        for (String line : lines.subList(1, lines.indexOf("done"))) {
            assertThat(line).isEqualTo(Integer.toString(next++));
        }
        assertThat(next).isEqualTo(300_001);
        facade.closeShell(id, shell);
    }

    private void binaryOutputIsReadOverMcp() {
        Toolbox toolbox = new Toolbox(facade, ToolProfile.WORKSPACE_FULL);
        ShellId shell = open(OpenShell.defaults());
        say(shell, "stty -echo -opost; head -c 200000 /dev/urandom; echo; echo do''ne", "done\n");
        long cursor = 0;
        StringBuilder all = new StringBuilder();
        while (!all.toString().contains("done\n")) {
            ToolResult result = toolbox.call(
                    "shell_read",
                    JsonObject.builder()
                            .put("workspace_id", id.value())
                            .put("shell_id", shell.value())
                            .put("cursor", cursor)
                            .build(),
                    OutputListener.NONE,
                    Progress.Listener.NONE);
            assertThat(result.failed()).isFalse();
            assertThat(result.payload().members()).doesNotContainKey("result_truncated");
            assertThat(Json.write(result.payload()).getBytes(StandardCharsets.UTF_8).length)
                    .isLessThan(MAX_CONTENT_BYTES);
            JsonReader payload = new JsonReader(result.payload());
            assertThat(payload.number("next_cursor")).isGreaterThan(cursor);
            cursor = payload.number("next_cursor");
            all.append(payload.string("output"));
        }
        facade.closeShell(id, shell);
    }

    private void manyRunAtOnce() {
        List<ShellId> shells = new ArrayList<>();
        for (int i = 0; i < MANY; i++) {
            shells.add(open(OpenShell.defaults()));
        }
        for (int i = 0; i < MANY; i++) {
            facade.writeShell(id, shells.get(i), "echo square=$((" + i + "*" + i + "))", true);
        }
        for (int i = 0; i < MANY; i++) {
            ShellOutput output =
                    facade.readShell(id, shells.get(i), ReadShell.defaults().withWaitFor("square=" + i * i + "\r\n"));
            assertThat(output.waitSatisfied()).as(output.output()).isTrue();
        }
        assertThat(facade.listShells(id).shells()).hasSize(MANY);
        shells.forEach(shell -> facade.closeShell(id, shell));
    }

    private void theEndIsRemembered() {
        ShellId shell = open(OpenShell.defaults());
        facade.writeShell(id, shell, "exit 7", true);
        ShellOutput output = facade.readShell(id, shell, ReadShell.defaults().withWaitIdle(ReadShell.MAX_IDLE));
        assertThat(output.shell().state()).isEqualTo(ShellState.EXITED);
        assertThat(output.shell().exitCode()).isEqualTo(7);
        assertThat(output.shell().endedAt()).isAfterOrEqualTo(output.shell().startedAt());
        assertThat(output.output()).contains("exit 7");
        fails(ErrorCode.SHELL_ENDED, "exit code 7", () -> facade.writeShell(id, shell, "x", true));
        fails(ErrorCode.SHELL_ENDED, "exit code 7", () -> facade.signalShell(id, shell, ShellSignal.INT));
        ShellId other = open(OpenShell.defaults());
        assertThat(facade.closeShell(id, shell).shell().exitCode()).isEqualTo(7);
        fails(ErrorCode.SHELL_NOT_FOUND, other.value(), () -> facade.closeShell(id, shell));
        fails(ErrorCode.SHELL_NOT_FOUND, other.value(), () -> facade.writeShell(id, shell, "x", true));
        fails(ErrorCode.SHELL_NOT_FOUND, other.value(), () -> facade.findShell(id, "sh-none"));
        facade.closeShell(id, other);
    }

    private void badInputIsRefused() {
        ShellId shell = open(OpenShell.defaults());
        fails(
                ErrorCode.INVALID_ARGUMENT,
                "its output ends at",
                () -> facade.readShell(id, shell, ReadShell.defaults().withCursor(1L << 40)));
        fails(
                ErrorCode.INVALID_ARGUMENT,
                "its output ends at",
                () -> facade.readShell(
                        id, shell, ReadShell.defaults().withCursor(1L << 40).withWaitFor("x")));
        fails(
                ErrorCode.INVALID_ARGUMENT,
                "its output ends at",
                () -> facade.readShell(
                        id, shell, ReadShell.defaults().withCursor(1L << 40).withWaitIdle(Duration.ofMillis(10))));
        fails(ErrorCode.INVALID_ARGUMENT, "nothing to write", () -> facade.writeShell(id, shell, "", false));
        fails(
                ErrorCode.INVALID_ARGUMENT,
                "put it into a file",
                () -> facade.writeShell(id, shell, "x".repeat(ShellInput.MAX_BYTES), true));
        assertThat(facade.writeShell(id, shell, "", true).inputLength()).isZero();
        fails(ErrorCode.INVALID_ARGUMENT, "1000", () -> facade.resizeShell(id, shell, 0, 30));
        fails(
                ErrorCode.FILE_NOT_FOUND,
                "/workspace/no/such",
                () -> facade.openShell(id, OpenShell.defaults().withCwd("no/such")));
        fails(
                ErrorCode.FILE_UNSUITABLE,
                "not a directory",
                () -> facade.openShell(id, OpenShell.defaults().withCwd("/etc/passwd")));
        fails(
                ErrorCode.PATH_OUTSIDE,
                "leads out",
                () -> facade.openShell(id, OpenShell.defaults().withCwd("../..")));
        facade.closeShell(id, shell);
    }

    private void theyEndWithTheMachine() {
        ShellId shell = open(OpenShell.defaults());
        facade.stopWorkspace(id);
        fails(ErrorCode.WORKSPACE_WRONG_STATE, "is stopped", () -> facade.readShell(id, shell, ReadShell.defaults()));
        fails(ErrorCode.WORKSPACE_WRONG_STATE, "is stopped", () -> facade.openShell(id, OpenShell.defaults()));
    }
}
