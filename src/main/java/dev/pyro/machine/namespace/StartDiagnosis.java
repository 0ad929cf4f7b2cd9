package dev.pyro.machine.namespace;

import dev.pyro.model.Problem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/** Finds out why a machine did not start: from what its log says, the kernel's settings, and who may reach its files. Stateless. */
final class StartDiagnosis {
    private StartDiagnosis() {}

    /**
     * Returns the cause, or empty when it is not one of those that are known.
     *
     * @param log the end of the log of bubblewrap and the agent
     * @param runAs the user that root changed to, or empty
     * @param needed the files and folders that this user must reach
     */
    static Optional<Problem> explain(String log, KernelSettings settings, OptionalInt runAs, List<Path> needed) {
        if (runAs.isPresent()) {
            for (Path path : needed) {
                Optional<Problem> problem = unreachable(path, runAs.getAsInt());
                if (problem.isPresent()) {
                    return problem;
                }
            }
        }
        if (log.contains("overlay")) {
            return Optional.of(new Problem(
                    "the kernel cannot mount an overlay in a user namespace here (it needs Linux 5.11 or later, and a file "
                            + "system below Pyro's state folder that can be an overlay's upper layer)",
                    "set PYRO_STATE_DIR to a folder on ext4, xfs or btrfs; in a container, mount a volume there"));
        }
        if (isNamespaceRefusal(log)) {
            return Optional.of(settings.obstacle()
                    .orElse(new Problem(
                            "this process may not create the namespaces",
                            "in a container, start the container with a seccomp profile that allows unshare and mount "
                                    + "(docker run --security-opt seccomp=unconfined --security-opt systempaths=unconfined "
                                    + "--security-opt apparmor=unconfined)")));
        }
        return Optional.empty();
    }

    private static boolean isNamespaceRefusal(String log) {
        return List.of(
                        "reating new namespace failed",
                        "No permissions to create",
                        "setting up uid map",
                        "Failed to make / slave",
                        "Can't mount proc",
                        "loopback:")
                .stream()
                .anyMatch(log::contains);
    }

    /** Finds the first folder on the way that a user without privileges cannot pass, or the end of it when he cannot read that. */
    static Optional<Problem> unreachable(Path path, int uid) {
        Path absolute = path.toAbsolutePath();
        for (int i = 0; i <= absolute.getNameCount(); i++) {
            Path step = i == 0 ? absolute.getRoot() : absolute.getRoot().resolve(absolute.subpath(0, i));
            try {
                boolean last = i == absolute.getNameCount();
                boolean folder = Files.isDirectory(step);
                if ((folder && !may(step, uid, Right.PASS)) || (last && !may(step, uid, Right.READ))) {
                    return Optional.of(new Problem(
                            step + " is closed to user " + uid + ", who runs the machine when root starts it and needs "
                                    + path,
                            "run: chmod o+" + (last ? "r" : "") + (folder ? "x" : "") + " " + step));
                }
            } catch (IOException e) {
                return Optional.of(new Problem("cannot look at " + step + ": " + e.getMessage(), ""));
            }
        }
        return Optional.empty();
    }

    private enum Right {
        READ(PosixFilePermission.OWNER_READ, PosixFilePermission.GROUP_READ, PosixFilePermission.OTHERS_READ),
        PASS(PosixFilePermission.OWNER_EXECUTE, PosixFilePermission.GROUP_EXECUTE, PosixFilePermission.OTHERS_EXECUTE);

        final PosixFilePermission owner;
        final PosixFilePermission group;
        final PosixFilePermission others;

        Right(PosixFilePermission owner, PosixFilePermission group, PosixFilePermission others) {
            this.owner = owner;
            this.group = group;
            this.others = others;
        }
    }

    private static boolean may(Path path, int uid, Right right) throws IOException {
        Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(path);
        Map<String, Object> owner = Files.readAttributes(path, "unix:uid,gid");
        if (owner.get("uid") instanceof Integer user && user == uid) {
            return permissions.contains(right.owner);
        }
        if (owner.get("gid") instanceof Integer group && group == uid) {
            return permissions.contains(right.group);
        }
        return permissions.contains(right.others);
    }
}
