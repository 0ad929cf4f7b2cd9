package dev.pyro.os;

import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * One process of this boot of this host: its pid and when it started, so that a recycled pid is never taken for it.
 *
 * @param pid the process id
 * @param startTicks when it started, in clock ticks since boot: field 22 of {@code /proc/PID/stat}, see proc(5)
 * @param bootId the kernel's random id of this boot, from {@code /proc/sys/kernel/random/boot_id}
 */
public record ProcessIdentity(long pid, long startTicks, String bootId) {
    private static final Path BOOT_ID = Path.of("/proc/sys/kernel/random/boot_id");
    private static final int STATE_FIELD = 3;
    private static final int THREADS_FIELD = 20;
    private static final int START_TICKS_FIELD = 22;

    /** Returns the identity of a live process, or empty when no such process runs (a zombie does not). */
    public static Optional<ProcessIdentity> of(long pid) {
        String stat;
        try {
            stat = new String(Files.readAllBytes(Path.of("/proc/" + pid + "/stat")), StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            return Optional.empty();
        }
        // The second field is the command in parentheses and may itself hold spaces and parentheses.
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
        String state = fields[STATE_FIELD - 3];
        // A process whose first thread has ended keeps its files open and locked until its last one has.
        boolean others = Integer.parseInt(fields[THREADS_FIELD - 3]) > 1;
        if (state.equals("X") || (state.equals("Z") && !others)) {
            return Optional.empty();
        }
        return Optional.of(new ProcessIdentity(pid, Long.parseLong(fields[START_TICKS_FIELD - 3]), currentBootId()));
    }

    /** Returns the identity of this process. */
    public static ProcessIdentity current() {
        return of(ProcessHandle.current().pid()).orElseThrow();
    }

    /** Tells whether this very process still runs. */
    public boolean isAlive() {
        return of(pid).filter(this::equals).isPresent();
    }

    /** Sends SIGKILL, if this very process still runs and this user may end it. Does not wait for its end. */
    public void kill() {
        killIfAllowed();
    }

    /** The same; tells whether the signal was sent. */
    boolean killIfAllowed() {
        return isAlive()
                && ProcessHandle.of(pid).map(ProcessHandle::destroyForcibly).orElse(false);
    }

    /** Returns the kernel's random id of this boot. */
    public static String currentBootId() {
        try {
            return Files.readString(BOOT_ID).strip();
        } catch (IOException e) {
            throw new PyroException(
                    ErrorCode.HOST_UNSUPPORTED, "cannot read " + BOOT_ID + ": /proc must be mounted", e);
        }
    }
}
