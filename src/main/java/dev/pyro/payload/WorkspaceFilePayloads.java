package dev.pyro.payload;

import static dev.pyro.payload.WorkspacePayloads.array;
import static dev.pyro.payload.WorkspacePayloads.withId;

import dev.pyro.json.JsonValue.JsonObject;
import dev.pyro.model.ChangeStatus;
import dev.pyro.model.WorkspaceDiff;
import dev.pyro.model.WorkspaceDiskExport;
import dev.pyro.model.WorkspaceExport;
import dev.pyro.model.WorkspaceFile;
import dev.pyro.model.WorkspaceFileWrite;
import dev.pyro.model.WorkspaceFiles;
import dev.pyro.model.WorkspacePatch;
import dev.pyro.model.WorkspaceSync;

/** The payloads about the files and disks of workspaces. Texts are as {@link ByteText} has them. Stateless. */
public final class WorkspaceFilePayloads {
    private WorkspaceFilePayloads() {}

    /** The payload of {@code workspace sync push}. */
    public static JsonObject sync(WorkspaceSync sync) {
        return withId(sync.workspaceId())
                .put("execution_mode", sync.executionMode().wireName())
                .put(
                        "workspace_sync",
                        WorkspacePayloads.source(JsonObject.builder(), sync.source())
                                .put(
                                        "source_path",
                                        WorkspacePayloads.visible(sync.source().seedPath()))
                                .put("destination", ByteText.visible(sync.destination()))
                                .build())
                .build();
    }

    /** The payload of {@code workspace export}. */
    public static JsonObject export(WorkspaceExport export) {
        return withId(export.workspaceId())
                .put("workspace_path", ByteText.visible(export.workspacePath()))
                .put("output_path", ByteText.visible(export.outputPath().toString()))
                .put("artifact_type", export.artifactType().wireName())
                .put("entry_count", export.entryCount())
                .put("bytes_written", export.bytesWritten())
                .put("execution_mode", export.executionMode().wireName())
                .build();
    }

    /** The payload of {@code workspace diff}. */
    public static JsonObject diff(WorkspaceDiff diff) {
        return diff(diff, Integer.MAX_VALUE);
    }

    /** The same with at most so many entries; the summary counts them all. */
    public static JsonObject diff(WorkspaceDiff diff, int maxEntries) {
        return withId(diff.workspaceId())
                .put("changed", diff.changed())
                .put(
                        "summary",
                        JsonObject.builder()
                                .put("total", diff.entries().size())
                                .put("added", diff.count(ChangeStatus.ADDED))
                                .put("modified", diff.count(ChangeStatus.MODIFIED))
                                .put("deleted", diff.count(ChangeStatus.DELETED))
                                .put("type_changed", diff.count(ChangeStatus.TYPE_CHANGED))
                                .put("text_patched", diff.textPatched())
                                .put("non_text", diff.entries().size() - diff.textPatched())
                                .build())
                .put("entries", array(diff.entries(), maxEntries, WorkspaceFilePayloads::diffEntry))
                .put("patch", ByteText.visible(diff.patch()))
                .build();
    }

    /** The payload of {@code workspace file list} and {@code disk list}. */
    public static JsonObject files(WorkspaceFiles files) {
        return files(files, Integer.MAX_VALUE);
    }

    /** The same with at most so many entries. */
    public static JsonObject files(WorkspaceFiles files, int maxEntries) {
        return withId(files.workspaceId())
                .put("path", ByteText.visible(files.path()))
                .put("recursive", files.recursive())
                .put("entries", array(files.entries(), maxEntries, WorkspaceFilePayloads::fileEntry))
                .build();
    }

    /** The payload of {@code workspace file read} and {@code disk read}. */
    public static JsonObject file(WorkspaceFile file) {
        return withId(file.workspaceId())
                .put("path", ByteText.visible(file.path()))
                .put("size_bytes", file.sizeBytes())
                .put("max_bytes", file.maxBytes())
                .put("content", ByteText.visible(file.content()))
                .put("truncated", file.truncated())
                .build();
    }

    /** The payload of {@code workspace file write}. */
    public static JsonObject fileWrite(WorkspaceFileWrite write) {
        return withId(write.workspaceId())
                .put("path", ByteText.visible(write.path()))
                .put("size_bytes", write.bytesWritten())
                .put("bytes_written", write.bytesWritten())
                .put("execution_mode", write.executionMode().wireName())
                .build();
    }

    /** The payload of {@code workspace patch apply}. */
    public static JsonObject patch(WorkspacePatch patch) {
        return patch(patch, Integer.MAX_VALUE);
    }

    /** The same with at most so many entries; the summary counts them all. */
    public static JsonObject patch(WorkspacePatch patch, int maxEntries) {
        return withId(patch.workspaceId())
                .put("execution_mode", patch.executionMode().wireName())
                .put("changed", !patch.entries().isEmpty())
                .put(
                        "summary",
                        JsonObject.builder()
                                .put("total", patch.entries().size())
                                .put("added", patch.count(ChangeStatus.ADDED))
                                .put("modified", patch.count(ChangeStatus.MODIFIED))
                                .put("deleted", patch.count(ChangeStatus.DELETED))
                                .build())
                .put("entries", array(patch.entries(), maxEntries, WorkspaceFilePayloads::patchEntry))
                .build();
    }

    /** The payload of {@code workspace disk export}. */
    public static JsonObject diskExport(WorkspaceDiskExport export) {
        return withId(export.workspaceId())
                .put("output_path", ByteText.visible(export.outputPath().toString()))
                .put("disk_format", WorkspaceDiskExport.FORMAT)
                .put("bytes_written", export.bytesWritten())
                .build();
    }

    private static JsonObject diffEntry(WorkspaceDiff.Entry entry) {
        return JsonObject.builder()
                .put("path", ByteText.visible(entry.path()))
                .put("status", entry.status().wireName())
                .put("artifact_type", entry.artifactType().wireName())
                .put("text_patch", entry.textPatch())
                .build();
    }

    private static JsonObject fileEntry(WorkspaceFiles.Entry entry) {
        return JsonObject.builder()
                .put("path", ByteText.visible(entry.path()))
                .put("artifact_type", entry.artifactType().wireName())
                .put("size_bytes", entry.sizeBytes())
                .put("link_target", WorkspacePayloads.visible(entry.linkTarget()))
                .build();
    }

    private static JsonObject patchEntry(WorkspacePatch.Entry entry) {
        return JsonObject.builder()
                .put("path", ByteText.visible(entry.path()))
                .put("status", entry.status().wireName())
                .build();
    }
}
