package dev.pyro.mcp.server;

import dev.pyro.model.OutputListener;
import dev.pyro.model.Progress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Tells a client that asked for it how its call goes on: each step of long work, and the end of a command's output as it comes. What the
 * client hears is sent by a thread of its own, so that one that reads slowly holds up no guest. Safe for use by several threads.
 */
final class CallProgress implements Progress.Listener, OutputListener, AutoCloseable {
    /** Clients draw a line; a chatty command must not drown them. */
    private static final Duration PAUSE = Duration.ofMillis(200);

    /** How many steps may wait for a client that reads slowly; the oldest are left out. */
    private static final int MAX_STEPS = 64;

    /** How long the end of a call waits for a client to take what is left. */
    private static final Duration FLUSH_BOUND = Duration.ofSeconds(10);

    /** Sends one notification; may block. */
    @FunctionalInterface
    interface Sender {
        /** Sends the notification of a number; numbers only ever grow. */
        void send(long number, String message);
    }

    /** Clients give a call up when they have not heard of it for a while: OpenCode after 60 seconds. */
    private static final Duration LONGEST_SILENCE = Duration.ofSeconds(15);

    private final Sender sender;
    private final long longestSilenceNanos;
    private final long startNanos = System.nanoTime();
    private final Thread thread;
    private final Object lock = new Object();
    // The rest is guarded by the lock.
    private final Deque<Step> steps = new ArrayDeque<>();
    private final Map<Stream, ProgressText> output = new EnumMap<>(Stream.class);
    private boolean outputPending;
    private boolean closed;

    /** One step that waits; {@code what} is equal for those of which only the last counts. */
    private record Step(String what, String message) {}

    CallProgress(Sender sender) {
        this(sender, LONGEST_SILENCE);
    }

    /** @param longestSilence after which the client hears that the work goes on */
    CallProgress(Sender sender, Duration longestSilence) {
        this.sender = sender;
        this.longestSilenceNanos = longestSilence.toNanos();
        this.thread = Thread.ofPlatform().name("call-progress").daemon().start(this::sendAll);
    }

    @Override
    public void onProgress(Progress progress) {
        String what = progress.operation() + " " + progress.phase() + " " + progress.subject();
        String percent = progress.fraction() == null ? "" : " " + Math.round(progress.fraction() * 100) + " %";
        String detail = progress.detail().isEmpty() ? "" : ": " + progress.detail();
        synchronized (lock) {
            // The order of what happened is kept.
            outputAsStep(false);
            if (!steps.isEmpty() && steps.getLast().what().equals(what)) {
                steps.removeLast();
            }
            add(new Step(what, what + percent + detail));
        }
    }

    @Override
    public void onOutput(Stream stream, ByteBuffer bytes) {
        synchronized (lock) {
            if (!closed) {
                output.computeIfAbsent(stream, _ -> new ProgressText()).add(bytes);
                outputPending = true;
                lock.notifyAll();
            }
        }
    }

    /** Sends what is left, and nothing after that. */
    @Override
    public void close() {
        synchronized (lock) {
            outputAsStep(true);
            closed = true;
            lock.notifyAll();
        }
        // A call that was withdrawn has nobody left to tell.
        boolean ended = false;
        try {
            ended = thread.join(FLUSH_BOUND);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (!ended) {
            synchronized (lock) {
                steps.clear();
            }
            thread.interrupt();
        }
    }

    private void outputAsStep(boolean everything) {
        output.forEach((stream, text) -> {
            String message = text.take(everything);
            if (!message.isEmpty()) {
                add(new Step("", message));
            }
        });
        outputPending = false;
    }

    private void add(Step step) {
        if (closed) {
            return;
        }
        if (steps.size() == MAX_STEPS) {
            steps.removeFirst();
        }
        steps.addLast(step);
        lock.notifyAll();
    }

    private void sendAll() {
        long sent = 0;
        try {
            List<Step> some = next();
            while (some != null) {
                for (Step step : some) {
                    sent++;
                    sender.send(sent, step.message());
                }
                pause();
                some = next();
            }
        } catch (InterruptedException | RuntimeException e) {
            // The call is over and its client took too long, or the client has left: nobody wants to hear more.
            synchronized (lock) {
                closed = true;
                steps.clear();
            }
        }
    }

    /** Waits for something to send; returns null when there will be nothing more. */
    private @Nullable List<Step> next() throws InterruptedException {
        synchronized (lock) {
            long silentUntil = System.nanoTime() + longestSilenceNanos;
            while (steps.isEmpty() && !outputPending && !closed) {
                long left = silentUntil - System.nanoTime();
                if (left > 0) {
                    TimeUnit.NANOSECONDS.timedWait(lock, left);
                } else {
                    Duration elapsed = Duration.ofNanos(System.nanoTime() - startNanos);
                    add(new Step("", "still at work after " + elapsed.toSeconds() + " s"));
                }
            }
            if (outputPending) {
                outputAsStep(false);
            }
            List<Step> some = new ArrayList<>(steps);
            steps.clear();
            return closed && some.isEmpty() ? null : some;
        }
    }

    private void pause() throws InterruptedException {
        long end = System.nanoTime() + PAUSE.toNanos();
        synchronized (lock) {
            long left = PAUSE.toMillis();
            while (!closed && left > 0) {
                lock.wait(left);
                left = Duration.ofNanos(end - System.nanoTime()).toMillis();
            }
        }
    }
}
