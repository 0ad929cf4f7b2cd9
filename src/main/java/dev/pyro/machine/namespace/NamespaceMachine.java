package dev.pyro.machine.namespace;

import dev.pyro.machine.LockedChannel;
import dev.pyro.machine.LogText;
import dev.pyro.machine.Machine;
import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import dev.pyro.os.ProcessIdentity;
import dev.pyro.store.AtomicFiles;
import dev.pyro.store.InterProcessLock;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ByteChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.stream.IntStream;

/** One running set of namespaces. */
final class NamespaceMachine implements Machine {
    /** How many connections the agent serves at a time. */
    static final int MAX_SESSIONS = 8;

    private final NamespacePaths paths;
    private final NamespaceRecord record;

    NamespaceMachine(NamespacePaths paths, NamespaceRecord record) {
        this.paths = paths;
        this.record = record;
    }

    @Override
    public String id() {
        return record.id();
    }

    @Override
    public ProcessIdentity process() {
        return record.agent().orElse(record.monitor());
    }

    @Override
    public boolean isAlive() {
        return process().isAlive();
    }

    @Override
    public Optional<GuestNetwork> network() {
        return Optional.empty();
    }

    @Override
    public ByteChannel openChannel(Duration timeout) {
        Pause pause = new Pause(timeout);
        String obstacle = "";
        do {
            for (int i = 0; i < MAX_SESSIONS; i++) {
                Optional<InterProcessLock> session = trySession(i);
                if (session.isPresent()) {
                    try {
                        return new LockedChannel(connect(paths.socket()), session.get());
                    } catch (IOException e) {
                        session.get().close();
                        obstacle = "its agent does not accept a connection: " + e.getMessage();
                        break;
                    }
                }
                obstacle = "all " + MAX_SESSIONS + " connections to its agent are in use";
            }
            if (!isAlive()) {
                throw new PyroException(
                        ErrorCode.MACHINE_DIED, "machine " + id() + " has ended" + LogText.after("", logTail()));
            }
        } while (pause.await("a connection to machine " + id()));
        throw new PyroException(
                ErrorCode.GUEST_TIMEOUT,
                "no connection to machine " + id() + " within " + timeout.toMillis() + " ms: " + obstacle
                        + LogText.after("", logTail()));
    }

    @Override
    public boolean isInUse() {
        return isAlive() && IntStream.range(0, MAX_SESSIONS).anyMatch(this::isTaken);
    }

    private boolean isTaken(int session) {
        Optional<InterProcessLock> lock = trySession(session);
        lock.ifPresent(InterProcessLock::close);
        return lock.isEmpty();
    }

    /** The folder of the locks goes when the machine stops; then there is no session to be had. */
    private Optional<InterProcessLock> trySession(int number) {
        return isAlive()
                ? InterProcessLock.tryAcquire(paths.sessionLocks().resolve(Integer.toString(number)))
                : Optional.empty();
    }

    static SocketChannel connect(Path path) throws IOException {
        SocketChannel socket = SocketChannel.open(StandardProtocolFamily.UNIX);
        try {
            // A blocking attempt would wait without bound for an agent that has stopped accepting.
            socket.configureBlocking(false);
            if (!socket.connect(UnixDomainSocketAddress.of(path))) {
                throw new IOException("the connection is pending");
            }
            socket.configureBlocking(true);
            return socket;
        } catch (IOException e) {
            socket.close();
            throw e;
        }
    }

    @Override
    public void publish(int hostPort, int guestPort) {
        throw noPorts();
    }

    @Override
    public void unpublish(int hostPort) {
        throw noPorts();
    }

    private IllegalStateException noPorts() {
        return new IllegalStateException("machine " + id() + " publishes no ports: it is made of namespaces");
    }

    @Override
    public String logTail() {
        return LogText.tail(paths.log());
    }

    @Override
    public void stop() {
        Processes.end(id(), Processes.of(record));
        deleteLeftovers(paths);
    }

    /** Removes what a machine that has ended leaves, except for its disk and its log. */
    static void deleteLeftovers(NamespacePaths paths) {
        AtomicFiles.deleteTree(paths.socketFolder());
        AtomicFiles.deleteTree(paths.sessionLocks());
        AtomicFiles.deleteTree(paths.overlayWork());
        AtomicFiles.deleteTree(paths.record());
    }
}
