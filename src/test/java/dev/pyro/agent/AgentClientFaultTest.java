package dev.pyro.agent;

import static dev.pyro.agent.Failures.failure;
import static dev.pyro.agent.ScriptedGuest.BOUND;
import static dev.pyro.agent.ScriptedGuest.SHORT;
import static dev.pyro.agent.ScriptedGuest.TRYING_AGAIN;
import static dev.pyro.agent.ScriptedGuest.outcome;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import dev.pyro.agent.ScriptedGuest.Script;
import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(30)
class AgentClientFaultTest {
    private static final int STDOUT = 0x92;
    private static final int RESULT = 0x90;
    private static final int DATA_OUT = 0x94;

    @Test
    void findsTheAnswerBehindStaleBytes() throws Exception {
        byte[] stale = new byte[3_000_000];
        new java.util.Random(1).nextBytes(stale);
        Script script = session -> {
            byte[] nonce = session.hello();
            session.raw(stale);
            session.ack(new byte[16], Wire.VERSION);
            // The beginning of an answer, cut off, right before the real one.
            session.raw(Arrays.copyOf(Wire.ackStart(), 13));
            session.ack(nonce, Wire.VERSION);
            session.request(Wire.SHUTDOWN);
            session.send(RESULT, new byte[0]);
        };
        try (ScriptedGuest guest = new ScriptedGuest(script);
                AgentClient client = guest.connect()) {
            client.shutdown();
            guest.join();
        }
    }

    @Test
    void triesAgainWhenTheGreetingIsSwallowedOrTheStreamEnds() throws Exception {
        Script swallow = ScriptedGuest.Session::readUntilClosed;
        Script end = ScriptedGuest.Session::hello;
        Script answer = session -> {
            session.greet();
            session.request(Wire.SHUTDOWN);
            session.send(RESULT, new byte[0]);
        };
        try (ScriptedGuest guest = new ScriptedGuest(swallow, end, answer);
                AgentClient client = AgentClient.connect("vm-test", guest::open, BOUND, TRYING_AGAIN)) {
            client.shutdown();
            guest.join();
        }
    }

    @Test
    void refusesAnotherVersion() throws Exception {
        try (ScriptedGuest guest = new ScriptedGuest(session -> session.ack(session.hello(), Wire.VERSION + 1))) {
            assertThat(failure(ErrorCode.GUEST_PROTOCOL, () -> guest.connect()))
                    .hasMessageContaining("version " + (Wire.VERSION + 1));
        }
    }

    @Test
    void givesUpOnASilentGuest() throws Exception {
        try (ScriptedGuest guest = new ScriptedGuest()) {
            long start = System.nanoTime();
            PyroException e = failure(
                    ErrorCode.GUEST_TIMEOUT,
                    () -> AgentClient.connect("vm-test", guest::open, Duration.ofMillis(400), TRYING_AGAIN));
            assertThat(e).hasMessageContaining("vm-test").hasMessageContaining("no answer within");
            assertThat(System.nanoTime() - start).isLessThan(TimeUnit.SECONDS.toNanos(5));
        }
    }

    @Test
    void givesUpOnAFlood() throws Exception {
        Script flood = session -> {
            byte[] junk = new byte[65_536];
            while (true) {
                session.raw(junk);
            }
        };
        Script[] floods = new Script[20];
        Arrays.fill(floods, flood);
        try (ScriptedGuest guest = new ScriptedGuest(floods)) {
            PyroException e = failure(
                    ErrorCode.GUEST_PROTOCOL,
                    () -> AgentClient.connect("vm-test", guest::open, Duration.ofSeconds(1), AgentTimeouts.STANDARD));
            assertThat(e).hasMessageContaining("no greeting");
        }
    }

    @Test
    void passesOnWhyNoStreamCanBeOpened() {
        ChannelOpener dead = timeout -> {
            throw new PyroException(ErrorCode.MACHINE_DIED, "gone");
        };
        failure(ErrorCode.MACHINE_DIED, () -> AgentClient.connect("vm-test", dead, BOUND));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "07000000 00000000",
                "90000100 00000000",
                "90000000 00040001",
                "92000000 00010001",
                "92000000 00000000",
                "90000000 ffffffff",
                "94000000 00000001 00",
                "81000000 0000001a 0000000000000000000000000000000000000000000000000000",
                "90000000 00000000",
                "90000000 00000005 0001000000",
                "90000000 00000007 0001 000000ff 00",
                "90000000 00000025 0001 00000004 ffffffff 0002 00000001 00 0003 00000008 0000000000000000 0004 00000004 00000000",
                "90000000 00000025 0001 00000004 00000000 0002 00000001 00 0003 00000008 8000000000000000 0004 00000004 00000000",
                "90000000 00000025 0001 00000004 00000000 0002 00000001 02 0003 00000008 0000000000000000 0004 00000004 00000000",
                "90000000 0000002f 0001 00000004 00000000 0002 00000001 00 0003 00000008 0000000000000000 0004 00000004 00000000"
                        + "0001 00000004 00000000",
                "91000000 00000000",
            })
    void endsTheConnectionOnGarbage(String hex) throws Exception {
        byte[] bytes = java.util.HexFormat.of().parseHex(hex.replace(" ", ""));
        Script script = session -> {
            session.greet();
            session.request(Wire.EXEC);
            session.raw(bytes);
            session.readUntilClosed();
        };
        try (ScriptedGuest guest = new ScriptedGuest(script);
                AgentClient client = guest.connect()) {
            failure(ErrorCode.GUEST_PROTOCOL, () -> client.exec(ExecRequest.of("true"), ExecOutput.NONE));
            failure(ErrorCode.GUEST_PROTOCOL, client::shutdown);
            guest.join();
        }
    }

    @Test
    void givesUpAFrameThatIsNeverCompleted() throws Exception {
        Script script = session -> {
            session.greet();
            session.request(Wire.EXEC);
            session.header(STDOUT, 100);
            session.raw(new byte[99]);
            session.readUntilClosed();
        };
        try (ScriptedGuest guest = new ScriptedGuest(script);
                AgentClient client = guest.connectImpatiently()) {
            PyroException e =
                    failure(ErrorCode.GUEST_TIMEOUT, () -> client.exec(ExecRequest.of("true"), ExecOutput.NONE));
            assertThat(e).hasMessageContaining("began a frame");
            guest.join();
        }
    }

    @Test
    void givesUpACommandThatOutlivesItsTimeout() throws Exception {
        Script script = session -> {
            session.greet();
            session.request(Wire.EXEC);
            while (true) {
                session.send(STDOUT, new byte[1000]);
            }
        };
        try (ScriptedGuest guest = new ScriptedGuest(script);
                AgentClient client = guest.connectImpatiently()) {
            failure(
                    ErrorCode.GUEST_TIMEOUT,
                    () -> client.exec(ExecRequest.of("yes").withTimeout(SHORT), ExecOutput.NONE));
        }
    }

    @Test
    void doesNotCountTheTimeOfASlowSink() throws Exception {
        Script script = session -> {
            session.greet();
            session.request(Wire.EXEC);
            session.send(STDOUT, new byte[1]);
            session.send(RESULT, outcome(0));
        };
        try (ScriptedGuest guest = new ScriptedGuest(script);
                AgentClient client = guest.connectImpatiently()) {
            CountDownLatch never = new CountDownLatch(1);
            ByteSink slow = bytes -> {
                try {
                    assertThat(never.await(5 * SHORT.toMillis(), TimeUnit.MILLISECONDS))
                            .isFalse();
                } catch (InterruptedException e) {
                    throw new IOException(e);
                }
            };
            ExecRequest request = ExecRequest.of("true").withTimeout(SHORT);
            assertThat(client.exec(request, new ExecOutput(slow, slow)).exitCode())
                    .isZero();
        }
    }

    @Test
    void givesUpASilentAnswerAndAStalledStream() throws Exception {
        Script silent = session -> {
            session.greet();
            session.readUntilClosed();
        };
        Script stalled = session -> {
            session.greet();
            session.request(Wire.READ);
            session.send(DATA_OUT, new byte[1]);
            session.readUntilClosed();
        };
        try (ScriptedGuest guest = new ScriptedGuest(silent, stalled);
                AgentClient first = guest.connectImpatiently();
                AgentClient second = guest.connectImpatiently()) {
            failure(ErrorCode.GUEST_TIMEOUT, first::shutdown);
            failure(ErrorCode.GUEST_TIMEOUT, () -> second.read(new GuestLocation("/", "x"), 0, 10, ByteSink.NONE));
        }
    }

    @Test
    void givesUpAGuestThatTakesNoData() throws Exception {
        CountDownLatch over = new CountDownLatch(1);
        Script script = session -> {
            session.greet();
            session.request(Wire.WRITE);
            try {
                over.await();
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
        };
        try (ScriptedGuest guest = new ScriptedGuest(script);
                AgentClient client = guest.connectImpatiently()) {
            WriteRequest request = new WriteRequest(new GuestLocation("/", "x"), 0, false);
            failure(ErrorCode.GUEST_TIMEOUT, () -> client.write(request, new EndlessStream()));
        } finally {
            over.countDown();
        }
    }

    @Test
    void saysThatTheMachineDied() throws Exception {
        Script between = session -> {
            session.greet();
            session.request(Wire.EXEC);
        };
        Script within = session -> {
            session.greet();
            session.request(Wire.EXEC);
            session.header(STDOUT, 10);
        };
        try (ScriptedGuest guest = new ScriptedGuest(between, within)) {
            for (int i = 0; i < 2; i++) {
                try (AgentClient client = guest.connect()) {
                    failure(ErrorCode.MACHINE_DIED, () -> client.exec(ExecRequest.of("true"), ExecOutput.NONE));
                }
            }
        }
    }

    @Test
    void refusesMoreThanItAskedFor() throws Exception {
        Script script = session -> {
            session.greet();
            session.request(Wire.READ);
            session.send(DATA_OUT, new byte[11]);
            session.readUntilClosed();
        };
        try (ScriptedGuest guest = new ScriptedGuest(script);
                AgentClient client = guest.connect()) {
            failure(ErrorCode.GUEST_PROTOCOL, () -> client.read(new GuestLocation("/", "x"), 0, 10, ByteSink.NONE));
        }
    }

    @Test
    void endsWhenTheCallerIsInterrupted() throws Exception {
        CountDownLatch running = new CountDownLatch(1);
        Script script = session -> {
            session.greet();
            session.request(Wire.EXEC);
            running.countDown();
            session.readUntilClosed();
        };
        try (ScriptedGuest guest = new ScriptedGuest(script);
                AgentClient client = guest.connect()) {
            AtomicReference<Throwable> thrown = new AtomicReference<>();
            Thread caller = Thread.ofPlatform().start(() -> {
                try {
                    client.exec(ExecRequest.of("sleep"), ExecOutput.NONE);
                } catch (PyroException e) {
                    thrown.set(e);
                }
            });
            running.await();
            caller.interrupt();
            assertThat(caller.join(BOUND)).isTrue();
            assertThat(thrown.get())
                    .asInstanceOf(type(PyroException.class))
                    .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.INTERRUPTED));
            guest.join();
        }
    }

    @Test
    void endsWhenAnotherThreadClosesTheConnection() throws Exception {
        CountDownLatch running = new CountDownLatch(1);
        Script script = session -> {
            session.greet();
            session.request(Wire.EXEC);
            running.countDown();
            session.readUntilClosed();
        };
        try (ScriptedGuest guest = new ScriptedGuest(script);
                AgentClient client = guest.connect()) {
            Thread closer = closeAfter(running, client);
            failure(ErrorCode.INTERRUPTED, () -> client.exec(ExecRequest.of("sleep"), ExecOutput.NONE));
            closer.join();
            guest.join();
        }
    }

    private static Thread closeAfter(CountDownLatch latch, AgentClient client) {
        return Thread.ofPlatform().start(() -> {
            try {
                latch.await();
            } catch (InterruptedException e) {
                return;
            }
            client.close();
        });
    }

    @Test
    void endsWhenTheSinkFails() throws Exception {
        Script script = session -> {
            session.greet();
            session.request(Wire.EXEC);
            session.send(STDOUT, new byte[1]);
            session.readUntilClosed();
        };
        ByteSink full = bytes -> {
            throw new IOException("Broken pipe");
        };
        try (ScriptedGuest guest = new ScriptedGuest(script);
                AgentClient client = guest.connect()) {
            PyroException e = failure(
                    ErrorCode.STORAGE_UNUSABLE, () -> client.exec(ExecRequest.of("yes"), new ExecOutput(full, full)));
            assertThat(e).hasMessageContaining("Broken pipe").hasCauseInstanceOf(IOException.class);
            guest.join();
        }
    }

    @Test
    void givesUpAUploadWhoseSourceFails() throws Exception {
        Script script = session -> {
            session.greet();
            session.request(Wire.WRITE);
            session.input();
            throw new IllegalStateException("a part was passed for the whole");
        };
        InputStream broken = new InputStream() {
            private int left = 1000;

            @Override
            public int read() throws IOException {
                if (left-- == 0) {
                    throw new IOException("bad sector");
                }
                return 'x';
            }

            @Override
            public int read(byte[] bytes, int offset, int length) throws IOException {
                bytes[offset] = (byte) read();
                return 1;
            }
        };
        try (ScriptedGuest guest = new ScriptedGuest(script);
                AgentClient client = guest.connect()) {
            WriteRequest request =
                    new WriteRequest(new GuestLocation("/workspace", "a"), WriteRequest.STANDARD_MODE, false);
            PyroException e = failure(ErrorCode.STORAGE_UNUSABLE, () -> client.write(request, broken));
            assertThat(e).hasMessageContaining("bad sector");
            guest.join();
        }
    }
}
