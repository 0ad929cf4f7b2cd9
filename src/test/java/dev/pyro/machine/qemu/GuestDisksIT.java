package dev.pyro.machine.qemu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.pyro.agent.AgentClient;
import dev.pyro.agent.AgentRefusal;
import dev.pyro.agent.ByteSink;
import dev.pyro.agent.ConfigureRequest;
import dev.pyro.agent.ExecOutput;
import dev.pyro.agent.ExecRequest;
import dev.pyro.agent.FreezeResult;
import dev.pyro.agent.GuestLocation;
import dev.pyro.agent.WriteRequest;
import dev.pyro.machine.MachineSite;
import dev.pyro.model.PyroException;
import dev.pyro.store.AtomicFiles;
import java.io.IOException;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the agent does to a guest's disks, seen from outside: FREEZE, THAW and SHUTDOWN. */
@Timeout(300)
class GuestDisksIT {
    private static final Duration BOUND = Duration.ofSeconds(60);
    private static final String WORKSPACE = "/workspace";

    private final Path folder = MachineSite.createFolder();
    private TwoDiskGuest guest;
    private AgentClient client;

    @BeforeEach
    void boot() throws IOException {
        guest = TwoDiskGuest.start(folder);
        client = guest.connect(0);
        client.configure(ConfigureRequest.NOTHING.withHostname("disks").withWorkspaceMount(WORKSPACE));
    }

    @AfterEach
    void end() {
        client.close();
        guest.close();
        AtomicFiles.deleteTree(folder);
    }

    private void shell(String command) {
        assertThat(client.exec(ExecRequest.of(command), ExecOutput.NONE).exitCode())
                .as(command)
                .isZero();
    }

    /** Runs a command on another port that tells of each of its writes to the workspace; returns how often it did. */
    private AtomicLong write(AgentClient writer) {
        AtomicLong writes = new AtomicLong();
        ByteSink counter = bytes -> writes.addAndGet(bytes.remaining());
        Thread.ofVirtual().start(() -> {
            String loop = "while :; do echo x >> /workspace/counter && echo -n .; done";
            try {
                writer.exec(ExecRequest.of(loop), new ExecOutput(counter, ByteSink.NONE));
            } catch (PyroException e) {
                // The test has closed the session.
            }
        });
        awaitMore(writes);
        return writes;
    }

    private static void awaitMore(AtomicLong writes) {
        long before = writes.get();
        await().atMost(BOUND).until(() -> writes.get() > before + 20);
    }

    @Test
    void aFrozenWorkspaceIsWholeOnTheHost() {
        shell("mkdir /workspace/d && head -c 3000000 /dev/urandom > /workspace/d/f");
        try (AgentClient writer = guest.connect(1)) {
            AtomicLong writes = write(writer);

            FreezeResult frozen = client.freeze(WORKSPACE, Duration.ofSeconds(30));
            guest.checkIsClean("work.raw");
            assertThat(frozen.usedInodes()).isBetween(13L, 20L);
            assertThat(frozen.usedBytes()).isBetween(3_000_000L, 20_000_000L);
            assertThat(client.thaw()).isTrue();
            awaitMore(writes);

            // The bound ends it, whatever the host does.
            client.freeze(WORKSPACE, Duration.ofMillis(300));
            awaitMore(writes);
            assertThat(client.thaw()).isFalse();

            // So does the end of the session, even while others wait.
            try (AgentClient other = guest.connect(2)) {
                other.freeze(WORKSPACE, Duration.ofSeconds(30));
            }
            awaitMore(writes);

            // What the guest itself has thawed was not frozen all the time.
            shell("(sleep 2; fsfreeze --unfreeze /workspace) > /dev/null 2>&1 &");
            client.freeze(WORKSPACE, Duration.ofSeconds(30));
            awaitMore(writes);
            assertThat(client.thaw()).isFalse();
        }
    }

    @Test
    void onlyAMountPointIsFrozen() {
        for (String path : new String[] {"/", "/etc", "/workspace/none"}) {
            assertThatThrownBy(() -> client.freeze(path, Duration.ofSeconds(1)))
                    .isInstanceOf(PyroException.class)
                    .cause()
                    .isInstanceOfSatisfying(
                            AgentRefusal.class,
                            refusal -> assertThat(refusal.reason()).isEqualTo(AgentRefusal.Reason.NOT_FOUND));
        }
        shell("echo on > /workspace/f");
    }

    @Test
    void aShutdownLeavesCleanDisks() throws Exception {
        shell("echo 1 > /root/f; echo 2 > /workspace/f; sleep 1000 < /workspace/f > /dev/null 2>&1 &");
        try (AgentClient writer = guest.connect(1)) {
            write(writer);
            client.shutdown();
            assertThat(guest.hasEnded(BOUND)).isTrue();
        }
        guest.checkIsClean("root.raw");
        guest.checkIsClean("work.raw");
    }

    /** What another session's request has open for writing forbids to unmount, and to make read-only. */
    @Test
    void aShutdownInTheMiddleOfAWriteLeavesCleanDisks() throws Exception {
        try (AgentClient writer = guest.connect(1);
                PipedOutputStream source = new PipedOutputStream();
                PipedInputStream content = new PipedInputStream(source)) {
            source.write("the beginning".getBytes(StandardCharsets.US_ASCII));
            GuestLocation file = new GuestLocation(WORKSPACE, "half");
            Thread.ofVirtual()
                    .start(() -> assertThatThrownBy(() ->
                                    writer.write(new WriteRequest(file, WriteRequest.STANDARD_MODE, false), content))
                            .isInstanceOf(PyroException.class));
            await().atMost(BOUND)
                    .until(() ->
                            client.exec(ExecRequest.of("ls -A /workspace | grep -q '^.pyro-.*tmp$'"), ExecOutput.NONE)
                                            .exitCode()
                                    == 0);
            client.shutdown();
            assertThat(guest.hasEnded(BOUND)).isTrue();
        }
        guest.checkIsClean("root.raw");
        guest.checkIsClean("work.raw");
    }
}
