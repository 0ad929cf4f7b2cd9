package dev.pyro.os;

import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * Where root file systems are made: commands run as the owner of all user ids, in mount and PID namespaces of their own, so that
 * no mount and no process outlives them. For root the ids are the host's; for an ordinary user they are his own and his
 * subordinate ones. Immutable.
 *
 * @param root whether this process runs as root
 */
public record BuildNamespace(boolean root) {
    private static final Duration PROBE_TIMEOUT = Duration.ofSeconds(20);

    /** Returns the namespace for the user who runs this process. */
    public static BuildNamespace ofThisUser() {
        return new BuildNamespace(Host.isRoot());
    }

    /** Returns the host tools that it takes. */
    public List<HostTool> tools() {
        return root
                ? List.of(HostTool.UNSHARE, HostTool.SETPRIV)
                : List.of(HostTool.UNSHARE, HostTool.SETPRIV, HostTool.NEWUIDMAP);
    }

    /** Returns the command line that runs a command inside. */
    public List<String> wrap(List<String> command) {
        List<String> line = new ArrayList<>(List.of("unshare"));
        if (!root) {
            line.addAll(List.of("--user", "--map-root-user", "--map-auto"));
        }
        line.addAll(List.of("--mount", "--pid", "--fork", "--kill-child", "--"));
        // What is made must not depend on who makes it.
        line.addAll(List.of("sh", "-c", "umask 022; exec \"$@\"", "sh"));
        line.addAll(command);
        return List.copyOf(line);
    }

    /**
     * Runs a command inside. It ends when this process ends.
     *
     * @throws PyroException as {@link HostCommand#run()} does
     */
    public HostCommand.Result run(HostCommand command, Consumer<String> onLine) {
        return LeasedCommand.run(
                new HostCommand(wrap(command.command()), command.directory(), command.environment(), command.timeout()),
                onLine);
    }

    /**
     * Makes sure that commands can run inside, by running one.
     *
     * @throws PyroException {@link ErrorCode#HOST_UNSUPPORTED} with the reason and the remedy
     */
    public void requireUsable() {
        // A user id other than 0 and one's own shows that the subordinate ids are there.
        List<String> probe =
                root ? List.of("true") : List.of("setpriv", "--reuid", "1", "--regid", "1", "--clear-groups", "true");
        HostCommand.Result result = run(HostCommand.of(PROBE_TIMEOUT, probe), line -> {});
        if (result.exitCode() == 0) {
            return;
        }
        String remedy = root
                ? "root needs the capability CAP_SYS_ADMIN here; in a container, run it privileged, or run Pyro as an"
                        + " ordinary user"
                : "user namespaces must be allowed and /etc/subuid and /etc/subgid must give your user 65536 ids: run"
                        + " `sudo usermod --add-subuids 100000-165535 --add-subgids 100000-165535 "
                        + System.getProperty("user.name") + "` (choose a range that no other user has)";
        throw new PyroException(
                ErrorCode.HOST_UNSUPPORTED,
                "cannot make the namespaces in which environments are built: "
                        + result.output().strip() + "; " + remedy);
    }

    /**
     * Deletes a tree whose files may belong to the ids inside; nothing happens when it does not exist. An interruption does not stop it.
     *
     * @throws PyroException {@link ErrorCode#STORAGE_UNUSABLE} when something is left
     */
    public void deleteTree(Path tree, Duration timeout) {
        HostCommand.Result result = Undisturbed.call(() -> run(
                HostCommand.of(timeout, List.of("rm", "-rf", "--one-file-system", "--", tree.toString())), line -> {}));
        if (result.exitCode() != 0) {
            throw new PyroException(
                    ErrorCode.STORAGE_UNUSABLE,
                    "cannot delete " + tree + ": " + result.output().strip());
        }
    }
}
