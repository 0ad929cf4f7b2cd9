package dev.pyro.sdk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class InterruptibleTest {
    private final PyroException failure = new PyroException(ErrorCode.STORAGE_UNUSABLE, "the channel is closed");

    @AfterEach
    void forgetInterruption() {
        Thread.interrupted();
    }

    @Test
    void whatFailsOnAnInterruptedThreadWasInterrupted() {
        Thread.currentThread().interrupt();
        assertThatThrownBy(() -> Interruptible.call(() -> fail(failure)))
                .isInstanceOfSatisfying(
                        PyroException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INTERRUPTED))
                .hasMessage("interrupted: the channel is closed")
                .hasCause(failure);
        assertThat(Thread.interrupted()).isTrue();
    }

    @Test
    void everythingElsePassesAsItIs() {
        assertThatThrownBy(() -> Interruptible.call(() -> fail(failure))).isSameAs(failure);
        Thread.currentThread().interrupt();
        assertThat(Interruptible.call(() -> "past the point of no return")).isEqualTo("past the point of no return");
        IllegalStateException deaf = new IllegalStateException("a listener's");
        assertThatThrownBy(() -> Interruptible.call(() -> fail(deaf))).isSameAs(deaf);
    }

    private static String fail(RuntimeException e) {
        throw e;
    }
}
