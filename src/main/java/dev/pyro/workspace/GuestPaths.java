package dev.pyro.workspace;

import dev.pyro.agent.AgentRefusal;
import dev.pyro.agent.GuestLocation;
import dev.pyro.model.Arguments;
import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import dev.pyro.model.Workspace;
import java.util.ArrayDeque;
import java.util.Deque;

/** What callers' paths mean in a workspace, and what the agent's refusals mean to callers. Stateless. */
final class GuestPaths {
    private static final int MAX_PATH_CHARS = 4096;

    private GuestPaths() {}

    /**
     * Returns the place of a path that must be in {@code /workspace}; a relative one begins there.
     *
     * @throws PyroException {@link ErrorCode#PATH_OUTSIDE}, {@link ErrorCode#INVALID_ARGUMENT}
     */
    static GuestLocation inWorkspace(String path) {
        String absolute = absolute(path);
        if (absolute.equals(Workspace.PATH)) {
            return new GuestLocation(Workspace.PATH, "");
        }
        if (!absolute.startsWith(Workspace.PATH + "/")) {
            throw outside(path);
        }
        return new GuestLocation(Workspace.PATH, absolute.substring(Workspace.PATH.length() + 1));
    }

    /** Returns an absolute path without {@code .}, {@code ..} and empty components; a relative one begins in {@code /workspace}. */
    static String absolute(String path) {
        if (path.isEmpty() || path.indexOf('\0') >= 0 || path.length() > MAX_PATH_CHARS) {
            throw new PyroException(
                    ErrorCode.INVALID_ARGUMENT,
                    "path must have 1 to " + MAX_PATH_CHARS + " characters, none of them NUL, not \""
                            + Arguments.printable(path) + "\"");
        }
        Deque<String> components = new ArrayDeque<>();
        String whole = path.startsWith("/") ? path : Workspace.PATH + "/" + path;
        for (String component : whole.split("/", -1)) {
            if (component.equals("..")) {
                if (components.pollLast() == null) {
                    throw outside(path);
                }
            } else if (!component.isEmpty() && !component.equals(".")) {
                components.addLast(component);
            }
        }
        return "/" + String.join("/", components);
    }

    private static PyroException outside(String path) {
        return new PyroException(
                ErrorCode.PATH_OUTSIDE,
                "\"" + Arguments.printable(path) + "\" leads out of " + Workspace.PATH + ": give a path below it");
    }

    /** Puts the agent's refusal into the words of the caller's operation. */
    static PyroException explain(PyroException e, String path, String wanted) {
        if (e.code() != ErrorCode.GUEST_ERROR || !(e.getCause() instanceof AgentRefusal refusal)) {
            return e;
        }
        String shown = "\"" + Arguments.printable(path) + "\"";
        return switch (refusal.reason()) {
            case NOT_FOUND ->
                new PyroException(
                        ErrorCode.FILE_NOT_FOUND,
                        "there is no " + shown + " in the workspace; `pyro workspace file list` shows what is there",
                        e);
            case OUTSIDE ->
                new PyroException(ErrorCode.PATH_OUTSIDE, shown + " leads out of " + Workspace.PATH + " by a link", e);
            case IS_A_DIRECTORY, NOT_A_DIRECTORY ->
                new PyroException(ErrorCode.FILE_UNSUITABLE, shown + " is not " + wanted, e);
            case NO_SPACE ->
                new PyroException(
                        ErrorCode.WORKSPACE_DISK_FULL,
                        "the workspace's disk has no room for what goes to " + shown
                                + "; nothing was changed. Delete something in it, or create a workspace with a larger"
                                + " --disk-mib",
                        e);
            default -> e;
        };
    }
}
