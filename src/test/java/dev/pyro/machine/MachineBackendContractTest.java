package dev.pyro.machine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.pyro.machine.GuestSession.Outcome;
import dev.pyro.machine.MachineSpec.StartMode;
import dev.pyro.model.ErrorCode;
import dev.pyro.model.Progress;
import dev.pyro.model.PyroException;
import dev.pyro.os.ProcessIdentity;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;

/** What every back end promises, tried with real guests. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(300)
public abstract class MachineBackendContractTest {
    private static final Duration BOUND = Duration.ofSeconds(60);
    private static final int MAX_CHANNELS = 8;

    protected final MachineSite site;
    private int machines;

    protected MachineBackendContractTest(MachineSite site) {
        this.site = site;
    }

    @BeforeAll
    void prepareSite() throws IOException {
        site.prepare();
    }

    @AfterEach
    void endMachines() throws IOException {
        Path vms = site.paths().vms();
        if (Files.isDirectory(vms)) {
            try (var folders = Files.list(vms)) {
                for (Path folder : folders.toList()) {
                    site.backend().adopt(folder).ifPresent(Machine::stop);
                }
            }
        }
    }

    @AfterAll
    void deleteSite() {
        site.delete();
    }

    @Test
    void probeSaysThatMachinesCanBeRunAndWhy() {
        MachineBackend.Probe probe = site.backend().probe();

        assertThat(probe.usable()).isTrue();
        assertThat(probe.reason()).isNotBlank();
    }

    @Test
    void runsCommandsAndReportsTheirExitCodes() {
        Machine machine = start(true);
        try (GuestSession session = GuestSession.first(machine, true)) {
            assertThat(machine.isAlive()).isTrue();
            assertThat(session.run("echo out; echo err >&2; exit 7")).isEqualTo(new Outcome(7, "out\nerr"));
            assertThat(session.run("id -u; hostname")).isEqualTo(new Outcome(0, "0\nguest"));
            assertThat(session.run("no-such-command-at-all").exitCode()).isEqualTo(127);
            long hostSeconds = Instant.now().getEpochSecond();
            assertThat(Long.parseLong(session.run("date +%s").output())).isBetween(hostSeconds - 5, hostSeconds + 30);
        }
    }

    @Test
    void machineThatIsNotMadeForItPublishesNothing() {
        Machine machine = start(true);

        assertThat(machine.network()).isEmpty();
        assertThatThrownBy(() -> machine.publish(20_000, 80))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining(machine.id());
        assertThatThrownBy(() -> machine.unpublish(20_000)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void twoMachinesSideBySideShareNothing() {
        Machine first = start(true);
        Machine second = start(true);
        try (GuestSession one = GuestSession.first(first, true);
                GuestSession two = GuestSession.first(second, true)) {
            assertThat(one.run("echo secret > /root/mine && ls /root").output()).isEqualTo("mine");
            assertThat(two.run("ls /root; cat /root/mine").output()).doesNotContain("secret");
            String ids = "cat /etc/machine-id";
            assertThat(one.run(ids).output())
                    .hasSize(32)
                    .isNotEqualTo(two.run(ids).output());
            String random = "head -c 16 /dev/urandom | od -An -tx1";
            assertThat(one.run(random).output()).isNotEqualTo(two.run(random).output());
            String uuid = "cat /proc/sys/kernel/random/uuid";
            assertThat(one.run(uuid).output())
                    .hasSize(36)
                    .isNotEqualTo(two.run(uuid).output());
        }
    }

    @Test
    void stopIsIdempotentAndLeavesNothingThatRuns() throws IOException {
        Machine machine = start(false);
        ProcessIdentity process = machine.process();
        machine.stop();
        machine.stop();

        assertThat(process.isAlive()).isFalse();
        assertThat(machine.isAlive()).isFalse();
        assertThat(site.backend().adopt(folder(machine))).isEmpty();
        try (var files = Files.walk(folder(machine))) {
            assertThat(files.filter(file -> !Files.isRegularFile(file) && !Files.isDirectory(file)))
                    .isEmpty();
        }
        assertThatThrownBy(() -> machine.openChannel(BOUND))
                .isInstanceOfSatisfying(
                        PyroException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.MACHINE_DIED));
    }

    @Test
    void disksOutliveTheMachine() {
        Machine machine = start(true);
        try (GuestSession session = GuestSession.first(machine, true)) {
            assertThat(session.run("echo kept > /root/kept && sync").exitCode()).isZero();
        }
        machine.stop();

        Machine again = site.backend().start(spec(machine.id(), true, StartMode.COLD), Progress.Listener.NONE);
        try (GuestSession session = GuestSession.first(again, true)) {
            assertThat(session.run("cat /root/kept").output()).isEqualTo("kept");
        }
    }

    @Test
    void deathOfTheMachineIsNoticed() throws IOException {
        Machine machine = start(true);
        try (ByteChannel channel = machine.openChannel(BOUND)) {
            machine.process().kill();

            await().atMost(BOUND).until(() -> !machine.isAlive());
            assertThat(readToTheEnd(channel)).isTrue();
        }
        assertThatThrownBy(() -> machine.openChannel(BOUND))
                .isInstanceOfSatisfying(
                        PyroException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.MACHINE_DIED))
                .hasMessageContaining(machine.id());
        machine.stop();
    }

    @Test
    void endOfTheLeaseEndsTheMachine() {
        Machine machine = start(true);
        try (GuestSession session = GuestSession.first(machine, true)) {
            assertThat(session.run("true").exitCode()).isZero();
        }

        await().atMost(BOUND).until(() -> !machine.isAlive());
        machine.stop();
    }

    @Test
    void leasedMachineDiesWithTheProcessThatStartedIt() throws Exception {
        String id = nextId();
        try (OtherProcess other = OtherProcess.start(site, "start-leased", id)) {
            assertThat(other.awaitWord("started")).startsWith("started ");
            Machine machine = site.backend().adopt(folder(id)).orElseThrow();
            assertThat(machine.isAlive()).isTrue();
            other.kill();

            await().atMost(BOUND).until(() -> !machine.isAlive());
            assertThat(site.backend().adopt(folder(id))).isEmpty();
        }
    }

    @Test
    void freeMachineOutlivesTheProcessThatStartedItAndIsAdopted() throws Exception {
        String id = nextId();
        try (OtherProcess other = OtherProcess.start(site, "start-free", id)) {
            assertThat(other.awaitWord("started")).startsWith("started ");
            other.kill();
        }
        Machine machine = site.backend().adopt(folder(id)).orElseThrow();
        assertThat(machine.id()).isEqualTo(id);
        assertThat(machine.isAlive()).isTrue();
        try (OtherProcess other = OtherProcess.start(site, "exec", id)) {
            assertThat(other.awaitWord("output")).isEqualTo("output from the first process");
            assertThat(other.awaitEnd()).isZero();
        }
        machine.stop();

        assertThat(site.backend().adopt(folder(id))).isEmpty();
    }

    @Test
    void portOfAKilledClientIsUsableAgain() throws Exception {
        Machine machine = start(true);
        try (GuestSession session = GuestSession.first(machine, true)) {
            for (int i = 0; i < 2; i++) {
                try (OtherProcess other = OtherProcess.start(site, "flood", machine.id())) {
                    assertThat(other.awaitWord("flowing")).isEqualTo("flowing");
                    other.kill();
                }
                try (GuestSession next = GuestSession.further(machine)) {
                    assertThat(next.run("echo well")).isEqualTo(new Outcome(0, "well"));
                }
            }
            // The agent ends the commands of a connection when it sees its end, not before.
            await().atMost(BOUND)
                    .untilAsserted(() -> assertThat(session.run("ps").output()).doesNotContain("cat /bin/busybox"));
        }
    }

    @Test
    void connectionsWorkSideBySideAndAreBounded() throws Exception {
        Machine machine = start(true);
        List<GuestSession> sessions = new ArrayList<>(List.of(GuestSession.first(machine, true)));
        try (ExecutorService threads = Executors.newFixedThreadPool(MAX_CHANNELS)) {
            List<Callable<GuestSession>> openings = new ArrayList<>();
            for (int i = 1; i < MAX_CHANNELS; i++) {
                openings.add(() -> GuestSession.further(machine));
            }
            for (Future<GuestSession> opening : threads.invokeAll(openings)) {
                sessions.add(opening.get());
            }
            List<Callable<String>> commands = new ArrayList<>();
            for (int i = 0; i < MAX_CHANNELS; i++) {
                GuestSession session = sessions.get(i);
                String word = "session-" + i;
                commands.add(() -> session.run("echo " + word).output());
            }
            List<String> words = new ArrayList<>();
            for (Future<String> command : threads.invokeAll(commands)) {
                words.add(command.get());
            }
            assertThat(words)
                    .containsExactly(
                            "session-0",
                            "session-1",
                            "session-2",
                            "session-3",
                            "session-4",
                            "session-5",
                            "session-6",
                            "session-7");

            long start = System.nanoTime();
            assertThatThrownBy(() -> machine.openChannel(Duration.ofMillis(300)))
                    .isInstanceOfSatisfying(
                            PyroException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.GUEST_TIMEOUT));
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isBetween(Duration.ofMillis(300), BOUND);

            sessions.removeLast().close();
            try (GuestSession next = GuestSession.further(machine)) {
                assertThat(next.run("echo free").output()).isEqualTo("free");
            }
        } finally {
            sessions.forEach(GuestSession::close);
        }
    }

    @Test
    void keepsShellsAndServices() {
        Machine machine = start(true);
        try (GuestSession session = GuestSession.first(machine, true)) {
            assertThat(session.run("true").exitCode()).isZero();
            JobsContract contract = new JobsContract(machine);
            contract.shellsOutliveTheirClients();
            contract.servicesAreProbedAndStopped();
            contract.manyRunAtOnceAndAreEnded();
        }
    }

    /** Starts a machine from a template. */
    protected final Machine start(boolean leased) {
        return site.backend().start(spec(nextId(), leased, StartMode.TEMPLATE), Progress.Listener.NONE);
    }

    protected final MachineSpec spec(String id, boolean leased, StartMode mode) {
        return site.spec(id, leased, mode);
    }

    protected final String nextId() {
        return String.format("vm-%012x", ++machines);
    }

    protected final Path folder(Machine machine) {
        return folder(machine.id());
    }

    protected final Path folder(String id) {
        return site.paths().vms().resolve(id);
    }

    private static boolean readToTheEnd(ByteChannel channel) {
        try {
            ByteBuffer buffer = ByteBuffer.allocate(4096);
            while (channel.read(buffer.clear()) >= 0) {}
            return true;
        } catch (IOException e) {
            return true;
        }
    }
}
