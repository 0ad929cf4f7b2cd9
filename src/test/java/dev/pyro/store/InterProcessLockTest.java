package dev.pyro.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InterProcessLockTest {
    @TempDir
    Path folder;

    private Path file() {
        return folder.resolve("locks/a.lock");
    }

    @Test
    void oneThreadOfThisProcessHasItAtATime() {
        try (InterProcessLock _ = InterProcessLock.tryAcquire(file()).orElseThrow()) {
            assertThat(InterProcessLock.tryAcquire(file())).isEmpty();
            assertThat(InterProcessLock.tryAcquire(folder.resolve("locks/../locks/a.lock")))
                    .isEmpty();
        }
        InterProcessLock.tryAcquire(file()).orElseThrow().close();
    }

    @Test
    void aFailedAttemptOfThisProcessDoesNotDropItsLock() throws IOException, InterruptedException {
        try (InterProcessLock _ = InterProcessLock.tryAcquire(file()).orElseThrow()) {
            // Were a second descriptor opened and closed here, POSIX would drop the lock.
            assertThat(InterProcessLock.tryAcquire(file())).isEmpty();
            assertThat(otherProcessGetsIt()).isFalse();
        }
        assertThat(otherProcessGetsIt()).isTrue();
    }

    @Test
    void closingTwiceDoesNotLetGoOfSomebodyElsesLock() {
        InterProcessLock first = InterProcessLock.tryAcquire(file()).orElseThrow();
        first.close();
        try (InterProcessLock _ = InterProcessLock.tryAcquire(file()).orElseThrow()) {
            first.close();
            assertThat(InterProcessLock.tryAcquire(file())).isEmpty();
        }
    }

    @Test
    void aFileHasALockForEachKey() throws IOException, InterruptedException {
        InterProcessLock one = InterProcessLock.tryAcquire(file(), 1).orElseThrow();
        try (InterProcessLock _ =
                InterProcessLock.tryAcquire(file(), Long.MAX_VALUE - 1).orElseThrow()) {
            assertThat(InterProcessLock.tryAcquire(file(), 1)).isEmpty();
            assertThat(InterProcessLock.tryAcquire(file())).isEmpty();
            one.close();
            InterProcessLock.tryAcquire(file(), 1).orElseThrow().close();
            assertThat(otherProcessGetsIt())
                    .as("the other one was not let go with it")
                    .isFalse();
        }
        assertThat(otherProcessGetsIt()).isTrue();
        assertThat(Files.size(file())).isZero();
    }

    @Test
    void waitingIsBoundedAndSaysForWhat() {
        AtomicInteger waits = new AtomicInteger();
        try (InterProcessLock _ = InterProcessLock.tryAcquire(file()).orElseThrow()) {
            assertThatThrownBy(() -> InterProcessLock.acquire(
                            file(), "the thing", Duration.ofMillis(30), waits::incrementAndGet))
                    .isInstanceOfSatisfying(
                            PyroException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.LOCK_TIMEOUT))
                    .hasMessageContaining("the thing")
                    .hasMessageContaining("a.lock");
        }
        assertThat(waits).hasValue(1);
    }

    /** Whether another process can take the lock, by a program of its own so that the kernel decides. */
    private boolean otherProcessGetsIt() throws IOException, InterruptedException {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin/java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        TryLock.class.getName(),
                        file().toString())
                .inheritIO()
                .start();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isIn(TryLock.TAKEN, TryLock.FREE);
        return process.exitValue() == TryLock.FREE;
    }

    /** The other process. It has exit codes of its own: a JVM that does not start has not found the lock taken. */
    static final class TryLock {
        static final int FREE = 10;
        static final int TAKEN = 11;

        public static void main(String[] arguments) throws IOException {
            int code;
            try (FileChannel channel = FileChannel.open(Path.of(arguments[0]), StandardOpenOption.WRITE)) {
                code = channel.tryLock() == null ? TAKEN : FREE;
            }
            System.exit(code);
        }
    }
}
