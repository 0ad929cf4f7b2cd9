package dev.pyro.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.core.ConditionTimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A shell in a person's terminal, which tmux is here: what is typed, what is seen, and what is left of the terminal. */
class ShellAttachIT extends WorkspaceFixture {
    private static final Duration BOUND = Duration.ofSeconds(60);

    private final String socket = "pyro-it-" + ProcessHandle.current().pid();
    private String id = "";

    @AfterEach
    void endTerminal() {
        host(folder, "tmux -L " + socket + " kill-server || true");
    }

    @Test
    void aTerminalIsLentAndGivenBack() {
        id = create("namespace");
        startTerminal();
        keysAndSizesGoToTheShell();
        aFullScreenProgramIsLeftBehind();
        itsEndIsTheShells();
        aSignalGivesTheTerminalBack("TERM", 143);
        aSignalGivesTheTerminalBack("HUP", 129);
        aWorkspaceIsTakenAway();
    }

    private void startTerminal() {
        List<String> command = new ArrayList<>(List.of("env"));
        pyro.environment().forEach((name, value) -> command.add(name + "=" + value));
        command.addAll(List.of("PS1=HOST> ", "sh"));
        List<String> start = new ArrayList<>(List.of("new-session", "-d", "-s", "it", "-x", "100", "-y", "30"));
        start.addAll(command);
        tmux(start.toArray(String[]::new));
        awaitScreen("HOST>");
    }

    private void keysAndSizesGoToTheShell() {
        attach("");
        type("stty size; echo term=$TERM");
        awaitScreen("30 100");
        awaitScreen("term=" + tmux("show-options", "-gv", "default-terminal").strip());
        type("sh -c 'echo go\"\"es; exec sleep 1000'");
        awaitScreen("goes");
        tmux("send-keys", "-t", "it", "C-c");
        type("echo interrupted=$?");
        awaitScreen("interrupted=130");
        tmux("resize-window", "-t", "it", "-x", "90", "-y", "25");
        // A shell learns of a new size only after a while: it is asked again.
        await().atMost(BOUND).ignoreException(ConditionTimeoutException.class).untilAsserted(() -> {
            type("clear; stty size");
            awaitScreen("25 90", Duration.ofSeconds(2));
        });
        tmux("resize-window", "-t", "it", "-x", "100", "-y", "30");
        tmux("send-keys", "-t", "it", "C-]");
        awaitEnd(0);
        assertThat(screen()).contains("detached: the shell goes on");
        assertThat(pyro.ok("workspace", "shell", "list", id)).contains("[running]");
    }

    private void aFullScreenProgramIsLeftBehind() {
        attach("sh-");
        type("seq 1 500 > /tmp/lines; less /tmp/lines");
        await().atMost(BOUND).until(() -> alternateScreen().equals("1"));
        awaitScreen("/tmp/lines");
        tmux("send-keys", "-t", "it", "C-]");
        awaitEnd(0);
        assertThat(alternateScreen()).isEqualTo("0");
        typeAttach("sh-");
        // It draws itself anew on the terminal that it comes to, over what the command has said.
        await().atMost(BOUND).until(() -> alternateScreen().equals("1"));
        awaitScreen("12");
        tmux("send-keys", "-t", "it", "q");
        await().atMost(BOUND).until(() -> alternateScreen().equals("0"));
    }

    private void itsEndIsTheShells() {
        type("exit 9");
        awaitEnd(9);
        assertThat(screen()).contains("state=exited exit_code=9 ended");
        // It was there before it was attached, so that it is for others to close.
        String shell = pyro.ok("workspace", "shell", "list", id);
        assertThat(shell).contains("[exited]");
        pyro.ok("workspace", "shell", "close", id, shell.substring(0, shell.indexOf(' ')));
        attach("");
        type("exit 3");
        awaitEnd(3);
        assertThat(pyro.ok("workspace", "shell", "list", id)).isEqualTo("No workspace shells found.\n");
    }

    private void aSignalGivesTheTerminalBack(String signal, int exitCode) {
        attach("");
        String pid = host(folder, "pgrep -f '[p]yro.jar workspace shell attach " + id + "'; true")
                .lines()
                .findFirst()
                .orElseThrow();
        host(folder, "kill -" + signal + " " + pid);
        awaitEnd(exitCode);
    }

    private void aWorkspaceIsTakenAway() {
        attach("");
        pyro.ok("workspace", "delete", id);
        awaitEnd(1);
        assertThat(screen()).contains("was deleted");
    }

    /** Runs the command and waits until the shell shows its prompt. */
    private void attach(String shell) {
        typeAttach(shell);
        if (shell.isEmpty()) {
            // What a shell has shown before may clear the screen of it.
            awaitScreen("Ctrl-] detaches");
        }
        await().atMost(BOUND).until(() -> screen().lines().anyMatch(line -> line.contains("# ") || line.equals(":")));
    }

    private void typeAttach(String shell) {
        tmux("clear-history", "-t", "it");
        type("clear");
        await().atMost(BOUND).until(() -> screen().lines().noneMatch(line -> line.contains("# ")));
        type("stty -a > before; " + PyroLauncher.PROJECT.resolve("pyro") + " workspace shell attach " + id + " " + shell
                + "; echo code=$?; stty -a > after; echo is''over");
    }

    private void awaitEnd(int exitCode) {
        awaitScreen("isover");
        assertThat(screen()).contains("code=" + exitCode);
        assertThat(folder.resolve("after")).hasSameTextualContentAs(folder.resolve("before"));
    }

    private void type(String line) {
        tmux("send-keys", "-t", "it", "-l", line);
        tmux("send-keys", "-t", "it", "Enter");
    }

    private String screen() {
        // Lines that the terminal has broken are whole.
        return tmux("capture-pane", "-p", "-J", "-t", "it");
    }

    private String alternateScreen() {
        return tmux("display-message", "-p", "-t", "it", "#{alternate_on}").strip();
    }

    private void awaitScreen(String text) {
        awaitScreen(text, BOUND);
    }

    private void awaitScreen(String text, Duration bound) {
        await().atMost(bound).untilAsserted(() -> assertThat(screen()).contains(text));
    }

    private String tmux(String... arguments) {
        List<String> command = new ArrayList<>(List.of("tmux", "-L", socket, "-f", "/dev/null"));
        command.addAll(List.of(arguments));
        return host(folder, command);
    }
}
