package dev.pyro.agent;

import static dev.pyro.agent.Failures.failure;
import static dev.pyro.agent.ScriptedGuest.concat;
import static dev.pyro.agent.ScriptedGuest.entry;
import static dev.pyro.agent.ScriptedGuest.outcome;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import dev.pyro.agent.ScriptedGuest.Answer;
import dev.pyro.agent.ScriptedGuest.Script;
import dev.pyro.agent.ScriptedGuest.SentFields;
import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class AgentClientTest {
    private static final int STDOUT = 0x92;
    private static final int STDERR = 0x93;
    private static final int RESULT = 0x90;
    private static final int ERROR = 0x91;
    private static final int DATA_OUT = 0x94;
    private static final int ENTRIES = 0x95;

    private static ExecOutput into(ByteArrayOutputStream stdout, ByteArrayOutputStream stderr) {
        return new ExecOutput(ByteSink.of(stdout), ByteSink.of(stderr));
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    @Test
    void configuresAndShutsDown() throws Exception {
        Script script = session -> {
            session.greet();
            var fields = session.request(Wire.CONFIGURE);
            long now = System.currentTimeMillis();
            assertThat(fields.number(1) / 1_000_000).isBetween(now - 60_000, now);
            assertThat(fields.string(2)).hasSize(256);
            assertThat(fields.string(3)).isEqualTo("box");
            assertThat(fields.string(4)).isEqualTo("0123456789abcdef0123456789abcdef");
            assertThat(fields.number(5)).isEqualTo(1);
            assertThat(fields.number(6)).isEqualTo(600);
            assertThat(fields.all(7))
                    .containsExactly(
                            "\u0018\n\u0000\u0002\u000f\n\u0000\u0002\u0002RT\u0000\u00124V",
                            "\u0018\n\u0000\u0003\u000f\u0000\u0000\u0000\u0000RT\u0000\u00124_");
            assertThat(fields.all(8)).containsExactly("nameserver 1.1.1.1", "options edns0");
            assertThat(fields.string(9)).isEqualTo("/workspace");
            byte[] answer = new Answer()
                    .text(99, "a tag that nobody knows")
                    .text(1, "0.1\u001b[31m")
                    .text(2, "6.1.0")
                    .u64(3, 1_500_000_000L)
                    .u8(4, 1)
                    .bytes();
            session.send(RESULT, answer);
            session.request(Wire.SHUTDOWN);
            session.send(RESULT, new byte[0]);
        };
        try (ScriptedGuest guest = new ScriptedGuest(script);
                AgentClient client = guest.connect()) {
            ConfigureRequest request = ConfigureRequest.NOTHING
                    .withHostname("box")
                    .withMachineId("0123456789abcdef0123456789abcdef")
                    .withLease(true)
                    .withIdleBound(Duration.ofMinutes(10))
                    .withNetwork(
                            List.of(
                                    new ConfigureRequest.Card("52:54:00:12:34:56", "10.0.2.15", 24, "10.0.2.2"),
                                    new ConfigureRequest.Card("52:54:00:12:34:5f", "10.0.3.15", 24, "0.0.0.0")),
                            List.of("nameserver 1.1.1.1", "options edns0"))
                    .withWorkspaceMount("/workspace");
            assertThat(client.configure(request))
                    .isEqualTo(new ConfigureResult("0.1?[31m", "6.1.0", Duration.ofMillis(1500), true));
            client.shutdown();
            guest.join();
        }
    }

    @Test
    void runsOneCommandAfterTheOther() throws Exception {
        Script script = session -> {
            session.greet();
            var fields = session.request(Wire.EXEC);
            assertThat(fields.string(1)).isEqualTo("make");
            assertThat(fields.string(2)).isEqualTo("/src");
            assertThat(fields.all(3)).containsExactly("A=1", "B=x=y");
            assertThat(fields.number(4)).isEqualTo(2500);
            assertThat(fields.all(5)).isEmpty();
            session.send(STDOUT, ascii("one "));
            session.send(STDERR, ascii("two"));
            session.send(STDOUT, ascii("three"));
            session.send(
                    RESULT,
                    new Answer()
                            .u32(1, 124)
                            .u8(2, 1)
                            .u64(3, 2_500_000_000L)
                            .u32(4, 9)
                            .bytes());
            assertThat(session.request(Wire.EXEC).all(4)).isEmpty();
            session.send(RESULT, outcome(3));
        };
        try (ScriptedGuest guest = new ScriptedGuest(script);
                AgentClient client = guest.connect()) {
            ByteArrayOutputStream stdout = new ByteArrayOutputStream();
            ByteArrayOutputStream stderr = new ByteArrayOutputStream();
            Map<String, String> variables = new java.util.LinkedHashMap<>();
            variables.put("A", "1");
            variables.put("B", "x=y");
            ExecRequest request = ExecRequest.of("make")
                    .withDirectory("/src")
                    .withEnvironment(variables)
                    .withTimeout(Duration.ofMillis(2500));
            assertThat(client.exec(request, into(stdout, stderr)))
                    .isEqualTo(new ExecOutcome(124, true, Duration.ofMillis(2500), 9));
            assertThat(stdout.toString(StandardCharsets.US_ASCII)).isEqualTo("one three");
            assertThat(stderr.toString(StandardCharsets.US_ASCII)).isEqualTo("two");
            assertThat(client.exec(ExecRequest.of("false"), ExecOutput.NONE).exitCode())
                    .isEqualTo(3);
            guest.join();
        }
    }

    @Test
    void saysAsWhomAndHowACommandStarts() throws Exception {
        Script script = session -> {
            session.greet();
            var fields = session.request(Wire.EXEC);
            assertThat(fields.string(6)).isEqualTo("app:www");
            assertThat(fields.all(7)).containsExactly("printf", "%s", "");
            assertThat(fields.number(8)).isEqualTo(1);
            assertThat(fields.number(9)).isEqualTo(1);
            session.send(RESULT, outcome(0));
            fields = session.request(Wire.EXEC);
            assertThat(fields.string(6)).isEqualTo("nobody");
            assertThat(fields.all(7)).isEmpty(); // they do not fit beside the rest
            session.send(
                    ERROR, new Answer().u16(1, 14).u32(2, 0).text(3, "who?").bytes());
            fields = session.request(Wire.EXEC);
            for (int tag = 6; tag <= 9; tag++) {
                assertThat(fields.all(tag)).isEmpty();
            }
            session.send(RESULT, outcome(0));
        };
        try (ScriptedGuest guest = new ScriptedGuest(script);
                AgentClient client = guest.connect()) {
            ExecRequest request = ExecRequest.of("printf %s ''")
                    .withUser("app:www")
                    .withArguments(List.of("printf", "%s", ""))
                    .withLoginShell(false)
                    .withDirectoryMade(true);
            client.exec(request, ExecOutput.NONE);
            ExecRequest large = ExecRequest.of("x".repeat(Wire.MAX_COMMAND))
                    .withArguments(List.of("x".repeat(Wire.MAX_COMMAND)))
                    .withEnvironment(Map.of("A", "x".repeat(1000)))
                    .withUser("nobody");
            assertThat(failure(ErrorCode.GUEST_USER_UNKNOWN, () -> client.exec(large, ExecOutput.NONE)))
                    .hasMessageContaining("no such user: who?")
                    .hasCauseInstanceOf(AgentRefusal.class);
            client.exec(ExecRequest.of("true"), ExecOutput.NONE);
            guest.join();
        }
    }

    @Test
    void feedsStandardInputWhileOutputFlows() throws Exception {
        byte[] data = new byte[3_000_000];
        Arrays.fill(data, (byte) 'x');
        Script cat = session -> {
            session.greet();
            assertThat(session.request(Wire.EXEC).number(5)).isEqualTo(1);
            // Like cat: each frame goes back before the next one is taken, so that both directions must move at once.
            for (var frame = session.read(); frame.type() != Wire.END; frame = session.read()) {
                session.send(STDOUT, frame.bytes());
            }
            session.send(RESULT, outcome(0));
        };
        try (ScriptedGuest guest = new ScriptedGuest(cat);
                AgentClient client = guest.connect()) {
            ByteArrayOutputStream stdout = new ByteArrayOutputStream();
            client.exec(
                    ExecRequest.of("cat").withInput(new ByteArrayInputStream(data)),
                    into(stdout, new ByteArrayOutputStream()));
            assertThat(stdout.toByteArray()).isEqualTo(data);
            guest.join();
        }
    }

    @Test
    void endsTheInputOfACommandThatDoesNotReadIt() throws Exception {
        Script script = session -> {
            session.greet();
            session.request(Wire.EXEC);
            session.send(RESULT, outcome(1));
            session.input();
            session.request(Wire.EXEC);
            session.send(RESULT, outcome(2));
        };
        try (ScriptedGuest guest = new ScriptedGuest(script);
                AgentClient client = guest.connect()) {
            assertThat(client.exec(ExecRequest.of("false").withInput(new EndlessStream()), ExecOutput.NONE)
                            .exitCode())
                    .isEqualTo(1);
            assertThat(client.exec(ExecRequest.of("false"), ExecOutput.NONE).exitCode())
                    .isEqualTo(2);
            guest.join();
        }
    }

    @Test
    void doesNotWaitForAnInputThatNeverComes() throws Exception {
        CountDownLatch never = new CountDownLatch(1);
        InputStream terminal = new AwaitingStream(never);
        Script script = session -> {
            session.greet();
            session.request(Wire.EXEC);
            session.send(RESULT, outcome(0));
            assertThat(session.input()).isEmpty();
        };
        try (ScriptedGuest guest = new ScriptedGuest(script);
                AgentClient client = guest.connect()) {
            client.exec(ExecRequest.of("true").withInput(terminal), ExecOutput.NONE);
            guest.join();
        } finally {
            never.countDown();
        }
    }

    @Test
    void walks() throws Exception {
        Script script = session -> {
            session.greet();
            var fields = session.request(Wire.WALK);
            assertThat(fields.string(1)).isEqualTo("/workspace");
            assertThat(fields.string(2)).isEqualTo("src");
            assertThat(fields.number(3)).isEqualTo(WalkRequest.EVERYTHING);
            assertThat(fields.number(4)).isEqualTo(1);
            assertThat(fields.number(5)).isEqualTo(10);
            session.send(ENTRIES, concat(entry('d', "", ""), entry('d', "a", ""), entry('f', "a/b", "")));
            session.send(ENTRIES, concat(entry('f', "a!", ""), entry('l', "z\uDCFF", "/etc/passwd")));
            session.send(RESULT, new Answer().u64(1, 5).u8(2, 0).bytes());
        };
        try (ScriptedGuest guest = new ScriptedGuest(script);
                AgentClient client = guest.connect()) {
            List<WalkEntry> entries = new ArrayList<>();
            WalkRequest request =
                    new WalkRequest(new GuestLocation("/workspace", "src"), WalkRequest.EVERYTHING, true, 10);
            assertThat(client.walk(request, entries::add)).isEqualTo(new WalkResult(5, false));
            assertThat(entries).extracting(WalkEntry::path).containsExactly("", "a", "a/b", "a!", "z\uDCFF");
            assertThat(entries.getLast().linkTarget()).isEqualTo("/etc/passwd");
            guest.join();
        }
    }

    @Test
    void readsWritesImportsAndExports() throws Exception {
        Script script = session -> {
            session.greet();
            assertThat(session.request(Wire.READ).number(3)).isEqualTo(2);
            session.send(DATA_OUT, ascii("ll"));
            session.send(DATA_OUT, ascii("o"));
            session.send(RESULT, new Answer().u64(1, 5).u64(2, 3).bytes());
            var write = session.request(Wire.WRITE);
            assertThat(write.number(3)).isEqualTo(0b111_000_000);
            assertThat(write.number(4)).isEqualTo(1);
            assertThat(new String(session.input(), StandardCharsets.US_ASCII)).isEqualTo("new");
            session.send(RESULT, new Answer().u64(1, 3).u8(2, 1).bytes());
            session.request(Wire.IMPORT);
            assertThat(session.input()).hasSize(1024);
            session.send(RESULT, new Answer().u64(1, 0).u64(2, 0).bytes());
            session.request(Wire.EXPORT);
            session.send(DATA_OUT, new byte[1024]);
            session.send(RESULT, new Answer().u64(1, 1).u64(2, 0).u8(3, 'd').bytes());
        };
        GuestLocation place = new GuestLocation("/workspace", "a");
        try (ScriptedGuest guest = new ScriptedGuest(script);
                AgentClient client = guest.connect()) {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            assertThat(client.read(place, 2, 100, ByteSink.of(bytes))).isEqualTo(new ReadResult(5, 3));
            assertThat(bytes.toString(StandardCharsets.US_ASCII)).isEqualTo("llo");
            assertThat(client.write(
                            new WriteRequest(place, 0b111_000_000, true), new ByteArrayInputStream(ascii("new"))))
                    .isEqualTo(new WriteResult(3, true));
            assertThat(client.importTree(ImportRequest.direct(place, 10, 10), new ByteArrayInputStream(new byte[1024])))
                    .isEqualTo(new ImportResult(0, 0));
            bytes.reset();
            assertThat(client.exportTree(new ExportRequest(place, 100), ByteSink.of(bytes)))
                    .isEqualTo(new ExportResult(1, 0, GuestFileKind.DIRECTORY));
            assertThat(bytes.size()).isEqualTo(1024);
            guest.join();
        }
    }

    @Test
    void freezesChangesAndThaws() throws Exception {
        Script script = session -> {
            session.greet();
            SentFields freeze = session.request(Wire.FREEZE);
            assertThat(freeze.string(1)).isEqualTo("/workspace");
            assertThat(freeze.number(2)).isEqualTo(1500);
            session.send(RESULT, new Answer().u64(1, 12).u64(2, 34).bytes());
            session.request(Wire.THAW);
            session.send(RESULT, new Answer().u8(1, 0).bytes());
            SentFields change = session.request(Wire.CHANGE);
            assertThat(change.number(3)).isEqualTo(10);
            assertThat(session.input()).hasSize(15 + 1);
            session.send(RESULT, new Answer().u64(1, 1).u64(2, 0).bytes());
        };
        try (ScriptedGuest guest = new ScriptedGuest(script);
                AgentClient client = guest.connect()) {
            assertThat(client.freeze("/workspace", Duration.ofMillis(1500))).isEqualTo(new FreezeResult(12, 34));
            assertThat(client.thaw()).isFalse();
            GuestLocation top = new GuestLocation("/workspace", "");
            assertThat(client.change(new ChangeRequest(top, List.of(new FileChange.Delete("f")), 10)))
                    .isEqualTo(new ChangeResult(1, 0));
            guest.join();
        }
    }

    @Test
    void staysUsableAfterARefusal() throws Exception {
        Script script = session -> {
            session.greet();
            session.request(Wire.IMPORT);
            session.send(
                    ERROR,
                    new Answer().u16(1, 9).u32(2, 0).text(3, "..\u0007/x").bytes());
            session.input();
            session.request(Wire.READ);
            session.send(ERROR, new Answer().u16(1, 3).u32(2, 2).text(3, "").bytes());
            session.request(Wire.SHUTDOWN);
            session.send(RESULT, new byte[0]);
        };
        GuestLocation place = new GuestLocation("/workspace", "a");
        try (ScriptedGuest guest = new ScriptedGuest(script);
                AgentClient client = guest.connect()) {
            PyroException e = failure(
                    ErrorCode.GUEST_ERROR,
                    () -> client.importTree(ImportRequest.direct(place, 10, 10), new EndlessStream()));
            assertThat(e).hasMessageContaining("import to /workspace/a").hasMessageContaining("..?/x");
            assertThat(e.getCause())
                    .asInstanceOf(type(AgentRefusal.class))
                    .satisfies(refusal -> assertThat(refusal.reason()).isEqualTo(AgentRefusal.Reason.BAD_ARCHIVE));
            e = failure(ErrorCode.GUEST_ERROR, () -> client.read(place, 0, 1, ByteSink.NONE));
            assertThat(e).hasMessageContaining("no such file");
            client.shutdown();
            guest.join();
        }
    }

    @Test
    void refusesARequestThatIsTooLargeAndStaysUsable() throws Exception {
        Script script = session -> {
            session.greet();
            session.request(Wire.SHUTDOWN);
            session.send(RESULT, new byte[0]);
        };
        try (ScriptedGuest guest = new ScriptedGuest(script);
                AgentClient client = guest.connect()) {
            ExecRequest large =
                    ExecRequest.of("true").withEnvironment(Map.of("A", "x".repeat(200_000), "B", "x".repeat(100_000)));
            failure(ErrorCode.INVALID_ARGUMENT, () -> client.exec(large, ExecOutput.NONE));
            client.shutdown();
            guest.join();
        }
    }
}
