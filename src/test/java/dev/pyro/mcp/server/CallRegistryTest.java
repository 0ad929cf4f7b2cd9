package dev.pyro.mcp.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.pyro.mcp.server.CallRegistry.Admission;
import dev.pyro.mcp.server.CallRegistry.Ticket;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class CallRegistryTest {
    private static final Duration BOUND = Duration.ofSeconds(20);
    private static final long MAX_WEIGHT = 100_000;

    private final CallRegistry calls = new CallRegistry(MAX_WEIGHT);
    private final CountDownLatch release = new CountDownLatch(1);
    private final AtomicInteger running = new AtomicInteger();
    private final List<String> heard = new CopyOnWriteArrayList<>();

    @AfterEach
    void endCalls() throws InterruptedException {
        release.countDown();
        assertThat(calls.awaitNone(BOUND)).isTrue();
    }

    @Test
    void aClientsLongCallsHoldUpNoOther() {
        for (int i = 0; i < 2 * CallRegistry.MAX_RUNNING; i++) {
            assertThat(block("a", i, 0)).isEqualTo(Admission.STARTED);
        }
        await().atMost(BOUND).until(() -> running.get() == CallRegistry.MAX_RUNNING);
        await().atMost(BOUND).until(() -> heard.size() == CallRegistry.MAX_RUNNING);
        assertThat(heard).containsOnly("waits");
        heard.clear();
        calls.start(
                ticket("b", 1),
                0,
                turn -> {
                    turn.take(() -> heard.add("waits"));
                    return "quick";
                },
                new Caller());
        await().atMost(BOUND).until(() -> heard.contains("quick"));
        assertThat(heard).containsExactly("quick");
        assertThat(running).hasValue(CallRegistry.MAX_RUNNING);
    }

    @Test
    void allClientsTogetherRunABoundedNumber() {
        int clients = CallRegistry.MAX_RUNNING_OF_ALL / CallRegistry.MAX_RUNNING + 1;
        for (int client = 0; client < clients; client++) {
            for (int i = 0; i < CallRegistry.MAX_RUNNING; i++) {
                assertThat(block("client " + client, i, 0)).isEqualTo(Admission.STARTED);
            }
        }
        await().atMost(BOUND).until(() -> heard.size() == CallRegistry.MAX_RUNNING);
        await().atMost(BOUND).until(() -> running.get() >= CallRegistry.MAX_RUNNING_OF_ALL);
        assertThat(running).hasValue(CallRegistry.MAX_RUNNING_OF_ALL);
        release.countDown();
        await().atMost(BOUND)
                .until(() ->
                        heard.stream().filter("done"::equals).count() == (long) clients * CallRegistry.MAX_RUNNING);
    }

    @Test
    void argumentsOfCallsUnderWayHaveABudget() throws InterruptedException {
        assertThat(block("a", 1, 2 * MAX_WEIGHT)).isEqualTo(Admission.STARTED);
        assertThat(block("b", 1, CallRegistry.SMALL_WEIGHT + 1)).isEqualTo(Admission.TOO_HEAVY);
        assertThat(block("b", 1, CallRegistry.SMALL_WEIGHT)).isEqualTo(Admission.STARTED);
        calls.cancel(new CallRegistry.Key("a", 1));
        await().atMost(BOUND).until(() -> heard.contains("withdrawn"));
        assertThat(block("b", 2, MAX_WEIGHT / 2)).isEqualTo(Admission.STARTED);
        assertThat(block("b", 3, MAX_WEIGHT / 2)).isEqualTo(Admission.STARTED);
        assertThat(block("b", 4, MAX_WEIGHT / 2)).isEqualTo(Admission.TOO_HEAVY);
    }

    @Test
    void aRequestWithAnIdInUseWithdrawsNothingElse() {
        Ticket first = ticket("a", 1);
        Ticket second = ticket("a", 1);
        assertThat(block(first, 0)).isEqualTo(Admission.STARTED);
        assertThat(block(second, 0)).isEqualTo(Admission.DUPLICATE);
        calls.cancel(second);
        await().atMost(BOUND).until(() -> running.get() == 1);
        assertThat(heard).isEmpty();
        calls.cancel(first);
        await().atMost(BOUND).until(() -> heard.contains("withdrawn"));
        Ticket early = ticket("a", 2);
        calls.cancel(early);
        assertThat(block(early, 0)).isEqualTo(Admission.WITHDRAWN);
    }

    @Test
    void noErrorEndsInSilence() {
        calls.start(
                ticket("a", 1),
                0,
                _ -> {
                    throw new OutOfMemoryError("no more threads");
                },
                new Caller());
        await().atMost(BOUND).until(() -> heard.contains("failed: no more threads"));
        calls.start(ticket("a", 1), 0, _ -> "unspeakable", new Caller());
        await().atMost(BOUND).until(() -> heard.contains("failed: cannot say it"));
    }

    private static Ticket ticket(String session, long id) {
        return new Ticket(new CallRegistry.Key(session, id));
    }

    private Admission block(String session, long id, long weight) {
        return block(ticket(session, id), weight);
    }

    private Admission block(Ticket ticket, long weight) {
        return calls.start(
                ticket,
                weight,
                turn -> {
                    turn.take(() -> heard.add("waits"));
                    running.incrementAndGet();
                    try {
                        release.await();
                        return "done";
                    } finally {
                        running.decrementAndGet();
                    }
                },
                new Caller());
    }

    private final class Caller implements CallRegistry.Caller<String> {
        @Override
        public void answer(String result) {
            if (result.equals("unspeakable")) {
                throw new OutOfMemoryError("cannot say it");
            }
            heard.add(result);
        }

        @Override
        public void withdrawn() {
            heard.add("withdrawn");
        }

        @Override
        public void failed(Throwable failure) {
            heard.add("failed: " + failure.getMessage());
        }
    }
}
