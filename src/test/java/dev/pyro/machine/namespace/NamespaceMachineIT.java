package dev.pyro.machine.namespace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.pyro.machine.Machine;
import dev.pyro.machine.MachineSpec;
import dev.pyro.machine.MachineSpec.NetworkMode;
import dev.pyro.machine.MachineSpec.StartMode;
import dev.pyro.model.ErrorCode;
import dev.pyro.model.Progress;
import dev.pyro.model.PyroException;
import dev.pyro.os.Host;
import dev.pyro.os.ProcessIdentity;
import dev.pyro.store.AtomicFiles;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Starts, ends and kills of real machines. */
class NamespaceMachineIT {
    private static final Duration BOUND = Duration.ofSeconds(20);

    @TempDir
    Path base;

    private NamespaceSite site;

    @BeforeEach
    void prepare() throws IOException {
        site = NamespaceSite.create(base);
    }

    @AfterEach
    void nothingIsLeft() throws IOException {
        if (Files.isDirectory(base.resolve("vms"))) {
            try (var machines = Files.list(base.resolve("vms"))) {
                machines.forEach(folder -> site.backend().adopt(folder).ifPresent(Machine::stop));
            }
        }
        await().atMost(BOUND).untilAsserted(() -> assertThat(site.processes()).isEmpty());
    }

    @Test
    void runsCommandsOnAPrivateRoot() throws Exception {
        String before = site.root().fingerprint();
        Machine machine = site.start("vm-000000000001", true);
        try {
            assertThat(GuestShell.runIn(machine, "echo $(id -u) $(cat /etc/original); exit 7"))
                    .isEqualTo(new GuestShell.Outcome(7, "0 as it was"));
            assertThat(GuestShell.runIn(machine, "echo new > /etc/original && rm -r /usr && mkdir -m 0 /etc/x")
                            .exitCode())
                    .isZero();
            assertThat(GuestShell.runIn(machine, "cat /etc/original; ls -d /usr")
                            .output())
                    .startsWith("new");
        } finally {
            machine.stop();
        }

        assertThat(site.root().fingerprint()).isEqualTo(before);
    }

    @Test
    void stopLeavesTheDiskAndNothingElse() throws IOException {
        MachineSpec spec = site.spec("vm-000000000002", false);
        Machine machine = site.backend().start(spec, Progress.Listener.NONE);
        assertThat(GuestShell.runIn(machine, "echo kept > /root/file").exitCode())
                .isZero();
        ProcessIdentity monitor = monitor(machine);

        machine.stop();
        machine.stop();

        assertThat(machine.isAlive()).isFalse();
        assertThat(monitor.isAlive()).isFalse();
        assertThat(site.backend().adopt(spec.directory())).isEmpty();
        try (var files = Files.list(spec.directory())) {
            assertThat(files.map(file -> file.getFileName().toString()))
                    .containsExactlyInAnyOrder("root", "namespace.log");
        }
        Machine again = site.backend().start(spec, Progress.Listener.NONE);
        assertThat(GuestShell.runIn(again, "cat /root/file").output()).isEqualTo("kept");
        again.stop();
        AtomicFiles.deleteTree(spec.directory());
        assertThat(spec.directory()).doesNotExist();
    }

    @Test
    void isFoundByItsFolder() {
        Machine machine = site.start("vm-000000000003", false);
        Machine found = site.backend().adopt(site.directory(machine.id())).orElseThrow();

        assertThat(found.id()).isEqualTo(machine.id());
        assertThat(found.process()).isEqualTo(machine.process());
        assertThat(GuestShell.runIn(found, "true").exitCode()).isZero();
        assertThatThrownBy(() -> site.start(machine.id(), false)).hasMessageContaining("runs already");
        found.stop();
        assertThat(machine.isAlive()).isFalse();
        assertThat(site.backend().adopt(base.resolve("no-such-machine"))).isEmpty();
    }

    @Test
    void theEndOfEitherProcessIsTheEndOfBoth() {
        for (boolean leased : new boolean[] {true, false}) {
            Machine first = site.start("vm-00000000000a", leased);
            ProcessIdentity monitor = monitor(first);
            first.process().kill();
            await().atMost(BOUND).until(() -> !monitor.isAlive() && !first.isAlive());
            first.stop();

            Machine second = site.start("vm-00000000000b", leased);
            GuestShell shell = GuestShell.open(second, false);
            assertThat(shell.run("sleep 1000 > /dev/null 2>&1 &").exitCode()).isZero();
            monitor(second).kill();
            await().atMost(BOUND).until(() -> !second.isAlive());
            shell.close();
            assertThatThrownBy(() -> second.openChannel(BOUND)).satisfies(hasCode(ErrorCode.MACHINE_DIED));
            second.stop();
        }
    }

    @Test
    void theEndOfTheLeaseAndAShutdownEndIt() {
        Machine leased = site.start("vm-00000000000c", true);
        GuestShell.open(leased, true).close();
        await().atMost(BOUND).until(() -> !leased.isAlive());
        leased.stop();

        Machine other = site.start("vm-00000000000d", false);
        try (GuestShell shell = GuestShell.open(other, false)) {
            shell.shutDown();
        }
        await().atMost(BOUND).until(() -> !other.isAlive());
        other.stop();
    }

    @Test
    void aLeaseEndsWithTheProcessAndOtherMachinesDoNot() throws Exception {
        Process holder = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        LeaseHolder.class.getName(),
                        base.toString())
                .redirectErrorStream(true)
                .start();
        try (BufferedReader output = holder.inputReader()) {
            assertThat(output.readLine()).isEqualTo("started");
            Machine leased =
                    site.backend().adopt(site.directory("vm-00000000000e")).orElseThrow();
            Machine free =
                    site.backend().adopt(site.directory("vm-00000000000f")).orElseThrow();

            holder.destroyForcibly();

            await().atMost(BOUND).until(() -> !leased.isAlive());
            assertThat(GuestShell.runIn(free, "true").exitCode()).isZero();
            free.stop();
        }
    }

    /** Starts two machines, one with a lease, and waits to be killed. */
    static final class LeaseHolder {
        private LeaseHolder() {}

        public static void main(String[] arguments) throws Exception {
            NamespaceSite site = NamespaceSite.existing(Path.of(arguments[0]));
            Callable<Machine> start = () -> site.start("vm-00000000000e", true);
            // The thread that asks for the machine ends; the lease must not end with it.
            try (ExecutorService threads =
                    Executors.newThreadPerTaskExecutor(Thread.ofPlatform().factory())) {
                threads.submit(start).get();
            }
            site.start("vm-00000000000f", false);
            System.out.println("started");
            // Until it is killed, or the test dies and closes the stream.
            System.in.read();
        }
    }

    @Test
    void aNinthConnectionWaitsForItsTurn() throws IOException {
        Machine machine = site.start("vm-000000000010", true);
        List<ByteChannel> channels = new ArrayList<>();
        for (int i = 0; i < NamespaceMachine.MAX_SESSIONS; i++) {
            channels.add(machine.openChannel(BOUND));
        }

        assertThatThrownBy(() -> machine.openChannel(Duration.ofMillis(100)))
                .satisfies(hasCode(ErrorCode.GUEST_TIMEOUT))
                .hasMessageContaining("all 8 connections");
        channels.removeLast().close();
        channels.add(machine.openChannel(BOUND));

        for (ByteChannel channel : channels) {
            channel.close();
        }
        machine.stop();
    }

    @Test
    void closingAChannelEndsABlockedRead() throws Exception {
        Machine machine = site.start("vm-000000000011", true);
        ByteChannel channel = machine.openChannel(BOUND);
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<Integer> read = threads.submit(() -> channel.read(ByteBuffer.allocate(1)));
            await().pollDelay(Duration.ofMillis(50)).until(() -> !read.isDone());
            channel.close();
            assertThatThrownBy(read::get).hasCauseInstanceOf(IOException.class);
        }
        machine.stop();
    }

    @Test
    void manyMachinesAtATime() throws Exception {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<String>> outputs = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                String id = "vm-00000000002" + i;
                outputs.add(threads.submit(() -> {
                    Machine machine = site.start(id, true);
                    try {
                        return GuestShell.runIn(machine, "echo " + id + " > /root/id; cat /root/*")
                                .output();
                    } finally {
                        machine.stop();
                    }
                }));
            }
            for (int i = 0; i < outputs.size(); i++) {
                assertThat(outputs.get(i).get()).isEqualTo("vm-00000000002" + i);
            }
        }
    }

    @Test
    void aFailedStartLeavesNothing() throws IOException {
        Path broken = Files.writeString(base.resolve("broken"), "#!/bin/false\n");
        Files.setPosixFilePermissions(broken, PosixFilePermissions.fromString("rwxr-xr-x"));
        NamespaceBackend backend =
                new NamespaceBackend(NamespaceConfig.of(() -> broken, base.resolve("probes"), base.resolve("staging")));
        MachineSpec spec = site.spec("vm-000000000030", true);

        assertThatThrownBy(() -> backend.start(spec, Progress.Listener.NONE))
                .satisfies(hasCode(ErrorCode.MACHINE_START_FAILED))
                .hasMessageContaining("vm-000000000030 did not start");
        assertThat(spec.directory()).isEmptyDirectory();
        assertThat(backend.probe().usable()).isFalse();
        assertThat(base.resolve("staging")).isEmptyDirectory();
    }

    @Test
    void saysWhichFolderTheMachinesUserCannotPass() throws IOException {
        org.junit.jupiter.api.Assumptions.assumeTrue(Host.isRoot(), "only root changes to another user");
        Path closed = Files.createDirectory(base.resolve("closed"));
        Files.setPosixFilePermissions(closed, PosixFilePermissions.fromString("rwx------"));
        NamespaceSite hidden = new NamespaceSite(base, BusyboxTree.create(closed.resolve("tree")), site.backend());

        assertThatThrownBy(() -> hidden.start("vm-000000000031", true))
                .satisfies(hasCode(ErrorCode.MACHINE_START_FAILED))
                .hasMessageContaining(closed + " is closed to user " + NamespaceBackend.MACHINE_UID)
                .hasMessageContaining("chmod o+x " + closed);
    }

    @Test
    void saysThatASocketsPathIsTooLong() {
        String id = "vm-" + "0".repeat(100);
        assertThatThrownBy(() -> site.start(id, true)).hasMessageContaining("PYRO_STATE_DIR");
    }

    @Test
    void hasNoNetwork() {
        MachineSpec plain = site.spec("vm-000000000032", true);
        MachineSpec spec = new MachineSpec(
                plain.id(),
                plain.directory(),
                plain.root(),
                1,
                256,
                MachineSpec.DEFAULT_ROOT_DISK_BYTES,
                MachineSpec.DEFAULT_WORK_DISK_BYTES,
                NetworkMode.EGRESS,
                null,
                true,
                StartMode.COLD);
        assertThatThrownBy(() -> site.backend().start(spec, Progress.Listener.NONE))
                .satisfies(hasCode(ErrorCode.NETWORK_UNAVAILABLE));
    }

    @Test
    void aMachineWhoseStarterWasKilledIsFoundByItsMonitor() {
        MachineSpec spec = site.spec("vm-000000000033", false);
        Machine machine = site.backend().start(spec, Progress.Listener.NONE);
        ProcessIdentity monitor = monitor(machine);
        Path record = new NamespacePaths(site.directory(machine.id())).record();
        new NamespaceRecord(machine.id(), Optional.empty(), monitor).write(record);

        site.backend().adopt(spec.directory()).orElseThrow().stop();

        assertThat(List.of(machine.process(), monitor)).noneMatch(ProcessIdentity::isAlive);
        assertThat(record).doesNotExist();
    }

    @Test
    void theProbeRemembersThatItWorks() {
        assertThat(site.backend().probe().usable()).isTrue();
        assertThat(base.resolve("probes")).isNotEmptyDirectory();
        assertThat(base.resolve("staging")).isEmptyDirectory();
        assertThat(site.backend().probe().usable()).isTrue();
    }

    private ProcessIdentity monitor(Machine machine) {
        return NamespaceRecord.read(new NamespacePaths(site.directory(machine.id())).record())
                .orElseThrow()
                .monitor();
    }

    private static java.util.function.Consumer<Throwable> hasCode(ErrorCode code) {
        return error -> assertThat(((PyroException) error).code())
                .as(error.getMessage())
                .isEqualTo(code);
    }
}
