package dev.pyro.mcp.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.pyro.model.OutputListener.Stream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

class CallProgressTest {
    private static final Duration BOUND = Duration.ofSeconds(20);
    private static final Duration NEVER = Duration.ofDays(1);

    private final List<Sent> sent = new CopyOnWriteArrayList<>();

    private record Sent(long number, String message) {}

    @Test
    void aSilenceIsBrokenAgainAndAgain() {
        try (CallProgress progress = new CallProgress(this::record, Duration.ofMillis(5))) {
            await().atMost(BOUND).until(() -> sent.size() >= 3);
            assertThat(progress).isNotNull();
        }
        assertThat(sent)
                .allSatisfy(notification -> assertThat(notification.message()).matches("still at work after \\d+ s"));
        assertThat(sent.stream().map(Sent::number)).isSorted().doesNotHaveDuplicates();
    }

    @Test
    void aChattyCommandIsToldInPart() {
        try (CallProgress progress = new CallProgress(this::record, NEVER)) {
            for (int i = 0; i < 1000; i++) {
                progress.onOutput(Stream.STDOUT, bytes("line " + i + "\n"));
            }
        }
        assertThat(sent.size()).isBetween(1, 100);
        assertThat(sent.getLast().message()).endsWith("line 999\n");
    }

    @Test
    void nothingFollowsTheEnd() {
        CallProgress progress = new CallProgress(this::record, NEVER);
        progress.close();
        progress.onOutput(Stream.STDOUT, bytes("too late"));
        assertThat(sent).isEmpty();
    }

    @Test
    void aClientThatIsGoneEndsNoMoreThanTheNews() {
        List<String> tries = new CopyOnWriteArrayList<>();
        try (CallProgress progress = new CallProgress(
                (number, message) -> {
                    tries.add(message);
                    throw new IllegalStateException("gone");
                },
                Duration.ofMillis(1))) {
            await().atMost(BOUND).until(() -> !tries.isEmpty());
            assertThat(progress).isNotNull();
        }
        assertThat(tries).hasSize(1);
    }

    private void record(long number, String message) {
        sent.add(new Sent(number, message));
    }

    private static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    }
}
