package dev.pyro.cli.render;

import dev.pyro.model.ChangeStatus;
import dev.pyro.model.WorkspaceDiff;
import dev.pyro.model.WorkspaceDiskExport;
import dev.pyro.model.WorkspaceExport;
import dev.pyro.model.WorkspaceFile;
import dev.pyro.model.WorkspaceFileWrite;
import dev.pyro.model.WorkspaceFiles;
import dev.pyro.model.WorkspacePatch;
import dev.pyro.model.WorkspaceSync;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** The human lines about the files and disks of workspaces. What users and guests wrote is printable in them. Stateless. */
public final class WorkspaceFileLines {
    private static final String WORKSPACE_ID = "workspace_id";

    private WorkspaceFileLines() {}

    /** The line of {@code workspace sync push}. */
    public static String sync(WorkspaceSync sync) {
        return new SummaryLine("workspace-sync")
                .put(WORKSPACE_ID, sync.workspaceId())
                .put("mode", sync.source().mode().wireName())
                .put("source", Objects.requireNonNullElse(sync.source().seedPath(), ""))
                .put("destination", sync.destination())
                .put("entry_count", sync.source().entryCount())
                .put("bytes_written", sync.source().bytesWritten())
                .put("execution_mode", sync.executionMode().wireName())
                .toString();
    }

    /** The line of {@code workspace export}. */
    public static String export(WorkspaceExport export) {
        return new SummaryLine("workspace-export")
                .put(WORKSPACE_ID, export.workspaceId())
                .put("workspace_path", export.workspacePath())
                .put("output_path", export.outputPath())
                .put("artifact_type", export.artifactType().wireName())
                .put("entry_count", export.entryCount())
                .put("bytes_written", export.bytesWritten())
                .put("execution_mode", export.executionMode().wireName())
                .toString();
    }

    /** The line of {@code workspace diff} above the patch. */
    public static String diff(WorkspaceDiff diff) {
        if (!diff.changed()) {
            return "No workspace changes.";
        }
        return new SummaryLine("workspace-diff")
                .put(WORKSPACE_ID, diff.workspaceId())
                .put("total", diff.entries().size())
                .put("added", diff.count(ChangeStatus.ADDED))
                .put("modified", diff.count(ChangeStatus.MODIFIED))
                .put("deleted", diff.count(ChangeStatus.DELETED))
                .put("type_changed", diff.count(ChangeStatus.TYPE_CHANGED))
                .put("text_patched", diff.textPatched())
                .put("non_text", diff.entries().size() - diff.textPatched())
                .toString();
    }

    /** The lines of {@code workspace diff}, for standard error, about what the patch cannot show. */
    public static List<String> diffWithoutText(WorkspaceDiff diff) {
        return diff.entries().stream()
                .filter(entry -> !entry.textPatch())
                .map(entry -> new SummaryLine("workspace-diff")
                        .put("non_text", entry.path())
                        .put("status", entry.status().wireName())
                        .put("artifact_type", entry.artifactType().wireName())
                        .toString())
                .toList();
    }

    /** The lines of {@code workspace file list}. */
    public static List<String> fileList(WorkspaceFiles files) {
        return list("workspace", files);
    }

    /** The lines of {@code workspace disk list}. */
    public static List<String> diskList(WorkspaceFiles files) {
        return list("workspace disk", files);
    }

    /** The line of {@code workspace file read}, for standard error. */
    public static String fileRead(WorkspaceFile file) {
        return read("workspace-file-read", file);
    }

    /** The line of {@code workspace disk read}, for standard error. */
    public static String diskRead(WorkspaceFile file) {
        return read("workspace-disk-read", file);
    }

    /** The line of {@code workspace file write}. */
    public static String fileWrite(WorkspaceFileWrite write) {
        return new SummaryLine("workspace-file-write")
                .put(WORKSPACE_ID, write.workspaceId())
                .put("path", write.path())
                .put("bytes_written", write.bytesWritten())
                .put("execution_mode", write.executionMode().wireName())
                .toString();
    }

    /** The line of {@code workspace patch apply}. */
    public static String patch(WorkspacePatch patch) {
        return new SummaryLine("workspace-patch")
                .put(WORKSPACE_ID, patch.workspaceId())
                .put("total", patch.entries().size())
                .put("added", patch.count(ChangeStatus.ADDED))
                .put("modified", patch.count(ChangeStatus.MODIFIED))
                .put("deleted", patch.count(ChangeStatus.DELETED))
                .put("execution_mode", patch.executionMode().wireName())
                .toString();
    }

    /** The line of {@code workspace disk export}. */
    public static String diskExport(WorkspaceDiskExport export) {
        return new SummaryLine("workspace-disk-export")
                .put(WORKSPACE_ID, export.workspaceId())
                .put("output_path", export.outputPath())
                .put("disk_format", WorkspaceDiskExport.FORMAT)
                .put("bytes_written", export.bytesWritten())
                .toString();
    }

    private static List<String> list(String what, WorkspaceFiles files) {
        List<String> lines = new ArrayList<>();
        lines.add(Character.toUpperCase(what.charAt(0)) + what.substring(1) + " path: " + Printable.line(files.path())
                + " (recursive=" + SummaryLine.yesNo(files.recursive()) + ")");
        if (files.entries().isEmpty()) {
            lines.add("No " + what + " entries found.");
        }
        for (WorkspaceFiles.Entry entry : files.entries()) {
            lines.add(Printable.line(entry.path()) + " [" + entry.artifactType().wireName() + "] size="
                    + entry.sizeBytes()
                    + (entry.linkTarget() == null ? "" : " -> " + Printable.line(entry.linkTarget())));
        }
        return lines;
    }

    private static String read(String prefix, WorkspaceFile file) {
        return new SummaryLine(prefix)
                .put(WORKSPACE_ID, file.workspaceId())
                .put("path", file.path())
                .put("size_bytes", file.sizeBytes())
                .put("truncated", file.truncated())
                .toString();
    }
}
