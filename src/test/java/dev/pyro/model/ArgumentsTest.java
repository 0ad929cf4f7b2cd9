package dev.pyro.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ArgumentsTest {
    private static final CreateVm DEFAULTS = CreateVm.defaults();

    private static void assertInvalid(ThrowingCallable call, String expected) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        PyroException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT))
                .hasMessageContaining(expected);
    }

    @Test
    void theEndsOfEachRangeAreAllowed() {
        assertThatCode(() -> DEFAULTS.withVcpuCount(1)
                        .withVcpuCount(32)
                        .withMemMib(128)
                        .withMemMib(65_536)
                        .withTtl(Duration.ofMinutes(1))
                        .withTtl(Duration.ofDays(30)))
                .doesNotThrowAnyException();
    }

    @Test
    void whatIsBeyondARangeIsRefusedWithTheRange() {
        assertInvalid(() -> DEFAULTS.withVcpuCount(0), "vcpu_count must be between 1 and 32, not 0");
        assertInvalid(() -> DEFAULTS.withVcpuCount(33), "not 33");
        assertInvalid(() -> DEFAULTS.withMemMib(127), "mem_mib must be between 128 and 65536, not 127");
        assertInvalid(() -> DEFAULTS.withMemMib(65_537), "not 65537");
        assertInvalid(() -> DEFAULTS.withTtl(Duration.ofSeconds(59)), "ttl_seconds must be between 60 and 2592000");
        assertInvalid(() -> DEFAULTS.withTtl(Duration.ofSeconds(2_592_001)), "not 2592001");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, -1, 86_401})
    void timeOut(int seconds) {
        assertInvalid(() -> ExecVm.defaults().withTimeout(Duration.ofSeconds(seconds)), "not " + seconds);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "root",
                "www-data",
                "a.b_c$",
                "\u00fc",
                "0",
                "1000",
                "4294967294",
                "007",
                "app:staff",
                "1000:1000"
            })
    void aUserMayHaveAGroup(String user) {
        assertThat(ExecVm.defaults().withUser(user).user()).isEqualTo(user);
        assertThat(StartService.defaults().withUser(user).user()).isEqualTo(user);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                ":",
                "a:",
                ":a",
                "a:b:c",
                "a b",
                "a\n",
                "\0",
                "-1",
                "a:-1",
                "4294967295",
                "99999999999999999999"
            })
    void aMalformedUserIsRefusedWithTheForm(String user) {
        String form = "NAME or UID, and may be followed by :GROUP or :GID";
        assertInvalid(() -> ExecVm.defaults().withUser(user), form);
        assertInvalid(() -> ExecWorkspace.defaults().withUser(user), form);
        assertInvalid(() -> OpenShell.defaults().withUser(user), form);
        assertInvalid(() -> StartService.defaults().withUser(user), form);
        assertInvalid(() -> ExecVm.defaults().withUser("x".repeat(Arguments.MAX_USER_BYTES + 1)), form);
    }

    @Test
    void commands() {
        assertThat(Arguments.command("echo")).isEqualTo("echo");
        assertInvalid(() -> Arguments.command(" \n"), "empty");
        assertInvalid(() -> Arguments.command("a\0b"), "NUL");
        assertInvalid(() -> Arguments.command("x".repeat(Arguments.MAX_COMMAND_BYTES + 1)), "131000");
    }

    @Test
    void printableTextIsBoundedAndHasNoControls() {
        assertThat(Arguments.printable("a\u001b[31m\n\u202eb")).isEqualTo("a\\u001b[31m\\u000a\\u202eb");
        assertThat(Arguments.printable("ü€😀")).isEqualTo("ü€😀");
        assertThat(Arguments.printable("x".repeat(1000))).hasSize(81).endsWith("…");
    }

    @ParameterizedTest
    @CsvSource({
        "https://u:s3cret@r.example/app, https://***@r.example/app",
        "https://s3cret@r.example/app, https://***@r.example/app",
        "u:s3cret@r.example/app, ***@r.example/app",
        "u:s3@cret@r.example/app:1@sha256:0a, ***@sha256:0a",
        "app@sha256:0a, app@sha256:0a",
        "r.example:5000/app:1@sha256:0, r.example:5000/app:1@sha256:0",
        "https://r.example/app, https://r.example/app",
        "App@1, App@1"
    })
    void aNameIsShownAndAPasswordInItIsNot(String text, String shown) {
        assertThat(Arguments.printableName(text)).isEqualTo(shown);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "vm-", "vm-0123456789AB", "vm-0123456789abc", "../vm-0123456789ab", "ws-0123456789ab"})
    void idsOfAnotherFormAreRefused(String id) {
        assertInvalid(() -> new VmId(id), "12 lower-case hex digits");
    }

    @Test
    void idsAreMadeOfRandomBytes() {
        assertThat(VmId.of(new byte[] {0, 1, 2, (byte) 0xab, (byte) 0xff, 16}).value())
                .isEqualTo("vm-000102abff10");
    }
}
