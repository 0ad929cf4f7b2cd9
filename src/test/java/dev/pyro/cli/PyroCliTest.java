package dev.pyro.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pyro.cli.render.Terminal;
import dev.pyro.json.Json;
import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import dev.pyro.sdk.Pyro;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine.ParseResult;

class PyroCliTest {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    private static final Supplier<Pyro> NO_PYRO = PyroCliTest::noPyro;
    private static final Supplier<Pyro> FAILING = PyroCliTest::failing;

    private static Pyro noPyro() {
        throw new AssertionError("a usage error or help must not open Pyro");
    }

    private static Pyro failing() {
        throw new PyroException(ErrorCode.DISK_FULL, "the disk is full");
    }

    private int run(Supplier<Pyro> pyro, String... arguments) {
        return new PyroCli("1.2.3", pyro, new Terminal(Channels.newChannel(out), Channels.newChannel(err), false))
                .run(List.of(arguments));
    }

    private String stdout() {
        return out.toString(StandardCharsets.UTF_8);
    }

    private String stderr() {
        return err.toString(StandardCharsets.UTF_8);
    }

    @Test
    void aClientIsToldAbsoluteFolders() {
        Terminal terminal = new Terminal(Channels.newChannel(out), Channels.newChannel(err), false);
        Map<String, String> environment = Map.of(
                "PYRO_LAUNCHER", "./pyro", "PYRO_STATE_DIR", "some/../state", "PYRO_MCP_TOKEN", "secret", "HOME", "/h");
        assertThat(new PyroCli("1.2.3", NO_PYRO, terminal, InputStream.nullInputStream(), () -> environment)
                        .run(List.of("mcp", "config", "cursor")))
                .isZero();
        assertThat(stdout())
                .contains("\"" + Path.of("pyro").toAbsolutePath() + "\"")
                .contains("\"PYRO_STATE_DIR\": \"" + Path.of("state").toAbsolutePath() + "\"")
                .doesNotContain("secret");
        assertThat(stderr()).contains("/h/.cursor/mcp.json");
    }

    @Test
    void versionIsOneLineOnStdout() {
        assertThat(run(NO_PYRO, "--version")).isZero();
        assertThat(stdout()).isEqualTo("pyro 1.2.3\n");
    }

    @Test
    void helpListsEveryCommandThoughOnlyOneBranchIsBuilt() {
        assertThat(run(NO_PYRO, "--help")).isZero();
        assertThat(stdout()).contains("run", "env", "doctor", "Disposable computers");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "run",
                "env list",
                "env pull",
                "env inspect",
                "env prune",
                "doctor",
                "env",
                "workspace",
                "workspace create",
                "workspace list",
                "workspace update",
                "workspace status",
                "workspace start",
                "workspace stop",
                "workspace delete",
                "workspace exec",
                "workspace logs",
                "workspace sync",
                "workspace sync push",
                "workspace export",
                "workspace diff",
                "workspace file",
                "workspace file list",
                "workspace file read",
                "workspace file write",
                "workspace patch",
                "workspace patch apply",
                "workspace snapshot",
                "workspace snapshot create",
                "workspace snapshot list",
                "workspace snapshot delete",
                "workspace reset",
                "workspace disk",
                "workspace disk list",
                "workspace disk read",
                "workspace disk export",
                "mcp",
                "mcp config",
                "mcp serve",
                "demo",
                "demo ollama"
            })
    void everyCommandHasHelp(String command) {
        assertThat(run(NO_PYRO, (command + " --help").split(" "))).isZero();
        assertThat(stdout()).startsWith("Usage: pyro " + command);
        assertThat(stderr()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "'' | a command is missing",
                "env | a command is missing",
                "rnu | rnu",
                "env lst | lst",
                "run debian:12 | required after `--`",
                "run debian:12 -- | required after `--`",
                "run -- true | ENVIRONMENT",
                "run debian:12 git -- true | git",
                "run --vcpu-count many debian:12 -- true | many",
                "run --wrong debian:12 -- true | --wrong",
                "env list -- true | nothing after `--`",
                "env inspect | ENVIRONMENT",
                "run --netwrok debian:12 -- true | did you mean `--network`",
                "workspace | a command is missing",
                "mcp | a command is missing",
                "mcp config | CLIENT",
                "mcp config claude | `claude-code`, `claude-desktop`, `codex`, `opencode`, `cursor`, `vscode`",
                "mcp config claude-desktop --project | no configuration file in a project",
                "mcp config cursor --url http://h/ --profile vm-run | not of the client",
                "mcp config cursor --profile all | --profile must be one of vm-run, workspace-core, workspace-full",
                "mcp serve --profile all | --profile must be one of vm-run, workspace-core, workspace-full",
                "mcp serve --transport sse | --transport must be stdio or http",
                "mcp serve --port 8417 | --port goes with --transport http only",
                "demo olama | olama",
                "workspace snapshot | a command is missing",
                "workspace statsu ws-1 | did you mean `status`",
                "workspace status | WORKSPACE_ID",
                "workspace status a b | b",
                "workspace exec ws-1 | as in: pyro workspace exec ws-0123456789ab -- git status",
                "workspace exec -- true | WORKSPACE_ID",
                "workspace exec ws-1 --timeout-seconds ten -- true | ten",
                "workspace create | ENVIRONMENT",
                "workspace create debian:12 --label owner | KEY=VALUE",
                "workspace create debian:12 --label =ada | KEY=VALUE",
                "workspace create debian:12 --label a=b --label a=c | given twice",
                "workspace create debian:12 --name a --name b | --name",
                "workspace create debian:12 --seed-path= | --seed-path is empty",
                "workspace create debian:12 --network-policy on | `off`, `egress` or `egress+published-ports`, not",
                "workspace create debian:12 --secret hunter2 | --secret takes NAME=VALUE",
                "workspace create debian:12 --secret A= | --secret takes NAME=VALUE",
                "workspace create debian:12 --secret =hunter2 | --secret takes NAME=VALUE",
                "workspace create debian:12 --secret | NAME=VALUE",
                "workspace create debian:12 --secret-file hunter2 | --secret-file takes NAME=PATH",
                "workspace create debian:12 --secret-file A= | --secret-file takes NAME=PATH",
                "workspace create debian:12 --secret A=hunter2 --secret-file A=/b | one name is given to two secrets",
                "workspace create debian:12 --secret-file A=- --secret-file B=- | one secret only",
                "workspace create debian:12 --secret A hunter2 | belong to no option",
                "workspace create debian:12 --secrets A=hunter2 | unknown options: --secrets",
                "workspace create debian:12 --secrets=A=hunter2 | unknown options: --secrets",
                "workspace exec ws-1 --secret-env =hunter2 -- true | neither of them empty",
                "workspace exec ws-1 --secret-env A= -- true | neither of them empty",
                "workspace exec ws-1 --secret-env A --secret-env A=B -- true | given twice for one secret",
                "workspace update ws-1 | nothing to change",
                "workspace update ws-1 --name a --clear-name | exclude each other",
                "workspace update ws-1 --label owner | KEY=VALUE",
                "workspace sync push ws-1 | SOURCE_PATH",
                "workspace export ws-1 a | --output",
                "workspace export ws-1 a --output= | --output is empty",
                "workspace file read ws-1 | PATH",
                "workspace file read ws-1 a --max-bytes many | many",
                "workspace file write ws-1 a | --text-file",
                "workspace file write ws-1 a --text b --text-file c | exclude each other",
                "workspace file write ws-1 a --text-file= | --text-file is empty",
                "workspace patch apply ws-1 | --patch-file",
                "workspace patch apply ws-1 --patch a --patch-file b | exclude each other",
                "workspace snapshot create ws-1 | SNAPSHOT_NAME",
                "workspace disk export ws-1 | --output",
                "workspace list -- true | nothing after `--`"
            })
    void aUsageErrorSaysWhatAndExitsWithTwo(String line, String expected) {
        assertThat(run(NO_PYRO, line.isEmpty() ? new String[0] : line.split(" ")))
                .isEqualTo(2);
        assertThat(stdout()).isEmpty();
        assertThat(stderr())
                .startsWith("[error] ")
                .contains(expected)
                .contains("--help")
                .doesNotContain("hunter2");
    }

    @Test
    void aFailureIsOneLineWithoutStackTrace() {
        assertThat(run(FAILING, "env", "list")).isEqualTo(1);
        assertThat(stderr()).isEqualTo("[error] the disk is full\n");
        assertThat(stdout()).isEmpty();
    }

    @Test
    void aFailureUnderJsonIsOneDocumentOnStdout() {
        assertThat(run(FAILING, "env", "list", "--json")).isEqualTo(1);
        assertThat(stderr()).isEmpty();
        assertThat(stdout()).isEqualTo("""
                        {
                          "code": "DISK_FULL",
                          "error": "the disk is full",
                          "ok": false
                        }
                        """);
        assertThat(Json.parseObject(stdout()).bool("ok")).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"env list --debug", "env --debug list", "--debug env list"})
    void debugAddsTheStackTraceWhereverItStands(String line) {
        assertThat(run(FAILING, line.split(" "))).isEqualTo(1);
        assertThat(stderr()).contains("PyroException", "[error] the disk is full");
    }

    @Test
    void aSizeOutOfRangeIsAnErrorOfTheFacadeNotOfTheCommandLine() {
        assertThat(run(NO_PYRO, "run", "--mem-mib", "1", "debian:12", "--", "true"))
                .isEqualTo(1);
        assertThat(stderr()).isEqualTo("[error] mem_mib must be between 128 and 65536, not 1\n");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--secret hunter-2=hunter2 | a secret's name must be letters",
                "--secret A=hunter2 --secret-file B=/no/such | the secret B: there is no file",
                "--secret A=hunter2 --secret-file B=/ | the secret B: \"/\" is a directory"
            })
    void aSecretThatIsNoneIsAFailureThatShowsNoValue(String options, String expected) {
        assertThat(run(NO_PYRO, ("workspace create debian:12 --debug " + options).split(" ")))
                .isEqualTo(1);
        assertThat(stdout()).isEmpty();
        assertThat(stderr()).contains("[error] " + expected).doesNotContain("hunter");
    }

    @Test
    void everyCommandOfAWorkspaceFindsItThroughTheFacade() {
        for (String line : List.of(
                "status ws-1",
                "start ws-1",
                "stop ws-1",
                "delete ws-1",
                "logs ws-1",
                "diff ws-1",
                "reset ws-1 --snapshot a",
                "update ws-1 --name a",
                "export ws-1 a --output /tmp/a",
                "sync push ws-1 /tmp/a --dest b",
                "file list ws-1",
                "file read ws-1 a",
                "file write ws-1 a --text=",
                "patch apply ws-1 --patch a --allow-mode-only",
                "snapshot create ws-1 a",
                "snapshot list ws-1",
                "snapshot delete ws-1 a",
                "disk list ws-1 /etc --recursive",
                "disk read ws-1 a --max-bytes 5",
                "disk export ws-1 --output /tmp/a")) {
            err.reset();
            assertThat(run(FAILING, ("workspace " + line).split(" "))).as(line).isEqualTo(1);
            assertThat(stderr()).as(line).isEqualTo("[error] the disk is full\n");
        }
        err.reset();
        assertThat(run(FAILING, "workspace", "exec", "ws-1", "--", "true")).isEqualTo(1);
        assertThat(stderr()).isEqualTo("[error] the disk is full\n");
    }

    @Test
    void aFailureWithBytesThatAreNoTextIsStillADocument() {
        Supplier<Pyro> pyro = () -> {
            throw new PyroException(ErrorCode.FILE_NOT_FOUND, "no file caf\uDCE9");
        };
        assertThat(run(pyro, "workspace", "list", "--json")).isEqualTo(1);
        assertThat(Json.parseObject(stdout()).string("error")).isEqualTo("no file caf\\xe9");
    }

    @ParameterizedTest
    @ValueSource(strings = {"@/etc/hosts", "@@ -1 +1 @@", "--- a/file", "-", " a "})
    void aTextIsNoFileOfArgumentsAndNoOptions(String text) {
        List<String> line = List.of("workspace", "file", "write", "ws-1", "a", "--text", text);
        ParseResult parsed = new CommandTree("0").build(line).parseArgs(line.toArray(String[]::new));
        ParseResult leaf = parsed.subcommand().subcommand().subcommand();
        assertThat(leaf.matchedOptionValue("--text", "")).isEqualTo(text);
    }

    @Test
    void aClosedStdoutEndsQuietlyAsSigpipeWould() {
        WritableByteChannel closed = new WritableByteChannel() {
            @Override
            public int write(ByteBuffer bytes) throws IOException {
                throw new IOException("Broken pipe");
            }

            @Override
            public boolean isOpen() {
                return true;
            }

            @Override
            public void close() {}
        };
        int code = new PyroCli("1", FAILING, new Terminal(closed, Channels.newChannel(err), false))
                .run(List.of("env", "list", "--json"));
        assertThat(code).isEqualTo(141);
        assertThat(stderr()).isEmpty();
    }
}
