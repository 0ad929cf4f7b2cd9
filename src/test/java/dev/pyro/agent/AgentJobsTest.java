package dev.pyro.agent;

import static dev.pyro.agent.Failures.failure;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import dev.pyro.agent.ScriptedGuest.Answer;
import dev.pyro.agent.ScriptedGuest.Script;
import dev.pyro.agent.ScriptedGuest.Session;
import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(30)
class AgentJobsTest {
    private static final int RESULT = 0x90;
    private static final int ERROR = 0x91;
    private static final int STDOUT = 0x92;
    private static final int STDERR = 0x93;
    private static final int DATA_OUT = 0x94;

    private static final JobName SHELL = JobName.shell("sh-1");
    private static final JobName WEB = JobName.service("web");
    private static final Duration SECOND = Duration.ofSeconds(1);

    /** What a guest says of a job; every part may be another one. */
    private static final class State {
        private int phase = 1;
        private int exitCode;
        private int signal;
        private long ended;
        private int columns = 80;
        private int stopAsked;
        private long end = 10;
        private long errorEnd = 4;

        static State running() {
            return new State();
        }

        static State ended(int exitCode, int signal) {
            State state = new State();
            state.phase = 2;
            state.exitCode = exitCode;
            state.signal = signal;
            state.ended = 3_000_000_005L;
            return state;
        }

        State withEnds(long first, long second) {
            end = first;
            errorEnd = second;
            return this;
        }

        Answer addTo(Answer answer) {
            return answer.u8(20, phase)
                    .u32(21, 77)
                    .u32(22, exitCode)
                    .u32(23, signal)
                    .u64(24, 2_000_000_001L)
                    .u64(25, ended)
                    .u16(26, columns)
                    .u16(27, 24)
                    .u8(28, stopAsked)
                    .u64(29, end)
                    .u64(30, errorEnd);
        }

        byte[] bytes() {
            return addTo(new Answer()).bytes();
        }
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    /** A guest that takes one request and answers as the script says. */
    private static Script answering(int operation, Script answer) {
        return session -> {
            session.greet();
            session.request(operation);
            answer.run(session);
        };
    }

    private static void with(Script script, Consumer<AgentJobs> test) throws Exception {
        try (ScriptedGuest guest = new ScriptedGuest(script)) {
            try (AgentClient client = guest.connect()) {
                test.accept(client.jobs());
            }
            guest.join();
        }
    }

    private static void violates(int operation, Script answer, Consumer<AgentJobs> call) throws Exception {
        // The guest may find the connection closed before it has said all.
        try (ScriptedGuest guest = new ScriptedGuest(answering(operation, answer));
                AgentClient client = guest.connect()) {
            failure(ErrorCode.GUEST_PROTOCOL, () -> call.accept(client.jobs()));
        }
    }

    private static void refused(AgentRefusal.Reason reason, Runnable call) {
        assertThat(failure(ErrorCode.GUEST_ERROR, call).getCause())
                .asInstanceOf(type(AgentRefusal.class))
                .satisfies(refusal -> assertThat(refusal.reason()).isEqualTo(reason));
    }

    @Test
    void startsShellsAndServices() throws Exception {
        Script script = session -> {
            session.greet();
            var shell = session.request(Wire.JOB_START);
            assertThat(shell.number(1)).isEqualTo(1);
            assertThat(shell.string(2)).isEqualTo("sh-1");
            assertThat(shell.all(3)).isEmpty();
            assertThat(shell.string(4)).isEqualTo("/workspace");
            assertThat(shell.all(5)).containsExactly("TERM=xterm");
            assertThat(shell.number(6)).isEqualTo(132);
            assertThat(shell.number(7)).isEqualTo(50);
            session.send(RESULT, State.running().bytes());
            var service = session.request(Wire.JOB_START);
            assertThat(service.number(1)).isEqualTo(2);
            assertThat(service.string(3)).isEqualTo("serve");
            assertThat(service.all(6)).isEmpty();
            session.send(RESULT, State.ended(137, 9).bytes());
            session.request(Wire.JOB_START);
            session.send(
                    ERROR, new Answer().u16(1, 12).u32(2, 0).text(3, "taken").bytes());
        };
        with(script, jobs -> {
            JobState shell = jobs.start(
                    StartJob.shell("sh-1", "/workspace", Map.of("TERM", "xterm"), new TerminalSize(132, 50)));
            assertThat(shell)
                    .isEqualTo(
                            new JobState(true, 77, 0, 0, Instant.ofEpochSecond(2, 1), null, 80, 24, false, 10, 4, ""));
            JobState service = jobs.start(StartJob.service("web", "serve", "/", Map.of()));
            assertThat(service.running()).isFalse();
            assertThat(service.exitCode()).isEqualTo(137);
            assertThat(service.signal()).isEqualTo(9);
            assertThat(service.endedAt()).isEqualTo(Instant.ofEpochSecond(3, 5));
            refused(AgentRefusal.Reason.EXISTS, () -> jobs.start(StartJob.service("web", "serve", "/", Map.of())));
        });
    }

    @Test
    void saysAsWhomAndHowTheyStart() throws Exception {
        Script script = session -> {
            var fields = session.request(Wire.JOB_START);
            assertThat(fields.string(8)).isEqualTo("1000:1000");
            assertThat(fields.all(9)).containsExactly("serve", "--port=80");
            assertThat(fields.number(10)).isEqualTo(1);
            session.send(RESULT, State.running().bytes());
            fields = session.request(Wire.JOB_START);
            for (int tag = 8; tag <= 10; tag++) {
                assertThat(fields.all(tag)).isEmpty();
            }
            session.send(RESULT, State.running().bytes());
        };
        with(
                session -> {
                    session.greet();
                    script.run(session);
                },
                jobs -> {
                    StartJob service = StartJob.service("web", "serve --port=80", "/srv", Map.of());
                    jobs.start(service.withUser("1000:1000")
                            .withArguments(List.of("serve", "--port=80"))
                            .withLoginShell(false));
                    jobs.start(service);
                });
    }

    @Test
    void listsThem() throws Exception {
        Script script = session -> {
            session.greet();
            assertThat(session.request(Wire.JOB_LIST).all(2)).isEmpty();
            for (String name : List.of("b", "a")) {
                session.send(
                        DATA_OUT,
                        State.running().addTo(new Answer().text(2, name)).bytes());
            }
            session.send(RESULT, new Answer().u32(1, 2).bytes());
            assertThat(session.request(Wire.JOB_LIST).string(2)).isEqualTo("web");
            session.send(
                    DATA_OUT,
                    State.ended(3, 0).addTo(new Answer().text(2, "web")).bytes());
            session.send(RESULT, new Answer().u32(1, 1).bytes());
        };
        with(script, jobs -> {
            assertThat(jobs.list(JobKind.SERVICE))
                    .extracting(job -> job.job().toString())
                    .containsExactly("service b", "service a");
            assertThat(jobs.state(WEB).exitCode()).isEqualTo(3);
        });
    }

    @Test
    void readsBothStreamsOfAService() throws Exception {
        Script script = session -> {
            session.greet();
            var fields = session.request(Wire.JOB_READ);
            assertThat(fields.number(3)).isEqualTo(3);
            assertThat(fields.number(4)).isEqualTo(1);
            assertThat(fields.number(5)).isEqualTo(100);
            assertThat(fields.number(6)).isEqualTo(1500);
            session.send(STDOUT, ascii("ab"));
            session.send(STDERR, ascii("e"));
            session.send(STDOUT, ascii("c"));
            session.send(
                    RESULT,
                    State.running().addTo(new Answer().u64(1, 7).u64(2, 1)).bytes());
            assertThat(session.request(Wire.JOB_READ).all(4)).isEmpty();
            session.send(
                    RESULT,
                    State.running()
                            .withEnds(0, 0)
                            .addTo(new Answer().u64(1, 0).u64(2, 0))
                            .bytes());
        };
        with(script, jobs -> {
            JobOutput output = jobs.read(
                    ReadJob.from(WEB, 3).withErrorCursor(1).withMaxBytes(100).withPatience(Duration.ofMillis(1500)));
            assertThat(output.bytes()).isEqualTo(ascii("abc"));
            assertThat(output.cursor()).isEqualTo(7);
            assertThat(output.nextCursor()).isEqualTo(10);
            assertThat(output.errorBytes()).isEqualTo(ascii("e"));
            assertThat(output.nextErrorCursor()).isEqualTo(2);
            assertThat(jobs.read(ReadJob.from(SHELL, 0)).bytes()).isEmpty();
        });
    }

    @Test
    void typesResizesAndSignals() throws Exception {
        Script script = session -> {
            session.greet();
            assertThat(session.request(Wire.JOB_WRITE).string(2)).isEqualTo("sh-1");
            assertThat(session.input()).isEqualTo(ascii("ls\n"));
            session.send(RESULT, State.running().addTo(new Answer().u64(1, 2)).bytes());
            var size = session.request(Wire.JOB_RESIZE);
            assertThat(size.number(6)).isEqualTo(1);
            assertThat(size.number(7)).isEqualTo(1000);
            session.send(RESULT, State.running().bytes());
            assertThat(session.request(Wire.JOB_SIGNAL).number(3)).isEqualTo(15);
            session.send(ERROR, new Answer().u16(1, 13).u32(2, 0).bytes());
        };
        with(script, jobs -> {
            assertThat(jobs.write(SHELL, ascii("ls\n")).bytes()).isEqualTo(2);
            assertThat(jobs.resize(SHELL, new TerminalSize(1, 1000)).columns()).isEqualTo(80);
            refused(AgentRefusal.Reason.WRONG_STATE, () -> jobs.signal(SHELL, TerminalSignal.TERM));
        });
    }

    @Test
    void stopsAndProbes() throws Exception {
        Script script = session -> {
            session.greet();
            var stop = session.request(Wire.JOB_STOP);
            assertThat(stop.number(3)).isEqualTo(1000);
            assertThat(stop.number(4)).isEqualTo(1);
            session.send(RESULT, State.ended(143, 15).bytes());
            var all = session.request(Wire.JOB_STOP);
            assertThat(all.number(1)).isEqualTo(1);
            assertThat(all.all(2)).isEmpty();
            assertThat(all.all(4)).isEmpty();
            session.send(RESULT, new byte[0]);
            var probe = session.request(Wire.JOB_PROBE);
            assertThat(probe.number(3)).isEqualTo(2);
            assertThat(probe.string(4)).isEqualTo("localhost:80");
            assertThat(probe.number(5)).isEqualTo(100);
            assertThat(probe.number(6)).isEqualTo(1000);
            session.send(
                    RESULT,
                    State.running()
                            .addTo(new Answer().u8(1, 3).u64(2, 9_000_000_000L))
                            .bytes());
        };
        with(script, jobs -> {
            assertThat(jobs.stop(WEB, SECOND, true).signal()).isEqualTo(15);
            jobs.stopAll(JobKind.SHELL, Duration.ZERO, false);
            ProbeResult result =
                    jobs.probe(WEB, new JobProbe(JobProbe.Kind.TCP, "localhost:80", Duration.ofMillis(100), SECOND));
            assertThat(result.outcome()).isEqualTo(ProbeResult.Outcome.TIMED_OUT);
            assertThat(result.at()).isEqualTo(Instant.ofEpochSecond(9));
        });
    }

    @Test
    void allowsForTheWaitOfARead() throws Exception {
        Duration patience = ScriptedGuest.SHORT.multipliedBy(6);
        try (ScriptedGuest guest = new ScriptedGuest(Session::greetAndIgnore);
                AgentClient client = guest.connectImpatiently()) {
            long start = System.nanoTime();
            failure(
                    ErrorCode.GUEST_TIMEOUT,
                    () -> client.jobs().read(ReadJob.from(SHELL, 0).withPatience(patience)));
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isBetween(patience, Duration.ofSeconds(20));
        }
    }

    @ParameterizedTest
    @ValueSource(
            ints = {Wire.JOB_START, Wire.JOB_LIST, Wire.JOB_READ, Wire.JOB_WRITE, Wire.JOB_RESIZE, Wire.JOB_SIGNAL})
    void givesUpOnASilentGuest(int operation) throws Exception {
        try (ScriptedGuest guest = new ScriptedGuest(answering(operation, Session::readUntilClosed));
                AgentClient client = guest.connectImpatiently()) {
            failure(ErrorCode.GUEST_TIMEOUT, () -> request(client.jobs(), operation));
        }
    }

    @Test
    void givesUpOnASilentStopAndProbe() throws Exception {
        JobProbe probe = new JobProbe(JobProbe.Kind.FILE, "/x", Duration.ofMillis(10), Duration.ofMillis(10));
        List<Consumer<AgentJobs>> calls = List.of(
                jobs -> jobs.stop(WEB, Duration.ofMillis(10), false),
                jobs -> jobs.stopAll(JobKind.SHELL, Duration.ofMillis(10), false),
                jobs -> jobs.probe(WEB, probe));
        for (Consumer<AgentJobs> call : calls) {
            try (ScriptedGuest guest = new ScriptedGuest(Session::greetAndIgnore);
                    AgentClient client = guest.connectImpatiently()) {
                failure(ErrorCode.GUEST_TIMEOUT, () -> call.accept(client.jobs()));
            }
        }
    }

    private static void request(AgentJobs jobs, int operation) {
        switch (operation) {
            case Wire.JOB_START -> jobs.start(StartJob.service("web", "x", "/", Map.of()));
            case Wire.JOB_LIST -> jobs.list(JobKind.SHELL);
            case Wire.JOB_READ -> jobs.read(ReadJob.from(SHELL, 0));
            case Wire.JOB_WRITE -> jobs.write(SHELL, ascii("x"));
            case Wire.JOB_RESIZE -> jobs.resize(SHELL, new TerminalSize(80, 24));
            default -> jobs.signal(SHELL, TerminalSignal.INT);
        }
    }

    private static void answersState(Session session, State state) throws IOException {
        session.send(RESULT, state.bytes());
    }

    @Test
    void refusesStatesThatCannotBe() throws Exception {
        List<Consumer<State>> wrongs = List.of(
                state -> state.phase = 0,
                state -> state.phase = 3,
                state -> state.phase = 2,
                state -> state.ended = 5,
                state -> state.exitCode = 256,
                state -> state.exitCode = -1,
                state -> state.signal = 65,
                state -> state.columns = 1001,
                state -> state.stopAsked = 2,
                state -> state.end = -1,
                state -> state.errorEnd = Long.MIN_VALUE);
        for (Consumer<State> wrong : wrongs) {
            State state = State.running();
            wrong.accept(state);
            violates(
                    Wire.JOB_RESIZE,
                    session -> answersState(session, state),
                    jobs -> jobs.resize(SHELL, new TerminalSize(80, 24)));
        }
        violates(
                Wire.JOB_RESIZE,
                session -> session.send(RESULT, new byte[0]),
                jobs -> jobs.resize(SHELL, new TerminalSize(80, 24)));
    }

    /** Cursors of the answer, and the ends that go with them; 3 bytes and 1 byte come. */
    @ParameterizedTest
    @CsvSource({
        "2, 1, 10, 4", // moved back
        "3, 0, 10, 4",
        "8, 1, 10, 4", // beyond the end
        "3, 4, 10, 4",
        "9223372036854775807, 1, 9223372036854775807, 4", // a sum that overflows
        "3, 9223372036854775807, 10, 9223372036854775807",
        "3, 1, 2, 4",
    })
    void refusesOutputFromElsewhere(long cursor, long errorCursor, long end, long errorEnd) throws Exception {
        violates(
                Wire.JOB_READ,
                session -> {
                    session.send(STDOUT, ascii("abc"));
                    session.send(STDERR, ascii("e"));
                    Answer answer = new Answer().u64(1, cursor).u64(2, errorCursor);
                    session.send(
                            RESULT,
                            State.running()
                                    .withEnds(end, errorEnd)
                                    .addTo(answer)
                                    .bytes());
                },
                jobs -> jobs.read(ReadJob.from(WEB, 3).withErrorCursor(1)));
    }

    @Test
    void refusesMoreOutputThanWasAskedFor() throws Exception {
        Script endless = session -> {
            while (true) {
                session.send(STDOUT, new byte[1000]);
            }
        };
        violates(
                Wire.JOB_READ, endless, jobs -> jobs.read(ReadJob.from(SHELL, 0).withMaxBytes(2500)));
        violates(
                Wire.JOB_READ, session -> session.send(STDERR, new byte[1]), jobs -> jobs.read(ReadJob.from(SHELL, 0)));
        violates(
                Wire.JOB_READ,
                session -> session.send(DATA_OUT, new byte[1]),
                jobs -> jobs.read(ReadJob.from(SHELL, 0)));
    }

    @Test
    void refusesListsThatAreNone() throws Exception {
        Script endless = session -> {
            for (int i = 0; true; i++) {
                session.send(
                        DATA_OUT,
                        State.running().addTo(new Answer().text(2, "j" + i)).bytes());
            }
        };
        violates(Wire.JOB_LIST, endless, jobs -> jobs.list(JobKind.SHELL));
        refusesList(2, jobs -> jobs.list(JobKind.SHELL), "a");
        refusesList(2, jobs -> jobs.list(JobKind.SHELL), "a", "a");
        refusesList(1, jobs -> jobs.list(JobKind.SHELL), "../a");
        refusesList(1, jobs -> jobs.list(JobKind.SHELL), "");
        refusesList(0, jobs -> jobs.state(WEB));
        refusesList(1, jobs -> jobs.state(WEB), "other");
        refusesList(2, jobs -> jobs.state(WEB), "web", "web");
    }

    private static void refusesList(int count, Consumer<AgentJobs> call, String... names) throws Exception {
        violates(
                Wire.JOB_LIST,
                session -> {
                    for (String name : names) {
                        session.send(
                                DATA_OUT,
                                State.running()
                                        .addTo(new Answer().text(2, name))
                                        .bytes());
                    }
                    session.send(RESULT, new Answer().u32(1, count).bytes());
                },
                call);
    }

    @Test
    void refusesAnswersThatContradictTheRequest() throws Exception {
        violates(
                Wire.JOB_WRITE,
                session -> {
                    session.input();
                    session.send(
                            RESULT,
                            State.running().addTo(new Answer().u64(1, 2)).bytes());
                },
                jobs -> jobs.write(SHELL, ascii("x")));
        violates(
                Wire.JOB_STOP,
                session -> answersState(session, State.running()),
                jobs -> jobs.stop(WEB, SECOND, false));
        JobProbe probe = new JobProbe(JobProbe.Kind.STILL_RUNNING, "", SECOND, SECOND);
        for (int outcome : new int[] {0, 2, 4}) {
            violates(
                    Wire.JOB_PROBE,
                    session -> session.send(
                            RESULT,
                            State.running()
                                    .addTo(new Answer().u8(1, outcome).u64(2, 1))
                                    .bytes()),
                    jobs -> jobs.probe(WEB, probe));
        }
    }

    @Test
    void noticesThatTheMachineDies() throws Exception {
        with(
                answering(Wire.JOB_READ, session -> session.send(STDOUT, ascii("half"))),
                jobs -> failure(ErrorCode.MACHINE_DIED, () -> jobs.read(ReadJob.from(SHELL, 0))));
    }

    @Test
    void requestsAreCheckedBeforeTheyAreSent() {
        invalid(() -> JobName.shell(""));
        invalid(() -> JobName.service("a/b"));
        invalid(() -> JobName.service("x".repeat(65)));
        invalid(() -> new TerminalSize(0, 24));
        invalid(() -> new TerminalSize(80, 1001));
        invalid(() -> ReadJob.from(SHELL, -1));
        invalid(() -> ReadJob.from(SHELL, 0).withErrorCursor(1));
        invalid(() -> ReadJob.from(WEB, 0).withErrorCursor(-1));
        invalid(() -> ReadJob.from(WEB, 0).withMaxBytes(0));
        invalid(() -> ReadJob.from(WEB, 0).withMaxBytes(ReadJob.MAX_BYTES + 1));
        invalid(() -> ReadJob.from(WEB, 0).withPatience(Duration.ofMinutes(1).plusMillis(1)));
        invalid(() -> new JobProbe(JobProbe.Kind.FILE, "/", Duration.ofMillis(9), SECOND));
        invalid(() -> new JobProbe(JobProbe.Kind.FILE, "/", SECOND, Duration.ZERO));
        invalid(() -> new JobProbe(JobProbe.Kind.FILE, "/", SECOND, Duration.ofDays(2)));
    }

    @Test
    void aGraceIsCheckedBeforeItIsSent() throws Exception {
        with(Session::greetAndIgnore, jobs -> {
            invalid(() -> jobs.stop(WEB, Duration.ofSeconds(31), false));
            invalid(() -> jobs.stopAll(JobKind.SHELL, Duration.ofMillis(-1), false));
        });
    }

    private static void invalid(Runnable call) {
        PyroException e = failure(ErrorCode.INVALID_ARGUMENT, call);
        assertThat(e).hasMessageMatching(".*\\S.*");
    }
}
