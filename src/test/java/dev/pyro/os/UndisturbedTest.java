package dev.pyro.os;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UndisturbedTest {
    private static final long BOUND_SECONDS = 10;

    @TempDir
    Path folder;

    @AfterEach
    void forgetInterruption() {
        Thread.interrupted();
    }

    @Test
    void anEarlierInterruptionDoesNotReachTheActionAndIsKept() {
        Thread.currentThread().interrupt();
        int written = Undisturbed.call(this::writeThroughAChannel);
        assertThat(written).isEqualTo(3);
        assertThat(Thread.interrupted()).isTrue();
    }

    @Test
    void withoutAThreadTheActionRunsOnThisOne() {
        Thread.currentThread().interrupt();
        int written = Undisturbed.call(this::writeThroughAChannel, _ -> {
            throw new OutOfMemoryError("unable to create native thread");
        });
        assertThat(written).isEqualTo(3);
        assertThat(Thread.interrupted()).isTrue();
    }

    /** A channel is closed by an interruption, the earlier one too. */
    private int writeThroughAChannel() {
        try (FileChannel channel =
                FileChannel.open(folder.resolve("file"), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            return channel.write(ByteBuffer.wrap(new byte[] {1, 2, 3}));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void interruptionsDuringTheActionDoNotReachItAndAreKept() throws InterruptedException {
        CountDownLatch running = new CountDownLatch(1);
        CountDownLatch interrupted = new CountDownLatch(1);
        AtomicBoolean ended = new AtomicBoolean();
        AtomicBoolean flag = new AtomicBoolean();
        Thread caller = Thread.ofPlatform().start(() -> {
            Undisturbed.run(() -> {
                running.countDown();
                ended.set(awaited(interrupted));
            });
            flag.set(Thread.currentThread().isInterrupted());
        });
        assertThat(awaited(running)).isTrue();
        caller.interrupt();
        caller.interrupt();
        interrupted.countDown();
        assertThat(caller.join(Duration.ofSeconds(BOUND_SECONDS))).isTrue();
        assertThat(ended).isTrue();
        assertThat(flag).isTrue();
    }

    private static boolean awaited(CountDownLatch latch) {
        try {
            return latch.await(BOUND_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            return false;
        }
    }

    @Test
    void withoutAnInterruptionNoneIsLeft() {
        assertThat(Undisturbed.call(() -> "done")).isEqualTo("done");
        assertThat(Thread.interrupted()).isFalse();
    }

    @Test
    void whatTheActionThrowsComesThroughAsItIsAndTheInterruptionIsKept() {
        Thread.currentThread().interrupt();
        IllegalArgumentException failure = new IllegalArgumentException("it failed");
        assertThatThrownBy(() -> Undisturbed.run(() -> {
                    throw failure;
                }))
                .isSameAs(failure);
        assertThat(Thread.interrupted()).isTrue();
        AssertionError error = new AssertionError("it is broken");
        assertThatThrownBy(() -> Undisturbed.run(() -> {
                    throw error;
                }))
                .isSameAs(error);
    }

    @Test
    void oneWithinAnotherRunsOnTheSameThread() {
        List<Thread> threads = new ArrayList<>();
        Undisturbed.run(() -> {
            threads.add(Thread.currentThread());
            Undisturbed.run(() -> threads.add(Thread.currentThread()));
        });
        assertThat(threads).hasSize(2).allMatch(threads.getFirst()::equals).doesNotContain(Thread.currentThread());
    }
}
