package dev.pyro.workspace;

import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import dev.pyro.model.Secret;
import dev.pyro.os.Undisturbed;
import dev.pyro.store.InterProcessLock;
import dev.pyro.workspace.WorkspaceAccess.StartedWorkspace;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * A workspace that is being made. Unless it is finished, {@link #close} or the end of the process in any orderly way, such as Ctrl-C,
 * leaves nothing of it; after a {@code kill -9} the next Pyro process removes it. For the thread that makes it.
 */
final class WorkspaceCreation implements AutoCloseable {
    /** How long the end of the process waits until the making thread has noticed. */
    private static final Duration NOTICE_BOUND = Duration.ofSeconds(20);

    private final WorkspaceAccess access;
    private final WorkspaceRecord record;
    private final InterProcessLock lock;
    private final Thread maker = Thread.currentThread();
    private final Thread hook;
    private final CountDownLatch ended = new CountDownLatch(1);
    private boolean closed;

    /** Writes the secrets, reserves the name and writes the first record. */
    WorkspaceCreation(WorkspaceAccess access, WorkspaceRecord record, List<Secret> secrets) {
        this.access = access;
        this.record = record;
        this.lock = access.store().lock(record.id());
        this.hook = new Thread(this::abandon, "remove-" + record.id());
        try {
            Runtime.getRuntime().addShutdownHook(hook);
            // A record never names a secret that is not there.
            access.store().putSecrets(record.id(), secrets);
            try (InterProcessLock _ = access.store().lockNames()) {
                new WorkspaceNames(access.store()).requireFree(record.title().name(), record.id());
                access.store().put(record);
            }
        } catch (IllegalStateException e) {
            remove();
            throw new PyroException(ErrorCode.INTERRUPTED, "Pyro is shutting down", e);
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    /** It works: from now on it stays. */
    synchronized void finish(StartedWorkspace finished) {
        if (closed) {
            finished.machine().stop();
            throw new PyroException(ErrorCode.INTERRUPTED, "Pyro is shutting down");
        }
        access.store().put(finished.record());
        closed = true;
        lock.close();
    }

    @Override
    public void close() {
        try {
            Undisturbed.run(this::remove);
        } finally {
            ended.countDown();
        }
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // The process is ending already, and the hook finds nothing left to do.
            return;
        }
    }

    /** What is under way ends first, so that nothing is made while the rest is removed. */
    private void abandon() {
        maker.interrupt();
        try {
            boolean noticed = ended.await(NOTICE_BOUND.toSeconds(), TimeUnit.SECONDS);
            if (!noticed) {
                remove();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private synchronized void remove() {
        if (closed) {
            return;
        }
        closed = true;
        try {
            access.endAndDelete(record.id());
        } finally {
            lock.close();
        }
    }
}
