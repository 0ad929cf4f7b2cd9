package dev.pyro.workspace;

import dev.pyro.machine.MachineBackend;
import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import dev.pyro.model.VmId;
import dev.pyro.model.VmState;
import dev.pyro.store.InterProcessLock;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** How many virtual machines may run at a time, over all processes that share a state folder. Safe for use by several threads. */
final class VmSlots {
    /** How long a one-shot run waits for others to end. */
    private static final Duration WAIT_BOUND = Duration.ofMinutes(10);

    private static final Duration PAUSE = Duration.ofMillis(50);

    private final VmStore store;
    private final BackendSelector backends;
    private final int maxActive;

    VmSlots(VmStore store, BackendSelector backends, int maxActive) {
        this.store = store;
        this.backends = backends;
        this.maxActive = maxActive;
    }

    /**
     * Takes a slot at once.
     *
     * @param claim writes the record that counts as the slot
     * @throws PyroException {@link ErrorCode#VM_LIMIT_REACHED}
     */
    void reserve(Runnable claim) {
        if (!tryReserve(claim)) {
            throw limitReached("");
        }
    }

    /**
     * Waits for a slot.
     *
     * @param claim writes the record that counts as the slot
     * @param onWait is called once when there is none at once
     * @throws PyroException {@link ErrorCode#VM_LIMIT_REACHED} when none becomes free within ten minutes
     */
    void await(Runnable claim, Runnable onWait) {
        long deadline = System.nanoTime() + WAIT_BOUND.toNanos();
        boolean waited = false;
        while (!tryReserve(claim)) {
            if (!waited) {
                onWait.run();
                waited = true;
            }
            if (System.nanoTime() >= deadline) {
                throw limitReached(" for " + WAIT_BOUND.toMinutes() + " minutes");
            }
            try {
                TimeUnit.NANOSECONDS.sleep(PAUSE.toNanos());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new PyroException(
                        ErrorCode.INTERRUPTED, "interrupted while waiting for another virtual machine to end", e);
            }
        }
    }

    private boolean tryReserve(Runnable claim) {
        try (InterProcessLock _ = store.lockAll()) {
            if (store.ids().stream().filter(this::isActive).count() >= maxActive) {
                return false;
            }
            claim.run();
            return true;
        }
    }

    private boolean isActive(VmId id) {
        try {
            return store.find(id).map(this::isActive).orElse(false);
        } catch (PyroException e) {
            if (e.code() == ErrorCode.INTERRUPTED) {
                throw e;
            }
            // A record that cannot be read says nothing about a machine.
            return false;
        }
    }

    private boolean isActive(VmRecord record) {
        if (record.state() != VmState.STARTED || record.backend() == null) {
            return false;
        }
        if (record.owner() != null) {
            return record.owner().isAlive();
        }
        MachineBackend backend = backends.named(record.backend());
        return backend.adopt(store.machineFolder(record.id())).isPresent() || isBeingChanged(record.id());
    }

    /** Between its record and its process a machine is starting, under its lock. */
    private boolean isBeingChanged(VmId id) {
        Optional<InterProcessLock> lock = store.tryLock(id);
        lock.ifPresent(InterProcessLock::close);
        return lock.isEmpty();
    }

    private PyroException limitReached(String howLong) {
        return new PyroException(
                ErrorCode.VM_LIMIT_REACHED,
                maxActive + " virtual machines have been running" + howLong
                        + ", which is the limit: stop or delete one, or set PYRO_MAX_ACTIVE_VMS higher");
    }
}
