package dev.pyro.mcp.server;

import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The calls of tools that are under way, each on a thread of its own. Safe for use by several threads.
 *
 * <p>MCP lets a client withdraw a call by {@code notifications/cancelled}. The SDK does not know that notification; the transports read it
 * before the SDK does and come here. A call that is withdrawn is interrupted, once, and answers nobody; from the moment on in which a call
 * answers it is not interrupted any more, so that no answer is cut in two.
 */
public final class CallRegistry {
    /** How many calls run at a time; more wait. */
    static final int MAX_RUNNING = 16;

    /** How many calls run or wait at a time; more are refused. */
    static final int MAX_CALLS = 128;

    /**
     * What names a call: a client numbers its own.
     *
     * @param session the client
     * @param request the id of the JSON-RPC request, a string or a whole number; 1 and "1" are two
     */
    public record Key(String session, Object request) {
        public Key {
            // A JSON library chooses among the boxed types by the number's size.
            if (request instanceof Number number) {
                request = number.longValue();
            }
        }
    }

    /**
     * One request that asks for a call. A client may send a second one with the id of the first, by mistake or in malice: it is refused, and
     * withdrawing it must not withdraw the first.
     */
    public static final class Ticket {
        private final Key key;
        // The rest is guarded by the registry's lock.
        private @Nullable Call<?> call;
        private boolean withdrawn;

        public Ticket(Key key) {
            this.key = key;
        }
    }

    /** What became of a call that was to be started. */
    enum Admission {
        STARTED,
        /** Its request was withdrawn before. */
        WITHDRAWN,
        /** A call of this key is under way already. */
        DUPLICATE,
        /** As many calls as are allowed are under way. */
        TOO_MANY
    }

    private final Map<Key, Call<?>> calls = new HashMap<>();
    private final Semaphore running = new Semaphore(MAX_RUNNING, true);
    /** Also those that answer just now, whose ids are free again. */
    private final Set<Call<?>> unfinished = new HashSet<>();

    private boolean closed;

    /**
     * Runs the work on a thread of its own.
     *
     * @param work must not throw; that the call was withdrawn shows as an interruption
     * @param answer takes what the work came to, on the call's thread, unless the call was withdrawn
     * @param withdrawn runs instead of the answer when the call was withdrawn
     */
    <R> Admission start(Ticket ticket, Supplier<R> work, Consumer<R> answer, Runnable withdrawn) {
        Key key = ticket.key;
        Call<R> call = new Call<>(key, work, answer, withdrawn);
        synchronized (calls) {
            if (ticket.withdrawn) {
                return Admission.WITHDRAWN;
            }
            if (calls.containsKey(key)) {
                return Admission.DUPLICATE;
            }
            if (closed || calls.size() >= MAX_CALLS) {
                return Admission.TOO_MANY;
            }
            calls.put(key, call);
            ticket.call = call;
            unfinished.add(call);
        }
        try {
            call.thread.start();
        } catch (OutOfMemoryError e) {
            // The host gives no more threads.
            forget(call);
            finished(call);
            return Admission.TOO_MANY;
        }
        return Admission.STARTED;
    }

    /** Withdraws one request: the call that was started for it and no other; if none was yet, none will be. */
    public void cancel(Ticket ticket) {
        Call<?> call;
        synchronized (calls) {
            ticket.withdrawn = true;
            call = ticket.call;
        }
        if (call != null) {
            call.cancel();
        }
    }

    /** Withdraws the call of this key, as a client asks for it; nothing happens when it is over, or never was. */
    public void cancel(Key key) {
        Call<?> call;
        synchronized (calls) {
            call = calls.get(key);
        }
        if (call != null) {
            call.cancel();
        }
    }

    /** Withdraws the calls of a client that left. */
    public void cancelAll(String session) {
        underWay().stream().filter(call -> call.key.session().equals(session)).forEach(Call::cancel);
    }

    /** Starts no call from now on. */
    public void close() {
        synchronized (calls) {
            closed = true;
        }
    }

    /** Waits until the calls that are under way now are over, and have answered. Returns false when the time was over before. */
    public boolean awaitNone(Duration bound) throws InterruptedException {
        long deadline = System.nanoTime() + bound.toNanos();
        List<Call<?>> awaited;
        synchronized (calls) {
            awaited = List.copyOf(unfinished);
        }
        for (Call<?> call : awaited) {
            long left = deadline - System.nanoTime();
            if (!call.thread.join(Duration.ofNanos(Math.max(1, left)))) {
                return false;
            }
        }
        return true;
    }

    private List<Call<?>> underWay() {
        synchronized (calls) {
            return List.copyOf(calls.values());
        }
    }

    private void forget(Call<?> call) {
        synchronized (calls) {
            calls.remove(call.key, call);
        }
    }

    private void finished(Call<?> call) {
        synchronized (calls) {
            unfinished.remove(call);
        }
    }

    /** One call and its thread. */
    private final class Call<R> {
        private final Key key;
        private final Supplier<R> work;
        private final Consumer<R> answer;
        private final Runnable withdrawn;
        private final Thread thread;
        // The next two are guarded by this object.
        private boolean cancelled;
        private boolean done;

        Call(Key key, Supplier<R> work, Consumer<R> answer, Runnable withdrawn) {
            this.key = key;
            this.work = work;
            this.answer = answer;
            this.withdrawn = withdrawn;
            this.thread = Thread.ofPlatform().name("call").daemon().unstarted(this::run);
        }

        private void run() {
            R result = null;
            try {
                result = permitted();
            } finally {
                // Before the answer: a client may use the id again as soon as it has it.
                boolean wanted = settle();
                forget(this);
                try {
                    if (wanted && result != null) {
                        answer.accept(result);
                    } else {
                        withdrawn.run();
                    }
                } finally {
                    finished(this);
                }
            }
        }

        private @Nullable R permitted() {
            try {
                running.acquire();
            } catch (InterruptedException e) {
                // Withdrawn before it began.
                return null;
            }
            try {
                return work.get();
            } finally {
                running.release();
            }
        }

        /** From here on no interruption comes. Returns whether somebody waits for an answer. */
        private synchronized boolean settle() {
            done = true;
            // One that came late must not meet the sending of anything.
            Thread.interrupted();
            return !cancelled;
        }

        synchronized void cancel() {
            if (!cancelled && !done) {
                cancelled = true;
                thread.interrupt();
            }
        }
    }
}
