package dev.pyro.os;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

/** A program that this process has started, and all its descendants. Stateless. */
public final class ProcessTree {
    /** How long killed programs may take to be gone; a disk may hold them. */
    private static final Duration END_TIMEOUT = Duration.ofSeconds(10);

    private static final Duration STOP_TIMEOUT = Duration.ofSeconds(2);
    private static final Duration PAUSE = Duration.ofMillis(1);
    private static final int MAX_LOOKS = 20;

    private ProcessTree() {}

    /**
     * Kills all of them and waits until they are gone, interrupted or not: the caller deletes what they have made.
     *
     * <p>They are stopped first, from the top. A child that is born between a look at a process's children and that process's death would be
     * nobody's: bubblewrap's, for one, waits for its parent then, for ever.
     *
     * <p>What runs as another user, as everything under sudo does, an ordinary user can neither stop nor kill: it goes on until it ends by
     * itself. This does not wait for that, and returns after two seconds then.
     */
    public static void end(Process process) {
        Undisturbed.run(() -> {
            Set<ProcessIdentity> tree = new HashSet<>();
            boolean grown = true;
            for (int look = 0; grown && look < MAX_LOOKS; look++) {
                List<ProcessIdentity> found = Stream.concat(Stream.of(process.toHandle()), process.descendants())
                        .flatMap(handle -> ProcessIdentity.of(handle.pid()).stream())
                        .filter(identity -> !tree.contains(identity))
                        .toList();
                stop(found);
                grown = tree.addAll(found);
            }
            List<ProcessIdentity> killed =
                    tree.stream().filter(ProcessIdentity::killIfAllowed).toList();
            await(END_TIMEOUT, () -> killed.stream().noneMatch(ProcessIdentity::isAlive));
        });
    }

    /** Returns when none of them runs any more, and so none has a child that was not there before. */
    private static void stop(List<ProcessIdentity> processes) {
        if (processes.isEmpty()) {
            return;
        }
        String pids = String.join(
                " ", processes.stream().map(p -> Long.toString(p.pid())).toList());
        try {
            Process kill = new ProcessBuilder("sh", "-c", "kill -STOP " + pids)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            kill.waitFor(STOP_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
        } catch (IOException e) {
            // They are killed all the same.
            return;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return;
        }
        await(STOP_TIMEOUT, () -> processes.stream().noneMatch(ProcessTree::runs));
    }

    private static boolean runs(ProcessIdentity process) {
        try {
            String stat = new String(
                    Files.readAllBytes(Path.of("/proc/" + process.pid() + "/stat")), StandardCharsets.ISO_8859_1);
            char state = stat.charAt(stat.lastIndexOf(')') + 2);
            return "TtZX".indexOf(state) < 0;
        } catch (IOException e) {
            return false;
        }
    }

    private static void await(Duration bound, BooleanSupplier reached) {
        long deadline = System.nanoTime() + bound.toNanos();
        while (!reached.getAsBoolean() && System.nanoTime() < deadline) {
            LockSupport.parkNanos(PAUSE.toNanos());
        }
    }
}
