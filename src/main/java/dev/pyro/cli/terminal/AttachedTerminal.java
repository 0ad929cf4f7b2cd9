package dev.pyro.cli.terminal;

import dev.pyro.cli.render.Terminal;
import dev.pyro.cli.render.Terminal.OutputClosedException;
import dev.pyro.model.PyroException;
import dev.pyro.model.Shell;
import dev.pyro.model.ShellAttachment;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * One terminal on one shell: keys go to the shell, its output to the screen, until the shell ends or the terminal leaves it. The terminal is as it was
 * before when this ends, however it ends, but for {@code kill -9}.
 *
 * <p>Three threads: the caller's shows output, one reads keys, one sends them and tells of other sizes, so that the detach key is
 * heard while the guest is slow. The one that reads keys waits for nothing else: keys that a guest is far behind with are dropped, and the bell is
 * rung for them, by a thread of its own.
 */
public final class AttachedTerminal {
    private static final int MAX_KEYS_AT_ONCE = 4096;

    /** How many bytes of keys may wait for the guest: more than people paste. */
    private static final int MAX_WAITING_BYTES = 1024 * 1024;

    /** How long the keys before the detach key have to reach the guest. */
    private static final Duration LAST_KEYS_TIMEOUT = Duration.ofSeconds(1);

    /** How long a terminal that is not read may keep a signal from ending this process. */
    private static final Duration RESET_TIMEOUT = Duration.ofSeconds(1);

    private static final byte BELL = 7;

    private final HostTerminal host;
    private final Terminal screen;
    private final InputStream keyboard;
    private final DetachKey detachKey;
    private final TerminalModes modes = new TerminalModes();

    /** Bounded by {@link #waitingBytes}, by {@link #resizeWaits}, and by there being one end. */
    private final BlockingQueue<Event> events = new LinkedBlockingQueue<>();

    private final AtomicInteger waitingBytes = new AtomicInteger();
    private final AtomicBoolean resizeWaits = new AtomicBoolean();
    private final AtomicBoolean bellRings = new AtomicBoolean();
    private volatile boolean begun;

    /** What is to be told to the shell. */
    private sealed interface Event {
        /** Keys were pressed. */
        final class Typed implements Event {
            private final byte[] keys;

            Typed(byte[] keys) {
                this.keys = keys;
            }
        }

        /** The terminal has another size. */
        record Resized() implements Event {}

        /** Nothing comes after it: the terminal leaves the shell. */
        record Left() implements Event {}
    }

    public AttachedTerminal(HostTerminal host, Terminal screen, InputStream keyboard, DetachKey detachKey) {
        this.host = host;
        this.screen = screen;
        this.keyboard = keyboard;
        this.detachKey = detachKey;
    }

    /**
     * Lends the terminal to a shell.
     *
     * @return what the shell was when it ended; empty when the terminal left it
     */
    public Optional<Shell> run(ShellAttachment shell) {
        Thread rescue = new Thread(() -> rescue(shell), "pyro-terminal-rescue");
        Runtime.getRuntime().addShutdownHook(rescue);
        try {
            host.makeRaw();
            begun = true;
            Thread sender = start("pyro-keys-out", () -> send(shell));
            start("pyro-keys-in", () -> read(shell, sender));
            WindowChanges.onChange(this::resized);
            // It may have changed before anybody listened.
            resized();
            return shell.follow(this::show);
        } finally {
            leave(shell);
            forget(rescue);
        }
    }

    /** Tells whether the shell has had the terminal; when not, {@link #run} failed before. */
    public boolean hasBegun() {
        return begun;
    }

    private void leave(ShellAttachment shell) {
        shell.close();
        try {
            reset();
        } finally {
            host.restore();
        }
    }

    /** Leaves the shell while the JVM ends, which whoever does not read the terminal must not keep it from. */
    private void rescue(ShellAttachment shell) {
        shell.close();
        // It waits for `show`, which may be writing, and then writes itself.
        Thread reset = start("pyro-terminal-reset", this::reset);
        await(reset, RESET_TIMEOUT);
        host.restore();
    }

    private void reset() {
        synchronized (modes) {
            try {
                screen.writeOut(StandardCharsets.US_ASCII.encode(modes.takeReset()));
            } catch (OutputClosedException e) {
                // The terminal is gone, which the caller hears of by itself.
                return;
            }
        }
    }

    private static void forget(Thread rescue) {
        try {
            Runtime.getRuntime().removeShutdownHook(rescue);
        } catch (IllegalStateException e) {
            // The JVM is ending, and runs it.
            return;
        }
    }

    private void show(ByteBuffer output) {
        synchronized (modes) {
            modes.look(output);
            screen.writeOut(output);
        }
    }

    private static Thread start(String name, Runnable work) {
        return Thread.ofPlatform().daemon().name(name).start(work);
    }

    private static void await(Thread thread, Duration timeout) {
        try {
            thread.join(timeout.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void read(ShellAttachment shell, Thread sender) {
        byte[] keys = new byte[MAX_KEYS_AT_ONCE];
        try {
            for (int count = keyboard.read(keys); count >= 0; count = keyboard.read(keys)) {
                int detach = detachKey.indexIn(keys, count);
                int wanted = detach < 0 ? count : detach;
                if (wanted > 0) {
                    typed(Arrays.copyOf(keys, wanted));
                }
                if (detach >= 0) {
                    break;
                }
            }
        } catch (IOException e) {
            // The terminal is gone; so is the person before it.
        }
        events.add(new Event.Left());
        await(sender, LAST_KEYS_TIMEOUT);
        shell.close();
    }

    /** Never waits: the detach key may come next. */
    private void typed(byte[] keys) {
        if (waitingBytes.get() + keys.length > MAX_WAITING_BYTES) {
            ring();
            return;
        }
        waitingBytes.addAndGet(keys.length);
        events.add(new Event.Typed(keys));
    }

    /** Only the newest size matters, and it is asked for when it is told. */
    private void resized() {
        if (resizeWaits.compareAndSet(false, true)) {
            events.add(new Event.Resized());
        }
    }

    /** Says that keys were dropped, once at a time, and not on the caller's thread: the terminal may not be read. */
    private void ring() {
        if (bellRings.compareAndSet(false, true)) {
            start("pyro-terminal-bell", () -> {
                try {
                    // No program in the guest wrote it: the modes are not to see it.
                    synchronized (modes) {
                        screen.writeOut(ByteBuffer.wrap(new byte[] {BELL}));
                    }
                } catch (OutputClosedException e) {
                    // The terminal is gone, which whoever shows output hears of.
                    return;
                } finally {
                    bellRings.set(false);
                }
            });
        }
    }

    private void send(ShellAttachment shell) {
        try {
            while (true) {
                switch (events.take()) {
                    case Event.Typed typed -> {
                        waitingBytes.addAndGet(-typed.keys.length);
                        shell.write(typed.keys);
                    }
                    case Event.Resized() -> {
                        resizeWaits.set(false);
                        resize(shell);
                    }
                    case Event.Left() -> {
                        return;
                    }
                }
            }
        } catch (InterruptedException | PyroException e) {
            // Nobody interrupts it; without its terminal there is nothing left to tell the shell.
            shell.close();
        }
    }

    private void resize(ShellAttachment shell) {
        HostTerminal.Size size;
        try {
            size = host.size();
        } catch (PyroException e) {
            // The shell keeps the size that it has; keys still reach it.
            return;
        }
        shell.resize(size.cols(), size.rows());
    }
}
