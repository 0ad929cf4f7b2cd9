package dev.pyro.model;

import java.util.List;

/**
 * The shells of a workspace.
 *
 * @param workspaceId the workspace
 * @param shells in the order in which they were opened
 */
public record ShellList(WorkspaceId workspaceId, List<Shell> shells) {
    public ShellList {
        shells = List.copyOf(shells);
    }
}
