package dev.pyro.machine.qemu;

import dev.pyro.machine.LockedChannel;
import dev.pyro.machine.LogText;
import dev.pyro.machine.Machine;
import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import dev.pyro.os.ProcessIdentity;
import dev.pyro.os.Undisturbed;
import dev.pyro.store.AtomicFiles;
import dev.pyro.store.InterProcessLock;
import java.io.IOException;
import java.nio.channels.ByteChannel;
import java.nio.channels.ClosedByInterruptException;
import java.time.Duration;
import java.util.Optional;
import java.util.stream.IntStream;

/** A QEMU process and its agent ports. */
final class QemuMachine implements Machine {
    private static final Duration END_TIMEOUT = Duration.ofSeconds(20);

    private final MachineRecord record;
    private final MachineFolder folder;
    private final ConsoleTail console;

    QemuMachine(MachineRecord record, MachineFolder folder, ConsoleTail console) {
        this.record = record;
        this.folder = folder;
        this.console = console;
    }

    @Override
    public String id() {
        return record.id();
    }

    @Override
    public ProcessIdentity process() {
        return record.process();
    }

    @Override
    public boolean isAlive() {
        return record.process().isAlive();
    }

    @Override
    public Optional<GuestNetwork> network() {
        return record.network();
    }

    @Override
    public void publish(int hostPort, int guestPort) {
        publishedPorts().publish(hostPort, guestPort);
    }

    @Override
    public void unpublish(int hostPort) {
        publishedPorts().unpublish(hostPort);
    }

    /** Tells whether the process that holds its published ports runs; without it none are published. */
    boolean isPublishing() {
        return record.publisher().filter(ProcessIdentity::isAlive).isPresent();
    }

    private PublishedPorts publishedPorts() {
        if (record.publisher().isEmpty()) {
            throw new IllegalStateException("machine " + id() + " was not started to publish ports");
        }
        return new PublishedPorts(this, folder);
    }

    @Override
    public ByteChannel openChannel(Duration timeout) {
        long deadline = System.nanoTime() + timeout.toNanos();
        while (true) {
            for (int port = 0; port < QemuCommandLine.AGENT_PORTS; port++) {
                Optional<ByteChannel> channel = tryOpen(port);
                if (channel.isPresent()) {
                    return channel.get();
                }
            }
            if (System.nanoTime() >= deadline) {
                throw new PyroException(
                        ErrorCode.GUEST_TIMEOUT,
                        "all " + QemuCommandLine.AGENT_PORTS + " connections to machine " + id()
                                + " are in use since " + timeout.toSeconds()
                                + " s; end one of the commands that run in it");
            }
            UnixSockets.pause();
        }
    }

    private Optional<ByteChannel> tryOpen(int port) {
        if (!isAlive()) {
            throw died();
        }
        Optional<InterProcessLock> lock = InterProcessLock.tryAcquire(folder.portLock(port));
        if (lock.isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(new LockedChannel(
                    UnixSockets.connect(folder.socket(QemuCommandLine.agentSocket(port))), lock.get()));
        } catch (IOException e) {
            lock.get().close();
            throw unreachable("reach machine " + id() + " on its port " + port, e);
        }
    }

    @Override
    public boolean isInUse() {
        return isAlive() && IntStream.range(0, QemuCommandLine.AGENT_PORTS).anyMatch(this::isTaken);
    }

    private boolean isTaken(int port) {
        Optional<InterProcessLock> lock = InterProcessLock.tryAcquire(folder.portLock(port));
        lock.ifPresent(InterProcessLock::close);
        return lock.isEmpty();
    }

    /**
     * Opens its control socket, which serves one client at a time.
     *
     * @throws PyroException {@link ErrorCode#MACHINE_DIED}, or as {@link QmpClient} does
     */
    QmpClient openControl(Duration timeout) {
        if (!isAlive()) {
            throw died();
        }
        try {
            QmpClient control = QmpClient.open(UnixSockets.connect(folder.socket(QemuCommandLine.QMP_SOCKET)), timeout);
            boolean ready = false;
            try {
                control.execute("qmp_capabilities");
                ready = true;
                return control;
            } finally {
                if (!ready) {
                    control.close();
                }
            }
        } catch (IOException e) {
            throw unreachable("control machine " + id(), e);
        }
    }

    private PyroException unreachable(String purpose, IOException cause) {
        if (cause instanceof ClosedByInterruptException) {
            return new PyroException(ErrorCode.INTERRUPTED, "interrupted on the way to " + purpose, cause);
        }
        return isAlive()
                ? new PyroException(
                        ErrorCode.MACHINE_DIED,
                        "cannot " + purpose + ": " + cause.getMessage() + "; stop it and start it again",
                        cause)
                : died();
    }

    PyroException died() {
        return new PyroException(ErrorCode.MACHINE_DIED, LogText.after("machine " + id() + " has ended", logTail()));
    }

    @Override
    public String logTail() {
        String qemu = LogText.tail(folder.qemuLog());
        return LogText.tail(console.text(!isAlive()) + "\n" + qemu);
    }

    @Override
    public void stop() {
        record.process().kill();
        record.companions().forEach(ProcessIdentity::kill);
        Undisturbed.run(this::awaitEnd);
        console.close();
        AtomicFiles.deleteTree(folder.sockets());
    }

    private void awaitEnd() {
        long deadline = System.nanoTime() + END_TIMEOUT.toNanos();
        while (record.isAlive()) {
            if (System.nanoTime() >= deadline) {
                throw new PyroException(
                        ErrorCode.INTERNAL,
                        "process " + record.process().pid() + " of machine " + id()
                                + " did not end after SIGKILL; the host may wait for a disk");
            }
            UnixSockets.pause();
        }
    }
}
