package dev.pyro.agent;

import static dev.pyro.agent.Failures.failure;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The client against the real agent, in namespaces, over a root that is nothing but busybox. */
@Timeout(120)
class AgentClientIT {
    private static final Duration BOUND = Duration.ofSeconds(20);
    private static final GuestLocation FILE = new GuestLocation("/tmp", "made/here");

    @TempDir
    private Path folder;

    private NamespacedAgent agent;
    private AgentClient client;

    @BeforeEach
    void start() throws IOException {
        agent = NamespacedAgent.start(folder);
        client = agent.connect(BOUND);
    }

    @AfterEach
    void stop() throws Exception {
        client.close();
        agent.close();
    }

    private String shell(String command) {
        ByteArrayOutputStream stdout = new ByteArrayOutputStream();
        ExecOutcome outcome = client.exec(ExecRequest.of(command), new ExecOutput(ByteSink.of(stdout), ByteSink.NONE));
        assertThat(outcome.exitCode()).isZero();
        return stdout.toString(StandardCharsets.UTF_8);
    }

    private void configure() {
        client.configure(ConfigureRequest.NOTHING.withHostname("box"));
    }

    @Test
    void refusesEverythingBeforeItIsConfigured() {
        PyroException e = failure(ErrorCode.GUEST_ERROR, () -> client.exec(ExecRequest.of("true"), ExecOutput.NONE));
        assertThat(e.getCause())
                .asInstanceOf(type(AgentRefusal.class))
                .satisfies(refusal -> assertThat(refusal.reason()).isEqualTo(AgentRefusal.Reason.NOT_CONFIGURED));

        ConfigureResult result = client.configure(ConfigureRequest.NOTHING.withHostname("box"));

        assertThat(result.first()).isTrue();
        assertThat(result.agentVersion()).isNotEmpty();
        assertThat(shell("hostname")).isEqualTo("box\n");
        assertThat(client.configure(ConfigureRequest.NOTHING).first()).isFalse();
    }

    @Test
    void runsCommands() {
        configure();
        ByteArrayOutputStream stdout = new ByteArrayOutputStream();
        ByteArrayOutputStream stderr = new ByteArrayOutputStream();
        ExecOutcome outcome = client.exec(
                ExecRequest.of("cat; pwd; echo $A >&2; exit 7")
                        .withDirectory("/bin")
                        .withEnvironment(Map.of("A", "b c"))
                        .withTimeout(BOUND)
                        .withInput(new ByteArrayInputStream("in ".getBytes(StandardCharsets.US_ASCII))),
                new ExecOutput(ByteSink.of(stdout), ByteSink.of(stderr)));
        assertThat(outcome.exitCode()).isEqualTo(7);
        assertThat(outcome.timedOut()).isFalse();
        assertThat(stdout.toString(StandardCharsets.US_ASCII)).isEqualTo("in /bin\n");
        assertThat(stderr.toString(StandardCharsets.US_ASCII)).isEqualTo("b c\n");
        assertThat(client.exec(ExecRequest.of("kill -9 $$"), ExecOutput.NONE).signal())
                .isEqualTo(9);
        assertThat(client.exec(ExecRequest.of("no-such-command"), ExecOutput.NONE)
                        .exitCode())
                .isEqualTo(127);
    }

    @Test
    void endsACommandThatTakesTooLong() {
        configure();
        ByteArrayOutputStream stdout = new ByteArrayOutputStream();
        ExecOutcome outcome = client.exec(
                ExecRequest.of("echo before; sleep 1000 & sleep 1000").withTimeout(Duration.ofMillis(300)),
                new ExecOutput(ByteSink.of(stdout), ByteSink.NONE));
        assertThat(outcome.exitCode()).isEqualTo(124);
        assertThat(outcome.timedOut()).isTrue();
        assertThat(stdout.toString(StandardCharsets.US_ASCII)).isEqualTo("before\n");
        assertThat(shell("ps")).doesNotContain("sleep");
    }

    @Test
    void movesMuchDataInBothDirections() {
        configure();
        long size = 200L * 1024 * 1024;
        long[] received = new long[1];
        ByteSink counter = bytes -> received[0] += bytes.remaining();
        InputStream source = new BoundedStream(size);
        ExecOutcome outcome = client.exec(ExecRequest.of("cat").withInput(source), new ExecOutput(counter, counter));
        assertThat(outcome.exitCode()).isZero();
        assertThat(received[0]).isEqualTo(size);
    }

    @Test
    void leavesInputAloneThatNobodyReads() {
        configure();
        CountDownLatch never = new CountDownLatch(1);
        try {
            for (int i = 0; i < 5; i++) {
                assertThat(client.exec(ExecRequest.of("true").withInput(new EndlessStream()), ExecOutput.NONE)
                                .exitCode())
                        .isZero();
                assertThat(client.exec(ExecRequest.of("true").withInput(new AwaitingStream(never)), ExecOutput.NONE)
                                .exitCode())
                        .isZero();
            }
        } finally {
            never.countDown();
        }
    }

    @Test
    void handlesFiles() {
        configure();
        WriteRequest request = new WriteRequest(FILE, WriteRequest.STANDARD_MODE, true);
        byte[] content = "hello\n".getBytes(StandardCharsets.US_ASCII);
        assertThat(client.write(request, new ByteArrayInputStream(content))).isEqualTo(new WriteResult(6, true));
        ByteArrayOutputStream read = new ByteArrayOutputStream();
        assertThat(client.read(FILE, 1, 3, ByteSink.of(read))).isEqualTo(new ReadResult(6, 3));
        assertThat(read.toString(StandardCharsets.US_ASCII)).isEqualTo("ell");
        shell("ln -s here /tmp/made/link; mkdir /tmp/made/a; echo 1 > /tmp/made/a/x; echo 2 > /tmp/made/a.b");

        List<WalkEntry> entries = new ArrayList<>();
        GuestLocation tree = new GuestLocation("/tmp", "made");
        WalkResult walk = client.walk(new WalkRequest(tree, WalkRequest.EVERYTHING, true, 100), entries::add);

        assertThat(walk).isEqualTo(new WalkResult(6, false));
        assertThat(entries).extracting(WalkEntry::path).containsExactly("", "a", "a/x", "a.b", "here", "link");
        assertThat(entries.get(4).sha256())
                .isEqualTo("5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03");
        assertThat(entries.get(5).linkTarget()).isEqualTo("here");
        assertThat(client.walk(new WalkRequest(tree, 1, false, 2), entry -> {}).truncated())
                .isTrue();

        ByteArrayOutputStream archive = new ByteArrayOutputStream();
        ExportResult export = client.exportTree(new ExportRequest(tree, 1_000_000), ByteSink.of(archive));
        assertThat(export.kind()).isEqualTo(GuestFileKind.DIRECTORY);
        shell("mkdir /tmp/copy");
        ImportResult copy = client.importTree(
                ImportRequest.direct(new GuestLocation("/tmp", "copy"), 100, 1_000_000),
                new ByteArrayInputStream(archive.toByteArray()));
        assertThat(copy.entries()).isEqualTo(export.entries());
        assertThat(shell("cat /tmp/copy/made/link /tmp/copy/made/a/x")).isEqualTo("hello\n1\n");
    }

    @Test
    void refusesPathsThatLeadOutAndBadArchives() {
        configure();
        shell("ln -s /etc /tmp/out");
        for (String path : List.of("../etc/passwd", "out/passwd")) {
            PyroException e = failure(
                    ErrorCode.GUEST_ERROR, () -> client.read(new GuestLocation("/tmp", path), 0, 10, ByteSink.NONE));
            assertThat(e.getCause())
                    .asInstanceOf(type(AgentRefusal.class))
                    .satisfies(refusal -> assertThat(refusal.reason()).isEqualTo(AgentRefusal.Reason.OUTSIDE));
        }
        PyroException e = failure(
                ErrorCode.GUEST_ERROR,
                () -> client.importTree(
                        ImportRequest.direct(new GuestLocation("/tmp", ""), 10, 1000), new EndlessStream()));
        assertThat(e.getCause())
                .asInstanceOf(type(AgentRefusal.class))
                .satisfies(refusal -> assertThat(refusal.reason()).isEqualTo(AgentRefusal.Reason.BAD_ARCHIVE));
        assertThat(shell("echo still here")).isEqualTo("still here\n");
    }

    @Test
    void worksOnSeveralConnectionsAndEndsWhatAClosedOneRan() {
        configure();
        CountDownLatch running = new CountDownLatch(1);
        AgentClient other = agent.connect(BOUND);
        Thread caller = Thread.ofPlatform()
                .start(() -> failure(
                        ErrorCode.INTERRUPTED,
                        () -> other.exec(
                                ExecRequest.of("echo on; sleep 1000"),
                                new ExecOutput(bytes -> running.countDown(), ByteSink.NONE))));
        try {
            running.await();
            assertThat(shell("ps")).contains("sleep 1000");
            caller.interrupt();
            caller.join();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
        org.awaitility.Awaitility.await().atMost(BOUND).until(() -> !shell("ps").contains("sleep 1000"));
    }

    @Test
    void shutsDown() throws Exception {
        configure();
        client.shutdown();
        assertThat(agent.hasEnded(BOUND)).isTrue();
        failure(ErrorCode.MACHINE_DIED, () -> client.exec(ExecRequest.of("true"), ExecOutput.NONE));
    }
}
