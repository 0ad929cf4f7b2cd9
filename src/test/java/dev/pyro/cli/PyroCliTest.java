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
                "workspace service",
                "workspace service start",
                "workspace service list",
                "workspace service status",
                "workspace service logs",
                "workspace service stop",
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
                "workspace shell | a command is missing",
                "workspace shell read ws-1 | SHELL_ID",
                "workspace shell read ws-1 sh-1 --cursor many | many",
                "workspace shell write ws-1 sh-1 | --input-file",
                "workspace shell write ws-1 sh-1 --input a --input-file b | exclude each other",
                "workspace shell signal ws-1 sh-1 --signal STOP | --signal must be one of HUP, INT, TERM, KILL",
                "workspace shell open ws-1 --secret-env =A | --secret-env",
                "workspace shell attach ws-1 sh-1 --cwd / | for a new shell",
                "workspace shell attach ws-1 --detach-key ] | ctrl- and a letter",
                "workspace disk export ws-1 | --output",
                "workspace service | a command is missing",
                "workspace service start ws-1 | SERVICE_NAME",
                "workspace service start ws-1 web | as in: pyro workspace service start ws-0123456789ab web -- python3",
                "workspace service start -- true | WORKSPACE_ID",
                "workspace service start ws-1 web --publish x -- true | GUEST_PORT|HOST_PORT:GUEST_PORT, such as 8080",
                "workspace service start ws-1 web --publish 1:2:3 -- true | not \"1:2:3\"",
                "workspace service start ws-1 web --publish= -- true | not \"\"",
                "workspace service start ws-1 web --publish 99999999999 -- true | --publish takes",
                "workspace service start ws-1 web --ready-file a --ready-tcp b:1 -- true | not --ready-file and --ready-tcp",
                "workspace service start ws-1 web --ready-timeout-seconds x -- true | x",
                "workspace service status ws-1 | SERVICE_NAME",
                "workspace service logs ws-1 | SERVICE_NAME",
                "workspace service logs ws-1 web --follow --json | give one",
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

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "start w s --publish 0 | guest_port must be between 1 and 65535, not 0",
                "start w s --publish 70000 | guest_port must be between 1 and 65535, not 70000",
                "start w s --publish 80:8080 | host_port 80 is privileged",
                "start w s --publish 70000:80 | host_port must be between 1 and 65535, not 70000",
                "start w s --publish 8080 --publish 8080 | guest_port 8080 is published twice",
                "start w s --publish 1080:80 --publish 1080:81 | host_port 1080 is published twice",
                "start w s --ready-http https://localhost/ | use ready_command with `curl -fsSk https://localhost/`",
                "start w s --ready-http http://example.org/ | ready_http must be an http:// URL",
                "start w s --ready-tcp 8080 | ready_tcp must be HOST:PORT",
                "start w s --ready-tcp a:8080 | ready_tcp must be HOST:PORT",
                "start w s --ready-timeout-seconds 0 | ready_timeout_seconds must be between 1 and 86400, not 0",
                "start w s --ready-timeout-seconds 86401 | ready_timeout_seconds must be between 1 and 86400",
                "start w s --ready-interval-ms 9 | ready_interval_ms must be between 10 and 60000, not 9",
                "start w s --ready-interval-ms 60001 | ready_interval_ms must be between 10 and 60000",
                "logs w s --tail-lines -1 | tail_lines must be between 0 and 1000000, not -1"
            })
    void whatAServiceCannotHaveIsTold(String line, String expected) {
        List<String> words = new java.util.ArrayList<>(List.of(("workspace service " + line).split(" ")));
        if (line.startsWith("start")) {
            words.addAll(List.of("--", "true"));
        }
        assertThat(run(NO_PYRO, words.toArray(String[]::new))).isEqualTo(1);
        assertThat(stderr()).startsWith("[error] ").contains(expected);
    }

    @ParameterizedTest
    @ValueSource(strings = {"run debian:12 --user -1 -- true", "run debian:12 --user= -- true"})
    void aMalformedUserIsRefusedWithItsForm(String line) {
        assertThat(run(NO_PYRO, line.split(" "))).isOne();
        assertThat(stderr()).contains("user must be NAME or UID, and may be followed by :GROUP or :GID");
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
                "shell open ws-1 --cols 80 --rows 24 --cwd / --term xterm --secret-env A=B",
                "shell list ws-1",
                "shell read ws-1 sh-1 --cursor 5000000000 --wait-for a",
                "shell write ws-1 sh-1 --input a --no-newline",
                "shell signal ws-1 sh-1 --signal KILL",
                "shell close ws-1 sh-1",
                "snapshot delete ws-1 a",
                "service list ws-1",
                "service status ws-1 web",
                "service stop ws-1 web",
                "service logs ws-1 web --all",
                "service logs ws-1 web --tail-lines 0 --follow",
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
