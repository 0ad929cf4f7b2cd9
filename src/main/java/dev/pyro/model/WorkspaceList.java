package dev.pyro.model;

import java.util.List;

/**
 * All workspaces.
 *
 * @param workspaces newest activity first
 */
public record WorkspaceList(List<Workspace> workspaces) {
    public WorkspaceList {
        workspaces = List.copyOf(workspaces);
    }
}
