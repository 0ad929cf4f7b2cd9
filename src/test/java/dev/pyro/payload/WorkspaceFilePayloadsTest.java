package dev.pyro.payload;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pyro.json.Json;
import dev.pyro.model.ArtifactType;
import dev.pyro.model.ChangeStatus;
import dev.pyro.model.ExecutionMode;
import dev.pyro.model.SeedMode;
import dev.pyro.model.WorkspaceDiff;
import dev.pyro.model.WorkspaceDiskExport;
import dev.pyro.model.WorkspaceExport;
import dev.pyro.model.WorkspaceFile;
import dev.pyro.model.WorkspaceFileWrite;
import dev.pyro.model.WorkspaceFiles;
import dev.pyro.model.WorkspaceId;
import dev.pyro.model.WorkspacePatch;
import dev.pyro.model.WorkspaceSeed;
import dev.pyro.model.WorkspaceSync;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Holds the payloads about files to the field lists of the interface contract. */
class WorkspaceFilePayloadsTest {
    private static final WorkspaceId ID = new WorkspaceId("ws-0123456789ab");
    private static final WorkspaceSync SYNC = new WorkspaceSync(
            ID,
            ExecutionMode.GUEST_VIRTIO,
            new WorkspaceSeed(SeedMode.TAR_ARCHIVE, "/host/a.tar", 3, 44, List.of(), 0),
            "/workspace/src");
    private static final WorkspaceExport EXPORT = new WorkspaceExport(
            ID, "/workspace/caf\uDCE9", Path.of("/out"), ArtifactType.SYMLINK, 1, 0, ExecutionMode.HOST_COMPAT);
    private static final WorkspaceDiff DIFF = new WorkspaceDiff(
            ID,
            List.of(
                    new WorkspaceDiff.Entry("a", ChangeStatus.ADDED, ArtifactType.FILE, true),
                    new WorkspaceDiff.Entry("b\n", ChangeStatus.MODIFIED, ArtifactType.FILE, false),
                    new WorkspaceDiff.Entry("c", ChangeStatus.DELETED, ArtifactType.SYMLINK, true),
                    new WorkspaceDiff.Entry("d\uDCFF", ChangeStatus.TYPE_CHANGED, ArtifactType.DIRECTORY, false)),
            "diff --git a/a b/a\n");
    private static final WorkspaceFiles FILES = new WorkspaceFiles(
            ID,
            "/workspace",
            true,
            List.of(
                    new WorkspaceFiles.Entry("/workspace/a", ArtifactType.FILE, 5, null),
                    new WorkspaceFiles.Entry("/workspace/b\n", ArtifactType.DIRECTORY, 4096, null),
                    new WorkspaceFiles.Entry("/workspace/c", ArtifactType.SYMLINK, 2, "x\u001b\uDCE9"),
                    new WorkspaceFiles.Entry("/workspace/d", ArtifactType.OTHER, 0, null)));
    private static final WorkspaceFile FILE = new WorkspaceFile(ID, "/workspace/a", 9, 5, "hello", true);
    private static final WorkspaceFileWrite WRITE =
            new WorkspaceFileWrite(ID, "/workspace/a", 5, ExecutionMode.GUEST_VIRTIO);
    private static final WorkspacePatch PATCH = new WorkspacePatch(
            ID,
            ExecutionMode.GUEST_VIRTIO,
            List.of(
                    new WorkspacePatch.Entry("a", ChangeStatus.ADDED),
                    new WorkspacePatch.Entry("b", ChangeStatus.MODIFIED),
                    new WorkspacePatch.Entry("c", ChangeStatus.MODIFIED)));
    private static final WorkspaceDiskExport DISK = new WorkspaceDiskExport(ID, Path.of("/out.ext4"), 77);

    @Test
    void sync() {
        assertThat(Json.write(WorkspaceFilePayloads.sync(SYNC)))
                .isEqualTo("{\"execution_mode\":\"guest_virtio\",\"workspace_id\":\"ws-0123456789ab\","
                        + "\"workspace_sync\":{\"bytes_written\":44,\"destination\":\"/workspace/src\","
                        + "\"entry_count\":3,\"mode\":\"tar_archive\",\"skipped\":[],\"skipped_count\":0,"
                        + "\"source_path\":\"/host/a.tar\"}}");
    }

    @Test
    void export() {
        assertThat(Json.write(WorkspaceFilePayloads.export(EXPORT)))
                .isEqualTo("{\"artifact_type\":\"symlink\",\"bytes_written\":0,\"entry_count\":1,"
                        + "\"execution_mode\":\"host_compat\",\"output_path\":\"/out\","
                        + "\"workspace_id\":\"ws-0123456789ab\",\"workspace_path\":\"/workspace/caf\\\\xe9\"}");
    }

    @Test
    void diff() {
        assertThat(Json.write(WorkspaceFilePayloads.diff(DIFF)))
                .isEqualTo("{\"changed\":true,\"entries\":["
                        + "{\"artifact_type\":\"file\",\"path\":\"a\",\"status\":\"added\",\"text_patch\":true},"
                        + "{\"artifact_type\":\"file\",\"path\":\"b\\n\",\"status\":\"modified\","
                        + "\"text_patch\":false},"
                        + "{\"artifact_type\":\"symlink\",\"path\":\"c\",\"status\":\"deleted\","
                        + "\"text_patch\":true},"
                        + "{\"artifact_type\":\"directory\",\"path\":\"d\\\\xff\",\"status\":\"type_changed\","
                        + "\"text_patch\":false}],"
                        + "\"patch\":\"diff --git a/a b/a\\n\","
                        + "\"summary\":{\"added\":1,\"deleted\":1,\"modified\":1,\"non_text\":2,\"text_patched\":2,"
                        + "\"total\":4,\"type_changed\":1},\"workspace_id\":\"ws-0123456789ab\"}");
        assertThat(Json.write(WorkspaceFilePayloads.diff(new WorkspaceDiff(ID, List.of(), ""))))
                .contains("\"changed\":false", "\"patch\":\"\"");
    }

    @Test
    void files() {
        assertThat(Json.write(WorkspaceFilePayloads.files(FILES)))
                .isEqualTo("{\"entries\":["
                        + "{\"artifact_type\":\"file\",\"link_target\":null,\"path\":\"/workspace/a\","
                        + "\"size_bytes\":5},"
                        + "{\"artifact_type\":\"directory\",\"link_target\":null,\"path\":\"/workspace/b\\n\","
                        + "\"size_bytes\":4096},"
                        + "{\"artifact_type\":\"symlink\",\"link_target\":\"x\\u001B\\\\xe9\","
                        + "\"path\":\"/workspace/c\",\"size_bytes\":2},"
                        + "{\"artifact_type\":\"other\",\"link_target\":null,\"path\":\"/workspace/d\","
                        + "\"size_bytes\":0}],"
                        + "\"path\":\"/workspace\",\"recursive\":true,\"workspace_id\":\"ws-0123456789ab\"}");
    }

    @Test
    void readAndWritten() {
        assertThat(Json.write(WorkspaceFilePayloads.file(FILE)))
                .isEqualTo("{\"content\":\"hello\",\"max_bytes\":5,\"path\":\"/workspace/a\","
                        + "\"size_bytes\":9,\"truncated\":true,\"workspace_id\":\"ws-0123456789ab\"}");
        assertThat(Json.write(WorkspaceFilePayloads.fileWrite(WRITE)))
                .isEqualTo("{\"bytes_written\":5,\"execution_mode\":\"guest_virtio\",\"path\":\"/workspace/a\","
                        + "\"size_bytes\":5,\"workspace_id\":\"ws-0123456789ab\"}");
    }

    @Test
    void patch() {
        assertThat(Json.write(WorkspaceFilePayloads.patch(PATCH)))
                .isEqualTo("{\"changed\":true,\"entries\":[{\"path\":\"a\",\"status\":\"added\"},"
                        + "{\"path\":\"b\",\"status\":\"modified\"},{\"path\":\"c\",\"status\":\"modified\"}],"
                        + "\"execution_mode\":\"guest_virtio\",\"summary\":{\"added\":1,\"deleted\":0,"
                        + "\"modified\":2,\"total\":3},\"workspace_id\":\"ws-0123456789ab\"}");
    }

    @Test
    void diskExport() {
        assertThat(Json.write(WorkspaceFilePayloads.diskExport(DISK)))
                .isEqualTo("{\"bytes_written\":77,\"disk_format\":\"ext4\",\"output_path\":\"/out.ext4\","
                        + "\"workspace_id\":\"ws-0123456789ab\"}");
    }
}
