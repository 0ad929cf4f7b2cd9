package dev.pyro.os;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/** The command lines that install packages of the host. */
final class AptCommandLine {
    /** How long apt itself waits for another package manager to finish, in seconds. */
    static final int LOCK_WAIT_SECONDS = 600;

    private AptCommandLine() {}

    static List<String> update(boolean root) {
        return line(root, "update", List.of());
    }

    static List<String> download(boolean root, Collection<String> packages) {
        List<String> arguments = new ArrayList<>(List.of("--download-only", "--yes", "--no-install-recommends"));
        arguments.addAll(packages);
        return line(root, "install", arguments);
    }

    static List<String> install(boolean root, Collection<String> packages) {
        List<String> arguments = new ArrayList<>(List.of("--yes", "--no-install-recommends"));
        arguments.addAll(packages);
        return line(root, "install", arguments);
    }

    /** What a person types for the same. */
    static String forPeople(boolean root, Collection<String> packages) {
        return (root ? "" : "sudo ") + "apt-get install --no-install-recommends " + String.join(" ", packages);
    }

    /** Tells whether commands may run as root without asking. */
    static List<String> sudoProbe() {
        return List.of("sudo", "-n", "true");
    }

    private static List<String> line(boolean root, String action, List<String> arguments) {
        List<String> line = new ArrayList<>();
        if (!root) {
            line.addAll(List.of("sudo", "-n"));
        }
        line.addAll(List.of(
                "env",
                "DEBIAN_FRONTEND=noninteractive",
                "LC_ALL=C.UTF-8",
                "apt-get",
                "-o",
                "DPkg::Lock::Timeout=" + LOCK_WAIT_SECONDS,
                action));
        line.addAll(arguments);
        return List.copyOf(line);
    }
}
