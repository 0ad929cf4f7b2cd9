package dev.pyro.model;

/**
 * One command in a workspace.
 *
 * @param workspaceId the workspace
 * @param sequence its place in the history, from 1, without gaps, in the order in which commands ended
 * @param command the shell command line, without secrets
 * @param cwd where it ran
 * @param executionMode how it was run
 * @param result how it ended
 */
public record WorkspaceExec(
        WorkspaceId workspaceId,
        long sequence,
        String command,
        String cwd,
        ExecutionMode executionMode,
        ExecResult result) {}
