package dev.pyro.cli.render;

import static org.assertj.core.api.Assertions.assertThat;

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

/** Holds the human lines about files to the interface contract, to the last character. */
class WorkspaceFileLinesTest {
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
        assertThat(WorkspaceFileLines.sync(SYNC))
                .isEqualTo("[workspace-sync] workspace_id=ws-0123456789ab mode=tar_archive source=/host/a.tar"
                        + " destination=/workspace/src entry_count=3 bytes_written=44 execution_mode=guest_virtio");
    }

    @Test
    void export() {
        assertThat(WorkspaceFileLines.export(EXPORT))
                .isEqualTo("[workspace-export] workspace_id=ws-0123456789ab workspace_path=/workspace/caf\\xe9"
                        + " output_path=/out artifact_type=symlink entry_count=1 bytes_written=0"
                        + " execution_mode=host_compat");
    }

    @Test
    void diff() {
        assertThat(WorkspaceFileLines.diff(DIFF))
                .isEqualTo("[workspace-diff] workspace_id=ws-0123456789ab total=4 added=1 modified=1 deleted=1"
                        + " type_changed=1 text_patched=2 non_text=2");
        assertThat(WorkspaceFileLines.diffWithoutText(DIFF))
                .containsExactly(
                        "[workspace-diff] non_text=b\\u000a status=modified artifact_type=file",
                        "[workspace-diff] non_text=d\\xff status=type_changed artifact_type=directory");
        assertThat(WorkspaceFileLines.diff(new WorkspaceDiff(ID, List.of(), "")))
                .isEqualTo("No workspace changes.");
    }

    @Test
    void lists() {
        String[] entries = {
            "/workspace/a [file] size=5",
            "/workspace/b\\u000a [directory] size=4096",
            "/workspace/c [symlink] size=2 -> x\\u001b\\xe9",
            "/workspace/d [other] size=0"
        };
        assertThat(WorkspaceFileLines.fileList(FILES))
                .startsWith("Workspace path: /workspace (recursive=yes)")
                .endsWith(entries)
                .hasSize(5);
        assertThat(WorkspaceFileLines.diskList(FILES))
                .startsWith("Workspace disk path: /workspace (recursive=yes)")
                .endsWith(entries)
                .hasSize(5);
        WorkspaceFiles none = new WorkspaceFiles(ID, "/workspace/a", false, List.of());
        assertThat(WorkspaceFileLines.fileList(none))
                .containsExactly("Workspace path: /workspace/a (recursive=no)", "No workspace entries found.");
        assertThat(WorkspaceFileLines.diskList(none))
                .containsExactly(
                        "Workspace disk path: /workspace/a (recursive=no)", "No workspace disk entries found.");
    }

    @Test
    void reads() {
        String rest = " workspace_id=ws-0123456789ab path=/workspace/a size_bytes=9 truncated=yes";
        assertThat(WorkspaceFileLines.fileRead(FILE)).isEqualTo("[workspace-file-read]" + rest);
        assertThat(WorkspaceFileLines.diskRead(FILE)).isEqualTo("[workspace-disk-read]" + rest);
    }

    @Test
    void writes() {
        assertThat(WorkspaceFileLines.fileWrite(WRITE))
                .isEqualTo("[workspace-file-write] workspace_id=ws-0123456789ab path=/workspace/a bytes_written=5"
                        + " execution_mode=guest_virtio");
        assertThat(WorkspaceFileLines.patch(PATCH))
                .isEqualTo("[workspace-patch] workspace_id=ws-0123456789ab total=3 added=1 modified=2 deleted=0"
                        + " execution_mode=guest_virtio");
    }

    @Test
    void diskExport() {
        assertThat(WorkspaceFileLines.diskExport(DISK))
                .isEqualTo("[workspace-disk-export] workspace_id=ws-0123456789ab output_path=/out.ext4"
                        + " disk_format=ext4 bytes_written=77");
    }
}
