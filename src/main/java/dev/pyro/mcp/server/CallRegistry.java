package dev.pyro.mcp.server;

import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The calls of tools that are under way, each on a thread of its own. Safe for use by several threads.
 *
 * <p>MCP lets a client withdraw a call by {@code notifications/cancelled}. The SDK does not know that notification; the transports read it
 * before the SDK does and come here. A call that is withdrawn is interrupted, once, and answers nobody; from the moment on in which a call
 * answers it is not interrupted any more, so that no answer is cut in two.
 */
public final class CallRegistry {
    /** How many calls of one client run at a time; more wait. */
    static final int MAX_RUNNING = 16;

    /** How many calls of all clients run at a time; more wait. */
    static final int MAX_RUNNING_OF_ALL = 64;

    /** How many calls of one client run or wait at a time; more are refused. */
    static final int MAX_CALLS = 128;

    /** How many threads there are for the calls of all clients, those among them that send their answers. */
    static final int MAX_CALLS_OF_ALL = 512;

    /** How much the arguments of all calls that are under way may weigh together; one call of any weight always finds room. */
    static final long MAX_ARGUMENTS_WEIGHT = 16L * 1024 * 1024;

    /** What weighs no more than this is always taken. */
    static final long SMALL_WEIGHT = 16L * 1024;

    private static final Logger LOG = LoggerFactory.getLogger(CallRegistry.class);

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
        TOO_MANY,
        /** The arguments of the calls that are under way fill the room for arguments. */
        TOO_HEAVY
    }

    /**
     * What a call does, on its own thread. That the call was withdrawn shows as an interruption.
     *
     * @param <R> what it comes to
     */
    @FunctionalInterface
    interface Work<R> {
        /** Does it; must take the turn before anything that costs. */
        R run(Turn turn) throws InterruptedException;
    }

    /**
     * Who waits for a call. Hears exactly one thing, on the call's thread, unless hearing it fails.
     *
     * @param <R> what the call comes to
     */
    interface Caller<R> {
        /** The call is over. */
        void answer(R result);

        /** The call was withdrawn; nobody waits for an answer. */
        void withdrawn();

        /** There is no answer because of a defect, or because the host has no memory left; also runs when taking the answer failed. */
        void failed(Throwable failure);
    }

    /** The turn of one call, for use on its thread. */
    final class Turn {
        private final Semaphore ofClient;
        private boolean hasClients;
        private boolean hasAlls;

        private Turn(Semaphore ofClient) {
            this.ofClient = ofClient;
        }

        /** Waits until the call may go on; {@code whenItWaits} runs before a wait. The turn ends with the call. */
        void take(Runnable whenItWaits) throws InterruptedException {
            // Without a time they would overtake those that wait.
            hasClients = ofClient.tryAcquire(0, TimeUnit.SECONDS);
            hasAlls = hasClients && running.tryAcquire(0, TimeUnit.SECONDS);
            if (hasAlls) {
                return;
            }
            whenItWaits.run();
            if (!hasClients) {
                ofClient.acquire();
                hasClients = true;
            }
            running.acquire();
            hasAlls = true;
        }

        private void end() {
            if (hasAlls) {
                running.release();
            }
            if (hasClients) {
                ofClient.release();
            }
        }
    }

    /** One client that has calls under way. */
    private static final class Client {
        private final Semaphore running = new Semaphore(MAX_RUNNING, true);
        /** How many have not settled. */
        private int calls;
        /** How many need this object. */
        private int unfinished;
    }

    private final Semaphore running = new Semaphore(MAX_RUNNING_OF_ALL, true);
    private final long maxWeight;
    /** The lock of what follows, too. */
    private final Map<Key, Call<?>> calls = new HashMap<>();

    private final Map<String, Client> clients = new HashMap<>();
    /** Also those that answer just now, whose ids are free again. */
    private final Set<Call<?>> unfinished = new HashSet<>();

    private long weight;
    private boolean closed;

    public CallRegistry() {
        this(MAX_ARGUMENTS_WEIGHT);
    }

    /** A registry with another bound for arguments. */
    CallRegistry(long maxWeight) {
        this.maxWeight = maxWeight;
    }

    /**
     * Runs the work on a thread of its own.
     *
     * @param argumentsWeight about how many bytes the call's arguments hold until it is over
     */
    <R> Admission start(Ticket ticket, long argumentsWeight, Work<R> work, Caller<R> caller) {
        long counted = argumentsWeight <= SMALL_WEIGHT ? 0 : argumentsWeight;
        Call<R> call;
        synchronized (calls) {
            Optional<Admission> refusal = refusal(ticket, counted);
            if (refusal.isPresent()) {
                return refusal.get();
            }
            Client client = clients.computeIfAbsent(ticket.key.session(), _ -> new Client());
            call = new Call<>(ticket.key, client, counted, work, caller);
            calls.put(ticket.key, call);
            unfinished.add(call);
            client.calls++;
            client.unfinished++;
            weight += counted;
            ticket.call = call;
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

    private Optional<Admission> refusal(Ticket ticket, long counted) {
        if (ticket.withdrawn) {
            return Optional.of(Admission.WITHDRAWN);
        }
        if (calls.containsKey(ticket.key)) {
            return Optional.of(Admission.DUPLICATE);
        }
        Client client = clients.get(ticket.key.session());
        if (closed || unfinished.size() >= MAX_CALLS_OF_ALL || (client != null && client.calls >= MAX_CALLS)) {
            return Optional.of(Admission.TOO_MANY);
        }
        return counted > 0 && weight > 0 && weight + counted > maxWeight
                ? Optional.of(Admission.TOO_HEAVY)
                : Optional.empty();
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
            if (calls.remove(call.key, call)) {
                call.client.calls--;
                weight -= call.weight;
            }
        }
    }

    private void finished(Call<?> call) {
        synchronized (calls) {
            unfinished.remove(call);
            call.client.unfinished--;
            if (call.client.unfinished == 0) {
                clients.remove(call.key.session(), call.client);
            }
        }
    }

    /** One call and its thread. */
    private final class Call<R> {
        private final Key key;
        private final Client client;
        private final long weight;
        private final Work<R> work;
        private final Caller<R> caller;
        private final Thread thread;
        // The next two are guarded by this object.
        private boolean cancelled;
        private boolean done;

        Call(Key key, Client client, long weight, Work<R> work, Caller<R> caller) {
            this.key = key;
            this.client = client;
            this.weight = weight;
            this.work = work;
            this.caller = caller;
            this.thread = Thread.ofPlatform().name("call").daemon().unstarted(this::run);
        }

        private void run() {
            R result = null;
            Throwable failure = null;
            Turn turn = new Turn(client.running);
            try {
                result = work.run(turn);
            } catch (InterruptedException | RuntimeException | Error e) {
                failure = e;
            } finally {
                turn.end();
            }
            // Before the answer: a client may use the id again as soon as it has it.
            boolean wanted = settle();
            forget(this);
            try {
                tell(wanted, result, failure);
            } finally {
                finished(this);
            }
        }

        /** Somebody waits for this, so that nothing may end in silence. */
        private void tell(boolean wanted, @Nullable R result, @Nullable Throwable failure) {
            try {
                if (!wanted) {
                    caller.withdrawn();
                } else if (result != null) {
                    caller.answer(result);
                } else {
                    Throwable reason = failure == null ? new IllegalStateException("a call without a result") : failure;
                    LOG.error("a call failed", reason);
                    caller.failed(reason);
                }
            } catch (RuntimeException | Error e) {
                LOG.error("an answer could not be given", e);
                caller.failed(e);
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
