package dev.pyro.machine.qemu;

import dev.pyro.os.Host;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Collectors;

/**
 * Who a machine's processes run as.
 *
 * <p>When Pyro runs as root, each machine gets a user id of its own, at random from {@value #FIRST_ID} upwards: above what
 * distributions, systemd (its container range ends at 1,879,048,191) and subordinate ids use, so that no file and no other
 * process belongs to it. When Pyro runs as a user, its machines run as that user. Either way they can gain no privilege.
 *
 * @param identity the user and group, or empty for Pyro's own
 * @param groups further groups
 * @param limitedFiles whether no file may grow beyond 1 MiB: for processes whose log a guest can make grow
 */
record Confinement(Optional<Integer> identity, List<Integer> groups, boolean limitedFiles) {
    static final int FIRST_ID = 0x7000_0000;
    private static final int ID_COUNT = 1 << 24;
    /** A user namespace that maps fewer ids than this (a container's) has none to spare. */
    private static final int SMALLEST_MAP = 8192;

    private static final int IDS_OF_A_SMALL_MAP = 2048;
    /** The parent may have died before the kernel was asked to pass its death on; then somebody else is the parent now. */
    private static final String CHECK_PARENT = "[ \"$PPID\" = \"$1\" ] || exit 125; shift; ";

    Confinement {
        groups = List.copyOf(groups);
    }

    /** Runs as Pyro's own user. */
    static Confinement ownUser() {
        return new Confinement(Optional.empty(), List.of(), false);
    }

    /** Returns a confinement for a new machine. */
    static Confinement fresh() {
        if (!Host.isRoot()) {
            return ownUser();
        }
        return idRange()
                .map(range ->
                        new Confinement(Optional.of(range.first + 1 + randomBelow(range.count - 1)), List.of(), false))
                .orElseGet(Confinement::ownUser);
    }

    /** Returns the group that may open a template's memory, which no user is in; empty when Pyro is not root. */
    static Optional<Integer> templateGroup() {
        return Host.isRoot() ? idRange().map(range -> range.first) : Optional.empty();
    }

    /** Adds a group. */
    Confinement withGroup(int group) {
        if (identity.isEmpty() || groups.contains(group)) {
            return this;
        }
        List<Integer> more = new ArrayList<>(groups);
        more.add(group);
        return new Confinement(identity, more, limitedFiles);
    }

    /** Forbids files of more than 1 MiB. */
    Confinement withLimitedFiles() {
        return new Confinement(identity, groups, true);
    }

    /**
     * Wraps a command so that it runs as this user, without any way to gain privileges, and without core dumps.
     *
     * @param command the program and its arguments
     * @param leaseHolder the process whose parent thread's end is to end the command too, or empty
     */
    List<String> wrap(List<String> command, Optional<Long> leaseHolder) {
        List<String> line = new ArrayList<>(List.of("setpriv"));
        identity.ifPresent(id -> {
            line.add("--reuid=" + id);
            line.add("--regid=" + id);
            line.add(
                    groups.isEmpty()
                            ? "--clear-groups"
                            : "--groups=" + groups.stream().map(String::valueOf).collect(Collectors.joining(",")));
        });
        line.add("--inh-caps=-all");
        line.add("--no-new-privs");
        if (leaseHolder.isPresent()) {
            line.add("--pdeathsig=KILL");
        }
        String script = (leaseHolder.isPresent() ? CHECK_PARENT : "")
                + "umask 077; ulimit -c 0; "
                + (limitedFiles ? "ulimit -f 2048; " : "")
                + "exec \"$@\"";
        line.addAll(List.of("sh", "-c", script, "pyro-machine"));
        leaseHolder.ifPresent(pid -> line.add(pid.toString()));
        line.addAll(command);
        return List.copyOf(line);
    }

    /** Two machines must not get the same id by accident; that somebody may guess one does no harm, and this starts quickly. */
    private static int randomBelow(int bound) {
        return ThreadLocalRandom.current().nextInt(bound);
    }

    private record IdRange(int first, int count) {}

    private static Optional<IdRange> idRange() {
        long mapped = Math.min(mappedIds("uid_map"), mappedIds("gid_map"));
        if (mapped >= (long) FIRST_ID + ID_COUNT) {
            return Optional.of(new IdRange(FIRST_ID, ID_COUNT));
        }
        if (mapped < SMALLEST_MAP) {
            return Optional.empty();
        }
        // The last of a small map, short of "nobody".
        return Optional.of(new IdRange((int) mapped - 4 - IDS_OF_A_SMALL_MAP, IDS_OF_A_SMALL_MAP));
    }

    /** Returns how many ids, from 0 on, exist in this process's user namespace. */
    private static long mappedIds(String map) {
        try {
            long end = 0;
            for (String line : Files.readAllLines(Path.of("/proc/self", map))) {
                String[] fields = line.strip().split("\\s+");
                if (Long.parseLong(fields[0]) == end) {
                    end += Long.parseLong(fields[2]);
                }
            }
            return end;
        } catch (IOException e) {
            return 0;
        }
    }
}
