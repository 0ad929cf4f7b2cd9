package dev.pyro.workspace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pyro.machine.WorkVolumes.Owner;
import dev.pyro.model.ErrorCode;
import dev.pyro.model.ExecutionMode;
import dev.pyro.model.ImageSettings;
import dev.pyro.model.NetworkPolicy;
import dev.pyro.model.PyroException;
import dev.pyro.model.WorkspaceId;
import dev.pyro.model.WorkspaceSeed;
import dev.pyro.workspace.WorkspaceRecord.Life;
import dev.pyro.workspace.WorkspaceRecord.Origin;
import dev.pyro.workspace.WorkspaceRecord.Title;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WorkspaceRecordJsonTest {
    private static final Instant THEN = Instant.ofEpochMilli(1_700_000_000_123L);

    @TempDir
    Path folder;

    private static ImageSettings image(@Nullable Integer uid, @Nullable Integer gid) {
        return new ImageSettings(
                List.of("PATH=/bin"), null, "app", uid, gid, List.of(), List.of("/hello"), Map.of("k", "v"), false);
    }

    private static WorkspaceRecord record(@Nullable ImageSettings image) {
        return new WorkspaceRecord(
                new WorkspaceId("ws-0123456789ab"),
                new Origin(
                        "debian:12",
                        "1",
                        "sha256:00",
                        "qemu",
                        ExecutionMode.GUEST_VIRTIO,
                        1,
                        512,
                        1024,
                        Duration.ofMinutes(10),
                        NetworkPolicy.OFF,
                        THEN,
                        WorkspaceSeed.NONE,
                        List.of(),
                        image),
                new Title(null, Map.of()),
                new Life.Stopped(),
                null,
                true,
                0,
                THEN,
                0,
                null);
    }

    private WorkspaceRecord read(String text) throws IOException {
        return WorkspaceRecordJson.read(Files.writeString(folder.resolve("workspace.json"), text));
    }

    @Test
    void theImagesSettingsAreKeptAndMayBeMissing() throws IOException {
        for (ImageSettings image : new ImageSettings[] {null, image(null, null), image(1000, 50)}) {
            assertThat(read(WorkspaceRecordJson.write(record(image)))).isEqualTo(record(image));
        }
        // Workspaces of the first versions have no such field.
        String old = WorkspaceRecordJson.write(record(null)).replaceFirst(",\\s*\"image\": null", "");
        assertThat(old).doesNotContain("image");
        assertThat(read(old)).isEqualTo(record(null));
        String damaged = WorkspaceRecordJson.write(record(image(1, 1))).replace("\"PATH=/bin\"", "7");
        assertThatThrownBy(() -> read(damaged))
                .isInstanceOfSatisfying(
                        PyroException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.RECORD_CORRUPT));
    }

    @Test
    void ownersHaveAllNumbersOfTheKernel() throws IOException {
        String text = WorkspaceRecordJson.write(record(image((int) 3_000_000_000L, (int) 0xffff_fffeL)));
        assertThat(text).contains("\"uid\": 3000000000", "\"gid\": 4294967294");
        assertThat(read(text).origin().owner()).isEqualTo(new Owner((int) 3_000_000_000L, -2));
        for (String bad : List.of("-1", "4294967295")) {
            assertThatThrownBy(() -> read(text.replace("4294967294", bad)))
                    .isInstanceOfSatisfying(
                            PyroException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.RECORD_CORRUPT));
        }
    }

    @Test
    void theFilesBelongToWhoRunsCommands() {
        assertThat(record(null).origin().owner()).isEqualTo(Owner.ROOT);
        assertThat(record(image(null, null)).origin().owner()).isEqualTo(Owner.ROOT);
        assertThat(record(image(1000, 50)).origin().owner()).isEqualTo(new Owner(1000, 50));
        assertThat(record(image(1000, null)).origin().owner()).isEqualTo(new Owner(1000, 0));
    }
}
