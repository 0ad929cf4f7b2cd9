package dev.pyro.agent;

import static dev.pyro.agent.Failures.failure;
import static org.assertj.core.api.Assertions.assertThat;

import dev.pyro.model.ErrorCode;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StartOptionsTest {
    @ParameterizedTest
    @ValueSource(strings = {"", "a\0b"})
    void refusesUsersThatNoGuestCanHave(String user) {
        failure(ErrorCode.INVALID_ARGUMENT, () -> StartOptions.USUAL.withUser(user));
    }

    @Test
    void boundsUsersInBytes() {
        assertThat(StartOptions.USUAL.withUser("x".repeat(256)).user()).hasSize(256);
        failure(ErrorCode.INVALID_ARGUMENT, () -> StartOptions.USUAL.withUser("ü".repeat(129)));
    }

    @Test
    void leavesOutArgumentsBeyondTheBounds() {
        assertThat(arguments(Collections.nCopies(4096, ""))).hasSize(4096);
        assertThat(arguments(Collections.nCopies(4097, ""))).isEmpty();
        assertThat(arguments(List.of("x".repeat(131_000)))).hasSize(1);
        assertThat(arguments(List.of("x".repeat(130_999), "ü"))).isEmpty();
        assertThat(arguments(List.of("a\0b"))).isEmpty();
    }

    private static List<String> arguments(List<String> given) {
        return StartOptions.USUAL.withArguments(given).arguments();
    }
}
