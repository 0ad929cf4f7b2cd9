package dev.pyro.mcp.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class OutboxTest {
    private static final Duration BOUND = Duration.ofSeconds(20);
    private static final String LARGE = "x".repeat(Outbox.MAX_WAITING_BYTES);

    private final AtomicInteger failures = new AtomicInteger();

    @Test
    void writesLinesInOrderBeforeItIsClosed() throws Exception {
        ByteArrayOutputStream output = new ByteArrayOutputStream();
        Outbox outbox = new Outbox(output, failures::incrementAndGet);
        outbox.send("before the start");
        outbox.start();
        outbox.send("é");
        outbox.close(BOUND);
        assertThat(output.toString(StandardCharsets.UTF_8)).isEqualTo("before the start\né\n");
        assertThatThrownBy(() -> outbox.send("late")).isInstanceOf(IOException.class);
        assertThat(failures).hasValue(0);
    }

    @Test
    void saysOnceThatTheClientHasLeft() throws Exception {
        Outbox outbox = new Outbox(
                new OutputStream() {
                    @Override
                    public void write(int value) throws IOException {
                        throw new IOException("Broken pipe");
                    }
                },
                failures::incrementAndGet);
        outbox.start();
        outbox.send("one");
        await().atMost(BOUND).until(() -> failures.get() == 1);
        assertThatThrownBy(() -> outbox.send("two")).hasMessageContaining("Broken pipe");
        assertThat(outbox.clientLeft()).isTrue();
        outbox.close(BOUND);
        assertThat(failures).hasValue(1);
    }

    @Test
    void whateverTheStreamThrowsIsAFailure() throws Exception {
        Outbox outbox = new Outbox(
                new OutputStream() {
                    @Override
                    public void write(int value) {
                        throw new OutOfMemoryError("Java heap space");
                    }
                },
                failures::incrementAndGet);
        outbox.start();
        outbox.send("one");
        await().atMost(BOUND).until(() -> failures.get() == 1);
        assertThat(outbox.clientLeft()).isFalse();
        assertThat(outbox.close(BOUND)).isFalse();
        assertThatThrownBy(() -> outbox.send("two")).hasMessageContaining("Java heap space");
    }

    @Test
    void givesAClientUpThatReadsNothing() throws Exception {
        StuckStream stuck = new StuckStream();
        Outbox outbox = new Outbox(stuck, failures::incrementAndGet, Duration.ofMillis(50));
        outbox.start();
        outbox.send(LARGE);
        assertThatThrownBy(() -> outbox.send("more")).hasMessageContaining("has not read");
        assertThat(failures).hasValue(1);
        outbox.close(BOUND);
        stuck.read.countDown();
    }

    @Test
    void waitsForASlowClient() throws Exception {
        StuckStream stuck = new StuckStream();
        Outbox outbox = new Outbox(stuck, failures::incrementAndGet);
        outbox.start();
        outbox.send(LARGE);
        Thread waiting = Thread.ofPlatform().start(() -> {
            try {
                outbox.send("more");
            } catch (IOException e) {
                failures.incrementAndGet();
            }
        });
        await().atMost(BOUND).until(() -> waiting.getState() == Thread.State.TIMED_WAITING);
        stuck.read.countDown();
        assertThat(waiting.join(BOUND)).isTrue();
        outbox.close(BOUND);
        assertThat(failures).hasValue(0);
    }

    @Test
    void anInterruptionSendsNothing() throws Exception {
        StuckStream stuck = new StuckStream();
        Outbox outbox = new Outbox(stuck, failures::incrementAndGet);
        outbox.start();
        outbox.send(LARGE);
        Thread.currentThread().interrupt();
        assertThatThrownBy(() -> outbox.send("more")).hasMessageContaining("interrupted");
        assertThat(Thread.interrupted()).isTrue();
        stuck.read.countDown();
        outbox.close(BOUND);
        assertThat(failures).hasValue(0);
    }

    /** A stream of a client that reads nothing for a while. */
    private static final class StuckStream extends OutputStream {
        private final CountDownLatch read = new CountDownLatch(1);

        @Override
        public void write(int value) throws IOException {
            try {
                read.await();
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            write(0);
        }
    }
}
