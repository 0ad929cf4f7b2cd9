package dev.pyro.mcp;

import static dev.pyro.mcp.Parameters.MAX_BYTES;
import static dev.pyro.mcp.Parameters.RECURSIVE;
import static dev.pyro.mcp.Parameters.SNAPSHOT_NAME;
import static dev.pyro.mcp.Parameters.WORKSPACE_ID;

import dev.pyro.mcp.ParameterType.Text;
import dev.pyro.model.Snapshot;
import dev.pyro.model.WorkspaceFile;
import dev.pyro.payload.WorkspaceFilePayloads;
import dev.pyro.payload.WorkspacePayloads;
import java.util.List;

/** The tools about snapshots, resets and the disks of stopped workspaces. Stateless. */
final class StateTools {
    private static final String PATH = "path";

    private static final ToolParameter SNAPSHOT = ToolParameter.text(
            "snapshot",
            Snapshot.BASELINE,
            Text.of(1, 64),
            "A snapshot's name, or baseline: the state when the workspace was created.");

    private static final ToolParameter OUTPUT_PATH = Parameters.hostPath(
            "output_path",
            "The image file to make on the host; nothing may be there yet, its folder must exist. Give an absolute path; a "
                    + "relative one starts at the server's working directory.");

    private StateTools() {}

    static List<Tool> all() {
        return List.of(
                diskExport(), diskList(), diskRead(), snapshotCreate(), snapshotList(), snapshotDelete(), reset());
    }

    private static Tool diskExport() {
        return new Tool(
                "workspace_disk_export",
                "Save a stopped workspace's disk",
                "Write a stopped workspace's whole file system to the host as one raw ext4 image. "
                        + "For single files or directories use workspace_export instead.",
                WorkspaceTools.FULL,
                List.of(WORKSPACE_ID, OUTPUT_PATH),
                OutputSchemas.DISK_EXPORT,
                ToolHints.ADDS.withOpenWorld(),
                call -> ToolAnswer.of(WorkspaceFilePayloads.diskExport(call.pyro()
                        .exportWorkspaceDisk(
                                Parameters.workspaceId(call),
                                Parameters.hostPath(OUTPUT_PATH.name(), call.arguments()),
                                call.progress()))));
    }

    private static Tool diskList() {
        return new Tool(
                "workspace_disk_list",
                "List files on a stopped workspace's disk",
                "List a directory of a stopped workspace without starting it; use workspace_file_list while it runs.",
                WorkspaceTools.FULL,
                List.of(
                        WORKSPACE_ID,
                        Parameters.guestPath(PATH, "Any directory or file of the machine, such as /var/log."),
                        RECURSIVE),
                OutputSchemas.FILES,
                ToolHints.LOOKS,
                call -> FileTools.listAnswer(call.pyro()
                                .listWorkspaceDisk(
                                        Parameters.workspaceId(call),
                                        call.arguments().text(PATH),
                                        call.arguments().flag(RECURSIVE.name())))
                        .withAdvice("entries", _ -> "List a directory below."));
    }

    private static Tool diskRead() {
        return new Tool(
                "workspace_disk_read",
                "Read a file on a stopped workspace's disk",
                "Read a text file of a stopped workspace without starting it; use workspace_file_read while it runs.",
                WorkspaceTools.FULL,
                List.of(
                        WORKSPACE_ID,
                        Parameters.guestPath("Any file of the machine, such as /workspace/main.py or /etc/os-release."),
                        MAX_BYTES),
                OutputSchemas.FILE,
                ToolHints.LOOKS,
                call -> {
                    int maxBytes = call.arguments().integer(MAX_BYTES.name());
                    WorkspaceFile file = call.pyro()
                            .readWorkspaceDisk(
                                    Parameters.workspaceId(call),
                                    call.arguments().text(PATH),
                                    ResultBounds.worthReading(maxBytes));
                    return FileTools.fileAnswer(file, maxBytes)
                            .withAdvice(
                                    "content",
                                    kept -> "To read on, workspace_start it and use workspace_exec: "
                                            + FileTools.readOn(file, kept));
                });
    }

    private static Tool snapshotCreate() {
        return new Tool(
                "snapshot_create",
                "Take a snapshot",
                "Keep a workspace's files in /workspace as they are now, under a name for workspace_reset. It is quick, however large "
                        + "they are. Take one before a risky step.",
                WorkspaceTools.FULL,
                List.of(WORKSPACE_ID, SNAPSHOT_NAME),
                OutputSchemas.SNAPSHOT_CREATED,
                ToolHints.ADDS,
                call -> ToolAnswer.of(WorkspacePayloads.snapshot(call.pyro()
                        .createSnapshot(
                                Parameters.workspaceId(call), call.arguments().text(SNAPSHOT_NAME.name())))));
    }

    private static Tool snapshotList() {
        return Tool.about(
                WORKSPACE_ID,
                WorkspaceTools.FULL,
                "snapshot_list",
                "List snapshots",
                "List a workspace's snapshots; the first is baseline, the state when it was created.",
                OutputSchemas.SNAPSHOTS,
                ToolHints.LOOKS,
                call -> WorkspacePayloads.snapshots(call.pyro().listSnapshots(Parameters.workspaceId(call))));
    }

    private static Tool snapshotDelete() {
        return new Tool(
                "snapshot_delete",
                "Delete a snapshot",
                "Delete a snapshot; the workspace's files and its other snapshots stay. baseline cannot be deleted.",
                WorkspaceTools.FULL,
                List.of(WORKSPACE_ID, SNAPSHOT_NAME),
                OutputSchemas.SNAPSHOT_DELETED,
                ToolHints.REPLACES,
                call -> ToolAnswer.of(WorkspacePayloads.snapshotDeleted(call.pyro()
                        .deleteSnapshot(
                                Parameters.workspaceId(call), call.arguments().text(SNAPSHOT_NAME.name())))));
    }

    private static Tool reset() {
        return new Tool(
                "workspace_reset",
                "Reset a workspace",
                "Give a workspace a fresh machine with the files of a snapshot. All later changes, installed packages, processes and "
                        + "the history of commands are lost; the id and the snapshots stay.",
                WorkspaceTools.CORE,
                List.of(WORKSPACE_ID, SNAPSHOT),
                OutputSchemas.WORKSPACE_RESET,
                ToolHints.REPLACES,
                call -> ToolAnswer.of(WorkspacePayloads.reset(call.pyro()
                        .resetWorkspace(
                                Parameters.workspaceId(call),
                                call.arguments().text(SNAPSHOT.name()),
                                call.progress()))));
    }
}
