package dev.pyro.cli.workspace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pyro.cli.command.CliCommand;
import dev.pyro.cli.command.CliContext;
import dev.pyro.cli.render.Terminal;
import dev.pyro.model.CreateWorkspace;
import dev.pyro.model.NetworkPolicy;
import dev.pyro.model.OpenShell;
import dev.pyro.model.PublishPort;
import dev.pyro.model.PyroException;
import dev.pyro.model.Readiness;
import dev.pyro.model.Secret;
import dev.pyro.model.SecretSource;
import dev.pyro.model.StartService;
import dev.pyro.model.UpdateWorkspace;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/** What the commands make of their arguments, before they call the facade. */
class CommandArgumentsTest {
    private static final TextOptions TEXT = new TextOptions("--text", 8);

    @TempDir
    Path folder;

    private static ParseResult parse(CliCommand command, String... arguments) {
        CommandSpec spec = CommandSpec.create().name(command.name());
        command.configure(spec);
        return new CommandLine(spec).parseArgs(arguments);
    }

    private static CreateWorkspace create(String... arguments) {
        return WorkspaceCreateCommand.options(
                parse(new WorkspaceCreateCommand(), arguments), context("cert\n".getBytes(StandardCharsets.UTF_8)));
    }

    private static CliContext context(byte[] input) {
        Terminal nowhere = new Terminal(
                Channels.newChannel(new ByteArrayOutputStream()),
                Channels.newChannel(new ByteArrayOutputStream()),
                false);
        return new CliContext(
                () -> {
                    throw new AssertionError("arguments must not open Pyro");
                },
                nowhere,
                new ByteArrayInputStream(input),
                Map.of(),
                List.of());
    }

    private static String text(byte[] input, String... arguments) {
        CommandSpec spec = CommandSpec.create();
        TEXT.addTo(spec, "A text.");
        return TEXT.read(new CommandLine(spec).parseArgs(arguments), context(input));
    }

    @Test
    void aWorkspaceIsCreatedWithTheDefaultsOfTheContract() {
        assertThat(create("debian:12")).isEqualTo(CreateWorkspace.defaults());
    }

    @Test
    void everyOptionOfCreateArrives() {
        assertThat(create(
                        "debian:12",
                        "--vcpu-count=2",
                        "--mem-mib=2048",
                        "--disk-mib=512",
                        "--ttl-seconds=3600",
                        "--network-policy=egress",
                        "--allow-host-compat",
                        "--seed-path=/seed",
                        "--name=n",
                        "--label=a=b=c",
                        "--label=e=",
                        "--secret=TOKEN=hunter2==",
                        "--secret-file=CERT=-"))
                .isEqualTo(new CreateWorkspace(
                        2,
                        2048,
                        512,
                        Duration.ofHours(1),
                        NetworkPolicy.EGRESS,
                        true,
                        Path.of("/seed"),
                        "n",
                        Map.of("a", "b=c", "e", ""),
                        List.of(
                                Secret.literal("TOKEN", "hunter2=="),
                                new Secret("CERT", SecretSource.FILE, "cert\n"))));
    }

    @Test
    void anUpdateHoldsWhatWasGiven() {
        assertThat(WorkspaceUpdateCommand.changes(parse(
                        new WorkspaceUpdateCommand(), "ws-1", "--label", "a=b", "--clear-label", "c", "--clear-name")))
                .isEqualTo(new UpdateWorkspace(null, true, Map.of("a", "b"), List.of("c")));
        assertThat(WorkspaceUpdateCommand.changes(parse(new WorkspaceUpdateCommand(), "ws-1", "--name", "n")))
                .isEqualTo(UpdateWorkspace.nothing().withName("n"));
    }

    @Test
    void aServiceIsStartedWithTheDefaultsOfTheContract() {
        assertThat(ServiceStartCommand.options(parse(new ServiceStartCommand(), "ws-1", "web")))
                .isEqualTo(StartService.defaults());
    }

    @Test
    void everyOptionOfAServiceArrives() {
        assertThat(ServiceStartCommand.options(parse(
                        new ServiceStartCommand(),
                        "ws-1",
                        "web",
                        "--cwd=app",
                        "--ready-http=http://localhost:8080/x",
                        "--ready-timeout-seconds=5",
                        "--ready-interval-ms=100",
                        "--secret-env=TOKEN",
                        "--publish=8080",
                        "--publish=18081:8081",
                        "--user=web:www")))
                .isEqualTo(new StartService(
                        "app",
                        new Readiness.HttpAnswers("http://localhost:8080/x"),
                        Duration.ofSeconds(5),
                        Duration.ofMillis(100),
                        Map.of("TOKEN", "TOKEN"),
                        List.of(new PublishPort(8080, null), new PublishPort(8081, 18_081)),
                        "web:www"));
        assertThat(ServiceStartCommand.options(
                                parse(new ServiceStartCommand(), "ws-1", "web", "--ready-command=test -e a"))
                        .readiness())
                .isEqualTo(new Readiness.CommandSucceeds("test -e a"));
    }

    @Test
    void everyOptionOfAShellArrives() {
        assertThat(ShellOpenCommand.options(parse(new ShellOpenCommand(), "ws-1")))
                .isEqualTo(OpenShell.defaults());
        assertThat(ShellOpenCommand.options(parse(
                        new ShellOpenCommand(),
                        "ws-1",
                        "--cwd=src",
                        "--term=xterm",
                        "--cols=80",
                        "--rows=24",
                        "--secret-env=TOKEN=T",
                        "--user=1000")))
                .isEqualTo(new OpenShell("src", 80, 24, Map.of("TOKEN", "T"), "xterm", "1000"));
    }

    @Test
    void aTextIsAnOptionsValueAsItIs() {
        assertThat(text(new byte[0], "--text", " a\n@b ")).isEqualTo(" a\n@b ");
        assertThat(text(new byte[0], "--text=")).isEmpty();
        assertThat(text(new byte[0], "--text=-h")).isEqualTo("-h");
    }

    @Test
    void aTextComesFromAFileOrStandardInput() throws IOException {
        Path file = Files.writeString(folder.resolve("text"), "é\n");
        assertThat(text(new byte[0], "--text-file", file.toString())).isEqualTo("é\n");
        assertThat(text("12345678".getBytes(StandardCharsets.UTF_8), "--text-file", "-"))
                .isEqualTo("12345678");
    }

    @Test
    void aTextThatCannotBeTakenSaysWhy() throws IOException {
        assertThatThrownBy(() -> text("123456789".getBytes(StandardCharsets.UTF_8), "--text-file", "-"))
                .isInstanceOf(PyroException.class)
                .hasMessageContaining("standard input is longer than 8 bytes");
        assertThatThrownBy(() -> text(new byte[] {'a', (byte) 0xe9}, "--text-file=-"))
                .isInstanceOf(PyroException.class)
                .hasMessageContaining("standard input is no UTF-8 text");
        assertThatThrownBy(() ->
                        text(new byte[0], "--text-file", folder.resolve("none").toString()))
                .isInstanceOf(PyroException.class)
                .hasMessageContaining("there is no file")
                .hasMessageContaining("none");
        assertThatThrownBy(() -> text(new byte[0], "--text-file", folder.toString()))
                .isInstanceOf(PyroException.class)
                .hasMessageContaining("cannot read");
        assertThatThrownBy(() -> text(new byte[0])).isInstanceOf(ParameterException.class);
    }
}
