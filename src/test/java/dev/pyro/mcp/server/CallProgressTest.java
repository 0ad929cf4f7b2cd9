package dev.pyro.mcp.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.pyro.model.OutputListener.Stream;
import io.modelcontextprotocol.spec.McpSchema.ProgressNotification;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

class CallProgressTest {
    private static final Duration BOUND = Duration.ofSeconds(20);
    private static final Duration NEVER = Duration.ofDays(1);

    private final List<ProgressNotification> sent = new CopyOnWriteArrayList<>();

    @Test
    void aSilenceIsBrokenAgainAndAgain() {
        try (CallProgress progress = new CallProgress(sent::add, "token", Duration.ofMillis(5))) {
            await().atMost(BOUND).until(() -> sent.size() >= 3);
            assertThat(progress).isNotNull();
        }
        assertThat(sent).allSatisfy(notification -> {
            assertThat(notification.progressToken()).isEqualTo("token");
            assertThat(notification.message()).matches("still at work after \\d+ s");
        });
        assertThat(sent.stream().map(ProgressNotification::progress)).isSorted().doesNotHaveDuplicates();
    }

    @Test
    void aChattyCommandIsToldInPart() {
        try (CallProgress progress = new CallProgress(sent::add, 7, NEVER)) {
            for (int i = 0; i < 1000; i++) {
                progress.onOutput(Stream.STDOUT, bytes("line " + i + "\n"));
            }
        }
        assertThat(sent.getFirst().message()).isEqualTo("line 0\n");
        assertThat(sent.size()).isLessThan(1000);
    }

    @Test
    void nothingFollowsTheEnd() {
        CallProgress progress = new CallProgress(sent::add, "token", NEVER);
        progress.close();
        progress.onOutput(Stream.STDOUT, bytes("too late"));
        assertThat(sent).isEmpty();
    }

    @Test
    void aClientThatIsGoneEndsNoMoreThanTheNews() {
        List<String> tries = new CopyOnWriteArrayList<>();
        try (CallProgress progress = new CallProgress(
                notification -> {
                    tries.add(notification.message());
                    throw new IllegalStateException("gone");
                },
                "token",
                Duration.ofMillis(1))) {
            await().atMost(BOUND).until(() -> !tries.isEmpty());
            assertThat(progress).isNotNull();
        }
        assertThat(tries).hasSize(1);
    }

    private static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    }
}
