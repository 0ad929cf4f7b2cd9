package dev.pyro.mcp.server;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;

/**
 * The calls of tools that are under way, each on a thread of its own. Safe for use by several threads.
 *
 * <p>MCP lets a client withdraw a call by {@code notifications/cancelled}. The SDK does not know that notification; the transports read it
 * before the SDK does and come here.
 */
public final class CallRegistry {
    /** How many calls run at a time; more wait. */
    public static final int MAX_RUNNING = 16;

    /** How many calls run or wait at a time; more are refused. */
    public static final int MAX_CALLS = 128;

    /**
     * What names a call: a client numbers its own.
     *
     * @param session the client
     * @param request the id of the JSON-RPC request, a string or a number
     */
    public record Key(String session, Object request) {}

    private final ConcurrentHashMap<Key, Call> calls = new ConcurrentHashMap<>();
    private final Semaphore running = new Semaphore(MAX_RUNNING, true);

    /**
     * Runs the work on a thread of its own.
     *
     * @param work must not throw
     * @return false, having done nothing, when there is a call of this key already, or too many of all
     */
    boolean start(Key key, Runnable work) {
        Call call = new Call(key, work);
        if (calls.size() >= MAX_CALLS || calls.putIfAbsent(key, call) != null) {
            return false;
        }
        call.thread.start();
        return true;
    }

    /** Interrupts a call; nothing happens when it is over, or never was. */
    public void cancel(Key key) {
        Call call = calls.get(key);
        if (call != null) {
            call.cancel();
        }
    }

    /** Interrupts the calls of a client that left. */
    public void cancelAll(String session) {
        calls.forEach((key, call) -> {
            if (key.session().equals(session)) {
                call.cancel();
            }
        });
    }

    /** Tells whether a call was cancelled; its client wants no answer. To be asked by the work itself. */
    boolean isCancelled(Key key) {
        Call call = calls.get(key);
        return call != null && call.cancelled;
    }

    /** Waits until no call is left. Returns false when the time was over before. */
    public boolean awaitNone(Duration bound) throws InterruptedException {
        long deadline = System.nanoTime() + bound.toNanos();
        for (Call call : Set.copyOf(calls.values())) {
            long left = deadline - System.nanoTime();
            if (left <= 0 || !call.thread.join(Duration.ofNanos(left))) {
                return false;
            }
        }
        return true;
    }

    /** One call and its thread. */
    private final class Call {
        private final Key key;
        private final Runnable work;
        private final Thread thread;
        private volatile boolean cancelled;

        Call(Key key, Runnable work) {
            this.key = key;
            this.work = work;
            this.thread =
                    Thread.ofPlatform().name("call-" + key.request()).daemon().unstarted(this::run);
        }

        private void run() {
            boolean permitted = false;
            try {
                running.acquire();
                permitted = true;
                work.run();
            } catch (InterruptedException e) {
                // Withdrawn before it began; the work answers nobody.
                return;
            } finally {
                if (permitted) {
                    running.release();
                }
                calls.remove(key, this);
            }
        }

        synchronized void cancel() {
            if (!cancelled) {
                cancelled = true;
                thread.interrupt();
            }
        }
    }
}
