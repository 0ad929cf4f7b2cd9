package dev.pyro.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ShellArgumentsTest {
    private static void refused(String message, ThrowingCallable call) {
        assertThatThrownBy(call).isInstanceOfSatisfying(PyroException.class, e -> {
            assertThat(e.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT);
            assertThat(e).hasMessageContaining(message);
        });
    }

    @Test
    void anIdHasItsForm() {
        assertThat(ShellId.of(new byte[] {0, 1, 2, 3, 4, (byte) 0xff})).isEqualTo(new ShellId("sh-0001020304ff"));
        assertThat(ShellId.find("sh-0001020304ff")).contains(new ShellId("sh-0001020304ff"));
        assertThat(ShellId.find("sh-00")).isEmpty();
        refused("shell_id", () -> new ShellId("ws-0001020304ff"));
    }

    @Test
    void theDefaultsAreThoseOfTheContract() {
        assertThat(OpenShell.defaults()).isEqualTo(new OpenShell("/workspace", 120, 30, Map.of(), "dumb", null));
        assertThat(ReadShell.defaults()).isEqualTo(new ReadShell(0, 65_536, null, null, Duration.ofSeconds(30)));
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 0, 1001, Integer.MAX_VALUE})
    void aSizeThatNoTerminalHasIsRefused(int size) {
        refused("cols must be between 1 and 1000", () -> OpenShell.defaults().withSize(size, 30));
        refused("rows must be between 1 and 1000", () -> OpenShell.defaults().withSize(80, size));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a b", "../x", "x\n", "-x"})
    void aKindOfTerminalIsAName(String term) {
        refused("term must be", () -> OpenShell.defaults().withTerm(term));
    }

    @Test
    void aReadIsChecked() {
        refused("cursor", () -> ReadShell.defaults().withCursor(-1));
        refused(
                "max_chars must be between 1 and 1048576",
                () -> ReadShell.defaults().withMaxChars(0));
        refused("max_chars", () -> ReadShell.defaults().withMaxChars(ReadShell.MAX_CHARS + 1));
        refused("wait_for must have 1 to 4096", () -> ReadShell.defaults().withWaitFor(""));
        refused("wait_for", () -> ReadShell.defaults().withWaitFor("x".repeat(4097)));
        refused(
                "wait_idle_ms must be between 1 and 60000",
                () -> ReadShell.defaults().withWaitIdle(Duration.ZERO));
        refused("wait_idle_ms", () -> ReadShell.defaults().withWaitIdle(Duration.ofMinutes(2)));
        refused(
                "exclude each other",
                () -> ReadShell.defaults().withWaitFor("x").withWaitIdle(Duration.ofMillis(5)));
        refused("timeout_seconds", () -> ReadShell.defaults().withTimeout(Duration.ZERO));
        assertThat(ReadShell.defaults().withWaitFor("x").withoutWaiting()).isEqualTo(ReadShell.defaults());
    }

    @Test
    void aSignalIsOneOfFour() {
        assertThat(ShellSignal.of("KILL")).isEqualTo(ShellSignal.KILL);
        refused("one of HUP, INT, TERM, KILL, not \"STOP\"", () -> ShellSignal.of("STOP"));
        refused("one of", () -> ShellSignal.of("int"));
    }
}
