package dev.pyro.workspace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.entry;

import dev.pyro.agent.ExecRequest;
import dev.pyro.agent.StartJob;
import dev.pyro.agent.StartOptions;
import dev.pyro.agent.TerminalSize;
import dev.pyro.model.ErrorCode;
import dev.pyro.model.ExecVm;
import dev.pyro.model.ExecWorkspace;
import dev.pyro.model.ExecutionMode;
import dev.pyro.model.ImageSettings;
import dev.pyro.model.OpenShell;
import dev.pyro.model.PyroException;
import dev.pyro.model.ShellId;
import dev.pyro.model.StartService;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CommandSettingsTest {
    private static final ShellId SHELL = ShellId.of(new byte[ShellId.RANDOM_BYTES]);
    private static final ExecVm EXEC = ExecVm.defaults().withTimeout(Duration.ofSeconds(7));

    private static ImageSettings image(@Nullable String user, @Nullable String workingDir, boolean loginShell) {
        return new ImageSettings(
                List.of("PATH=/opt/bin:/bin", "EMPTY=", "NOVALUE", "=x", "A=1", "A=b=c", "TERM=vt52"),
                workingDir,
                user,
                null,
                null,
                List.of("/entry"),
                List.of("cmd"),
                Map.of(),
                loginShell);
    }

    private static CommandSettings guest(@Nullable ImageSettings image) {
        return CommandSettings.of(image, ExecutionMode.GUEST_VIRTIO);
    }

    private static void refused(ErrorCode code, String message, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        PyroException.class, e -> assertThat(e.code()).isEqualTo(code))
                .hasMessageContaining(message);
    }

    @Test
    void withoutAnImageNothingIsSaid() {
        assertThat(guest(null).exec("true", EXEC))
                .isEqualTo(ExecRequest.of("true").withTimeout(Duration.ofSeconds(7)));
        StartJob shell = guest(null).shell(SHELL, OpenShell.defaults(), Map.of());
        assertThat(shell.options()).isEqualTo(StartOptions.USUAL);
        assertThat(shell.environment()).containsOnly(entry("TERM", "dumb"));
        assertThat(guest(null).service("web", "serve", StartService.defaults(), Map.of()))
                .isEqualTo(StartJob.service("web", "serve", "/workspace", Map.of()));
    }

    @Test
    void aCommandRunsAsItsImageSays() {
        ExecRequest request = guest(image("app:staff", "/srv", false)).exec("python -V", EXEC);

        assertThat(request.directory()).isEqualTo("/srv");
        assertThat(request.environment())
                .containsExactly(
                        entry("PATH", "/opt/bin:/bin"), entry("EMPTY", ""), entry("A", "b=c"), entry("TERM", "vt52"));
        assertThat(request.directoryMade()).isTrue();
        assertThat(request.options()).isEqualTo(new StartOptions("app:staff", List.of("python", "-V"), false));
    }

    @Test
    void aDirectoryIsMadeOnlyWhereTheImageNamesOne() {
        for (String none : new String[] {null, ""}) {
            ExecRequest request = guest(image(null, none, false)).exec("true", EXEC);
            assertThat(request.directory()).isNull();
            assertThat(request.directoryMade()).isFalse();
        }
        assertThat(guest(image(null, "srv/x", false)).exec("true", EXEC).directory())
                .isEqualTo("/srv/x");
    }

    @Test
    void anImageOfPyrosOwnKeepsItsLoginShell() {
        assertThat(guest(image(null, null, true)).exec("a | b", EXEC).options())
                .isEqualTo(new StartOptions("0", List.of(), true));
    }

    @Test
    void theUserOfTheCallHolds() {
        assertThat(guest(image("app", null, false))
                        .exec("true", EXEC.withUser("0"))
                        .options()
                        .user())
                .isEqualTo("0");
        assertThat(guest(null).exec("true", EXEC.withUser("nobody")).options().user())
                .isEqualTo("nobody");
        // Root as the image's /etc/passwd has it, whose home may be another than /root.
        assertThat(guest(image("", null, false)).exec("true", EXEC).options().user())
                .isEqualTo("0");
    }

    @Test
    void inAWorkspaceEverythingStartsInItsFolderWithTheVariablesOfTheCallOverThoseOfTheImage() {
        CommandSettings settings = guest(image("app", "/srv", false));
        Map<String, String> secrets = Map.of("A", "secret");

        ExecRequest exec = settings.exec("make 'x y'", ExecWorkspace.defaults().withUser("1:2"), secrets);
        assertThat(exec.directory()).isEqualTo("/workspace");
        assertThat(exec.environment()).contains(entry("A", "secret"), entry("PATH", "/opt/bin:/bin"));
        assertThat(exec.options()).isEqualTo(new StartOptions("1:2", List.of("make", "x y"), false));

        StartJob shell = settings.shell(
                SHELL, OpenShell.defaults().withCwd("/tmp").withSize(100, 20).withTerm("xterm"), secrets);
        assertThat(shell.command()).isNull();
        assertThat(shell.directory()).isEqualTo("/tmp");
        assertThat(shell.size()).isEqualTo(new TerminalSize(100, 20));
        assertThat(shell.environment()).contains(entry("A", "secret"), entry("TERM", "xterm"), entry("EMPTY", ""));
        assertThat(shell.options()).isEqualTo(new StartOptions("app", List.of(), false));

        StartJob service =
                settings.service("web", "serve", StartService.defaults().withUser("www"), secrets);
        assertThat(service.command()).isEqualTo("serve");
        assertThat(service.environment()).contains(entry("A", "secret"), entry("PATH", "/opt/bin:/bin"));
        assertThat(service.options()).isEqualTo(new StartOptions("www", List.of("serve"), false));
    }

    @ParameterizedTest
    @ValueSource(strings = {"root", "0", "root:root", "0:0"})
    void inNamespacesThereIsRootAlone(String root) {
        CommandSettings settings = CommandSettings.of(image("app", null, false), ExecutionMode.HOST_COMPAT);

        assertThat(settings.exec("true", EXEC).options().user()).isEqualTo("0");
        assertThat(settings.exec("true", EXEC.withUser(root)).options().user()).isEqualTo("0");
        CommandSettings catalogue = CommandSettings.of((ImageSettings) null, ExecutionMode.HOST_COMPAT);
        assertThat(catalogue.exec("true", EXEC.withUser(root)).options().user()).isNull();
        refused(
                ErrorCode.HOST_UNSUPPORTED,
                "no user \"app\" in Linux namespaces",
                () -> settings.exec("true", EXEC.withUser("app")));
        refused(
                ErrorCode.HOST_UNSUPPORTED,
                "only root is mapped",
                () -> settings.shell(SHELL, OpenShell.defaults().withUser("0:1"), Map.of()));
        refused(
                ErrorCode.HOST_UNSUPPORTED,
                "only root is mapped",
                () -> settings.service("web", "x", StartService.defaults().withUser("1"), Map.of()));
    }

    @Test
    void anEmptySideOfAnImagesUserMeansNothing() {
        Map<String, String> meant = Map.of("1000:", "1000", ":5", "root:5", "app:staff", "app:staff");
        meant.forEach((said, user) -> assertThat(guest(image(said, null, false))
                        .exec("true", EXEC)
                        .options()
                        .user())
                .isEqualTo(user));
        assertThat(guest(image(":", null, false)).exec("true", EXEC).options().user())
                .isEqualTo("root");
    }

    @Test
    void anImageWhoseUserIsNoneSaysWhatToDo() {
        CommandSettings settings = guest(image("a b:\u001b", null, false));

        refused(ErrorCode.GUEST_USER_UNKNOWN, "\"a b:\\u001b\", which is no user", () -> settings.exec("true", EXEC));
        assertThat(settings.exec("true", EXEC.withUser("root")).options().user())
                .isEqualTo("root");
    }
}
