package dev.pyro.os;

import dev.pyro.model.ErrorCode;
import dev.pyro.model.Progress;
import dev.pyro.model.PyroException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

/**
 * Installs packages of the host with apt. Two processes may do so at once: apt waits for the package database itself, and
 * this class tries again where apt does not wait.
 *
 * @param environment the variables of the processes that it starts
 * @param root whether this process runs as root
 * @param lists where apt keeps its package lists
 */
record PackageInstaller(Map<String, String> environment, boolean root, Path lists) {
    private static final Duration SUDO_TIMEOUT = Duration.ofSeconds(10);
    private static final Duration UPDATE_TIMEOUT = Duration.ofMinutes(10);
    private static final Duration INSTALL_TIMEOUT = Duration.ofMinutes(30);
    private static final Duration LISTS_STAY_FRESH = Duration.ofDays(7);
    private static final int MAX_LOCK_RETRIES = 120;
    private static final Duration LOCK_RETRY_PAUSE = Duration.ofSeconds(1);
    private static final int LINES_IN_MESSAGE = 6;

    /** Returns why this process may not install packages, or empty when it may. */
    Optional<String> obstacle() {
        if ("1".equals(environment.get(HostTools.NO_INSTALL))) {
            return Optional.of(HostTools.NO_INSTALL + " is 1");
        }
        if (Host.findProgram("apt-get", environment).isEmpty()) {
            return Optional.of("this host has no apt-get");
        }
        if (root) {
            return Optional.empty();
        }
        if (Host.findProgram("sudo", environment).isEmpty()) {
            return Optional.of("it does not run as root, and this host has no sudo");
        }
        return command(SUDO_TIMEOUT, AptCommandLine.sudoProbe()).run().exitCode() == 0
                ? Optional.empty()
                : Optional.of("it does not run as root, and sudo asks for a password");
    }

    /** Returns what a person runs to get packages. */
    String commandFor(Collection<String> packages) {
        return AptCommandLine.forPeople(root, packages);
    }

    /**
     * Installs packages. An interruption ends a download; an installation that has begun is brought to its end. Who is not root cannot end
     * what sudo runs: there, an interruption or a time-out ends the wait for it, and the message says that it goes on.
     *
     * @param satisfied whether they are there by now: another process may be faster
     * @return why it failed, or empty when it did not
     */
    Optional<String> install(Set<String> packages, BooleanSupplier satisfied, Progress.Listener listener) {
        boolean updated = false;
        if (listsAreStale()) {
            update(listener);
            updated = true;
        }
        HostCommand.Result result = downloadAndInstall(packages);
        if (result.exitCode() != 0 && !updated && !satisfied.getAsBoolean()) {
            update(listener);
            result = downloadAndInstall(packages);
        }
        return result.exitCode() == 0
                ? Optional.empty()
                : Optional.of("apt-get ended with exit code " + result.exitCode() + lastLines(result.output()));
    }

    /** What takes long is the download, which may be cut off. A package that is half installed would block the host's package manager. */
    private HostCommand.Result downloadAndInstall(Set<String> packages) {
        HostCommand.Result downloaded = apt(INSTALL_TIMEOUT, AptCommandLine.download(root, packages));
        return downloaded.exitCode() == 0
                ? Undisturbed.call(() -> apt(INSTALL_TIMEOUT, AptCommandLine.install(root, packages)))
                : downloaded;
    }

    /** An update that fails is no failure: one broken source of the host must not stand in the way of the others. */
    private void update(Progress.Listener listener) {
        listener.onProgress(new Progress(
                "setup", "update", "apt", null, "fetches the host's package lists, which are missing or old"));
        apt(UPDATE_TIMEOUT, AptCommandLine.update(root));
    }

    /** Runs apt, and again while another process holds one of the locks that apt does not wait for. */
    private HostCommand.Result apt(Duration timeout, List<String> commandLine) {
        HostCommand.Result result = attempt(timeout, commandLine);
        for (int i = 0; i < MAX_LOCK_RETRIES && result.exitCode() != 0 && isLocked(result.output()); i++) {
            try {
                TimeUnit.NANOSECONDS.sleep(LOCK_RETRY_PAUSE.toNanos());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new PyroException(ErrorCode.INTERRUPTED, "interrupted while waiting for apt", e);
            }
            result = attempt(timeout, commandLine);
        }
        return result;
    }

    private HostCommand.Result attempt(Duration timeout, List<String> commandLine) {
        try {
            return command(timeout, commandLine).run();
        } catch (PyroException e) {
            if (root) {
                throw e;
            }
            throw new PyroException(
                    e.code(),
                    e.getMessage() + "; apt-get runs as root under sudo, so this user cannot end it: if it was"
                            + " started, it goes on until it is done",
                    e);
        }
    }

    private static boolean isLocked(String output) {
        return output.contains("Could not get lock") || output.contains("Unable to lock");
    }

    private boolean listsAreStale() {
        Instant oldest = Instant.now().minus(LISTS_STAY_FRESH);
        try (Stream<Path> files = Files.list(lists)) {
            return files.filter(file -> file.getFileName().toString().contains("_Packages"))
                    .noneMatch(file -> isNewer(file, oldest));
        } catch (IOException e) {
            return true;
        }
    }

    /** apt gives a list the date of its publication; only the inode says when it came here. */
    private static boolean isNewer(Path file, Instant instant) {
        try {
            return Files.getAttribute(file, "unix:ctime") instanceof FileTime time
                    && time.toInstant().isAfter(instant);
        } catch (IOException e) {
            return false;
        }
    }

    private HostCommand command(Duration timeout, List<String> commandLine) {
        List<String> line = new ArrayList<>(commandLine);
        line.set(
                0,
                Host.findProgram(line.getFirst(), environment)
                        .map(Path::toString)
                        .orElse(line.getFirst()));
        return new HostCommand(line, null, environment, timeout);
    }

    private static String lastLines(String output) {
        List<String> lines = output.strip().lines().toList();
        return lines.isEmpty()
                ? ""
                : "\n  "
                        + String.join(
                                "\n  ", lines.subList(Math.max(0, lines.size() - LINES_IN_MESSAGE), lines.size()));
    }
}
