package dev.pyro.workspace;

import dev.pyro.agent.AgentRefusal;
import dev.pyro.agent.ExecRequest;
import dev.pyro.agent.StartJob;
import dev.pyro.agent.TerminalSize;
import dev.pyro.model.Arguments;
import dev.pyro.model.ErrorCode;
import dev.pyro.model.ExecVm;
import dev.pyro.model.ExecWorkspace;
import dev.pyro.model.ExecutionMode;
import dev.pyro.model.ImageSettings;
import dev.pyro.model.OpenShell;
import dev.pyro.model.PyroException;
import dev.pyro.model.ShellId;
import dev.pyro.model.StartService;
import dev.pyro.model.Workspace;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How commands, shells and services are started in a machine: what its image says, and what the call says over that. Immutable.
 *
 * <p>Every method throws {@link ErrorCode#HOST_UNSUPPORTED} for a user whom the machine cannot have, {@link ErrorCode#GUEST_USER_UNKNOWN} when the image's own
 * user is no user, and {@link ErrorCode#INVALID_ARGUMENT} for what no request can hold.
 */
final class CommandSettings {
    private static final Set<String> ROOT = Set.of("root", "0", "root:root", "root:0", "0:root", "0:0");

    /** Looked up in the image's {@code /etc/passwd}, as containers do: root's home and groups may be others than usual. */
    private static final String IMAGE_ROOT = "0";

    private final @Nullable ImageSettings image;
    private final boolean rootOnly;

    private CommandSettings(@Nullable ImageSettings image, boolean rootOnly) {
        this.image = image;
        this.rootOnly = rootOnly;
    }

    /**
     * Returns the settings of a machine.
     *
     * @param image what its environment was made of, or null for one of the catalogue
     * @param mode how commands are run in it: namespaces map no user but root, and the image's own is taken for that
     */
    static CommandSettings of(@Nullable ImageSettings image, ExecutionMode mode) {
        return new CommandSettings(image, mode == ExecutionMode.HOST_COMPAT);
    }

    /** Returns the settings of a workspace's machine. */
    static CommandSettings of(WorkspaceRecord workspace) {
        return of(workspace.origin().image(), workspace.origin().executionMode());
    }

    /** A command in a virtual machine, in the directory that the image names. */
    ExecRequest exec(String command, ExecVm options) {
        String directory = image == null ? null : directory(image);
        return exec(command, options.user(), Map.of())
                .withDirectory(directory)
                // Docker makes it, so images rely on that.
                .withDirectoryMade(directory != null)
                .withTimeout(options.timeout());
    }

    /** A command in a workspace, in its folder. */
    ExecRequest exec(String command, ExecWorkspace options, Map<String, String> secrets) {
        return exec(command, options.user(), secrets)
                .withDirectory(Workspace.PATH)
                .withTimeout(options.timeout());
    }

    private ExecRequest exec(String command, @Nullable String user, Map<String, String> variables) {
        return ExecRequest.of(command)
                .withUser(user(user))
                .withEnvironment(environment(variables))
                .withLoginShell(isLogin())
                .withArguments(arguments(command));
    }

    /** A shell; its options have an absolute directory. */
    StartJob shell(ShellId id, OpenShell options, Map<String, String> secrets) {
        Map<String, String> variables = new LinkedHashMap<>(Map.of("TERM", options.term()));
        variables.putAll(secrets);
        return StartJob.shell(
                        id.value(),
                        options.cwd(),
                        environment(variables),
                        new TerminalSize(options.cols(), options.rows()))
                .withUser(user(options.user()))
                .withLoginShell(isLogin());
    }

    /** A service; its options have an absolute directory. */
    StartJob service(String name, String command, StartService options, Map<String, String> secrets) {
        return StartJob.service(name, command, options.cwd(), environment(secrets))
                .withUser(user(options.user()))
                .withLoginShell(isLogin())
                .withArguments(arguments(command));
    }

    /** Puts the guest's refusal of a user into the words of callers. */
    static PyroException explain(PyroException e, @Nullable String user) {
        if (e.code() != ErrorCode.GUEST_USER_UNKNOWN || !(e.getCause() instanceof AgentRefusal)) {
            return e;
        }
        return new PyroException(
                ErrorCode.GUEST_USER_UNKNOWN,
                "the machine knows no user \"" + Arguments.printable(String.valueOf(user))
                        + "\": the name or the group is not in its /etc/passwd or /etc/group; give a number, or another user, "
                        + "by --user (over MCP: user)",
                e);
    }

    private boolean isLogin() {
        return image == null || image.loginShell();
    }

    private @Nullable String user(@Nullable String asked) {
        if (rootOnly) {
            if (asked != null && !ROOT.contains(asked)) {
                throw new PyroException(
                        ErrorCode.HOST_UNSUPPORTED,
                        "there is no user \"" + Arguments.printable(asked)
                                + "\" in Linux namespaces, where only root is mapped: leave the user out, or use a virtual "
                                + "machine (`pyro doctor` says what this host lacks for one)");
            }
            return image == null ? null : IMAGE_ROOT;
        }
        if (asked != null || image == null) {
            return asked;
        }
        String own = complete(image.user());
        if (own.isEmpty()) {
            return IMAGE_ROOT;
        }
        if (!Arguments.isUser(own)) {
            throw new PyroException(
                    ErrorCode.GUEST_USER_UNKNOWN,
                    "the environment's image says that commands run as \"" + Arguments.printable(own)
                            + "\", which is no user: name one by --user (over MCP: user)");
        }
        return own;
    }

    /** In images either side of the colon may be empty: then it is root, and the user's own group. Empty when nothing is said. */
    private static String complete(@Nullable String user) {
        if (user == null || user.isEmpty()) {
            return "";
        }
        String whole = user.startsWith(":") ? "root" + user : user;
        return whole.endsWith(":") ? whole.substring(0, whole.length() - 1) : whole;
    }

    /** The image's variables come first, so that those of the call hold. */
    private Map<String, String> environment(Map<String, String> variables) {
        Map<String, String> all = new LinkedHashMap<>();
        if (image != null) {
            for (String variable : image.env()) {
                int equals = variable.indexOf('=');
                // One without a value, or without a name, sets nothing.
                if (equals > 0) {
                    all.put(variable.substring(0, equals), variable.substring(equals + 1));
                }
            }
        }
        all.putAll(variables);
        return all;
    }

    /** Nobody knows here whether the image has a shell. The catalogue's environments have one. */
    private List<String> arguments(String command) {
        return image == null ? List.of() : ShellWords.plain(command).orElse(List.of());
    }

    private static @Nullable String directory(ImageSettings image) {
        String directory = image.workingDir();
        if (directory == null || directory.isEmpty()) {
            return null;
        }
        return directory.startsWith("/") ? directory : "/" + directory;
    }
}
