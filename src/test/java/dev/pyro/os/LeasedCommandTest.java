package dev.pyro.os;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LeasedCommandTest {
    private static final Duration BOUND = Duration.ofSeconds(20);

    @TempDir
    Path folder;

    @Test
    void returnsExitCodeAndLines() {
        List<String> lines = new ArrayList<>();

        HostCommand.Result result =
                LeasedCommand.run(HostCommand.of(BOUND, List.of("sh", "-c", "echo one; echo two; exit 3")), lines::add);

        assertThat(result.exitCode()).isEqualTo(3);
        assertThat(lines).containsExactly("one", "two");
    }

    @Test
    void aListenerThatThrowsEndsTheProgram() {
        Path late = folder.resolve("late");
        assertThatThrownBy(() -> LeasedCommand.run(
                        HostCommand.of(
                                BOUND,
                                List.of("sh", "-c", "echo one; sleep 5; echo two >\"$0\"; cat", late.toString())),
                        line -> {
                            throw new IllegalStateException("deaf to " + line);
                        }))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("deaf to one");
        assertThat(late).doesNotExist();
    }

    @Test
    void whoeverIsInterruptedReturnsWhenAllThatItStartedIsGone() throws Exception {
        Path pids = folder.resolve("pids");
        CompletableFuture<List<ProcessIdentity>> alive = new CompletableFuture<>();
        Thread caller = Thread.ofPlatform().start(() -> {
            assertThatThrownBy(() -> HostCommand.of(
                                    BOUND,
                                    List.of(
                                            "sh",
                                            "-c",
                                            "sleep 60 & echo $$ $! >\"$0\".new; mv \"$0\".new \"$0\"; wait",
                                            pids.toString()))
                            .run())
                    .isInstanceOfSatisfying(
                            PyroException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INTERRUPTED));
            alive.complete(identities(pids));
        });
        await().atMost(BOUND).until(() -> Files.exists(pids));
        assertThat(identities(pids)).hasSize(2);

        caller.interrupt();

        assertThat(alive.get(BOUND.toSeconds(), TimeUnit.SECONDS)).isEmpty();
    }

    private static List<ProcessIdentity> identities(Path pids) {
        try {
            return Stream.of(Files.readString(pids).strip().split(" "))
                    .flatMap(pid -> ProcessIdentity.of(Long.parseLong(pid)).stream())
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void anInterruptEndsTheProgram() throws Exception {
        Path pidFile = folder.resolve("pid");
        CompletableFuture<Throwable> outcome = new CompletableFuture<>();
        Thread caller = Thread.ofVirtual().start(() -> {
            try {
                LeasedCommand.run(
                        HostCommand.of(
                                BOUND,
                                List.of(
                                        "sh",
                                        "-c",
                                        "echo $$ >\"$0\".new; mv \"$0\".new \"$0\"; exec sleep 60",
                                        pidFile.toString())),
                        line -> {});
                outcome.complete(new AssertionError("it ended"));
            } catch (PyroException e) {
                outcome.complete(e);
            }
        });
        await().atMost(BOUND).until(() -> Files.exists(pidFile));

        caller.interrupt();

        assertThat(outcome.get(BOUND.toSeconds(), TimeUnit.SECONDS))
                .isInstanceOfSatisfying(
                        PyroException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INTERRUPTED));
        assertDies(pidFile);
    }

    @Test
    void theProgramDiesWithItsProcess() throws Exception {
        Path pidFile = folder.resolve("pid");
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Sleeper.class.getName(),
                        pidFile.toString())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("log").toFile())
                .start();
        try {
            await().atMost(BOUND).until(() -> Files.exists(pidFile));
        } finally {
            process.destroyForcibly();
        }
        assertDies(pidFile);
    }

    @Test
    void aProgramThatCannotStartIsNamed() {
        assertThatThrownBy(() -> new HostCommand(
                                List.of(folder.resolve("none").toString()), null, java.util.Map.of(), BOUND)
                        .run())
                .hasMessageContaining("none");
    }

    private static void assertDies(Path pidFile) throws Exception {
        long pid = Long.parseLong(Files.readString(pidFile).strip());
        await().atMost(BOUND).until(() -> ProcessIdentity.of(pid).isEmpty());
    }

    /** Runs a program that would outlive it without the lease. */
    static final class Sleeper {
        private Sleeper() {}

        public static void main(String[] arguments) {
            LeasedCommand.run(
                    HostCommand.of(
                            Duration.ofMinutes(1),
                            List.of(
                                    "sh",
                                    "-c",
                                    "echo $$ >\"$0\".new; mv \"$0\".new \"$0\"; exec sleep 60",
                                    arguments[0])),
                    line -> {});
        }
    }
}
