package dev.pyro.workspace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pyro.model.ErrorCode;
import dev.pyro.model.ExecutionMode;
import dev.pyro.model.ImageSettings;
import dev.pyro.model.PyroException;
import dev.pyro.model.VmId;
import dev.pyro.model.VmState;
import dev.pyro.os.ProcessIdentity;
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

class VmRecordTest {
    @TempDir
    Path folder;

    private static final ImageSettings IMAGE = new ImageSettings(
            List.of("PATH=/bin", "A=b=c"),
            "/srv",
            "app:1",
            1000,
            1,
            List.of("/e"),
            List.of("-c"),
            Map.of("l", "v"),
            true);

    private static VmRecord record(@Nullable ProcessIdentity owner) {
        return record(owner, null);
    }

    private static VmRecord record(@Nullable ProcessIdentity owner, @Nullable ImageSettings image) {
        return new VmRecord(
                new VmId("vm-0123456789ab"),
                "debian:12",
                "1",
                "sha256:00",
                VmState.STARTED,
                2,
                512,
                Duration.ofMinutes(10),
                Instant.ofEpochMilli(1_700_000_000_123L),
                Instant.ofEpochMilli(1_700_000_001_456L),
                true,
                false,
                Map.of("purpose", "test \"x\""),
                "qemu",
                ExecutionMode.GUEST_VIRTIO,
                image,
                owner,
                null);
    }

    private VmRecord read(String text) throws IOException {
        return VmRecord.read(Files.writeString(folder.resolve("vm.json"), text));
    }

    @Test
    void aRecordIsReadAsItWasWritten() throws IOException {
        for (ProcessIdentity owner : new ProcessIdentity[] {null, ProcessIdentity.current()}) {
            assertThat(read(record(owner).toJson())).isEqualTo(record(owner));
        }
    }

    @Test
    void aStartIsWrittenDownWithTheStateBeforeIt() throws IOException {
        VmRecord stopped = record(null).withState(VmState.STOPPED);
        VmRecord starting = stopped.withStarting("namespace", ExecutionMode.HOST_COMPAT);
        assertThat(starting.state()).isEqualTo(VmState.STARTED);
        assertThat(starting.startedFrom()).isEqualTo(VmState.STOPPED);
        assertThat(read(starting.withActivity(Instant.ofEpochMilli(5)).toJson()).startedFrom())
                .isEqualTo(VmState.STOPPED);
        assertThat(starting.withState(VmState.STARTED).startedFrom()).isNull();
        assertThat(starting.beforeStart())
                .isEqualTo(stopped.withStarting("namespace", ExecutionMode.HOST_COMPAT)
                        .withState(VmState.STOPPED));
        assertThat(stopped.beforeStart()).isSameAs(stopped);
        VmRecord first = record(null).withState(VmState.CREATED).withStarting("qemu", ExecutionMode.GUEST_VIRTIO);
        assertThat(first.beforeStart().state()).isEqualTo(VmState.CREATED);
        assertThat(first.beforeStart().backend()).isNull();
        assertThat(first.beforeStart().executionMode()).isNull();
        // Machines of the first versions have no such field.
        assertThat(read(stopped.toJson().replaceAll(",\\s*\"started_from\": null", "")))
                .isEqualTo(stopped);
    }

    @Test
    void theImagesSettingsAreKeptAndMayBeMissing() throws IOException {
        assertThat(read(record(null, IMAGE).toJson()).image()).isEqualTo(IMAGE);
        // Machines of the first versions have no such field.
        assertThat(read(record(null).toJson().replaceAll("\\s*\"image\": null,", "")))
                .isEqualTo(record(null));
        String damaged = record(null, IMAGE).toJson().replace("\"login_shell\": true", "\"login_shell\": 1");
        assertThatThrownBy(() -> read(damaged))
                .isInstanceOfSatisfying(
                        PyroException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.RECORD_CORRUPT));
    }

    @Test
    void fieldsThatANewerVersionAppendsAreIgnored() throws IOException {
        String json = record(null).toJson().replaceFirst("\\{", "{\"appended_later\": [1],");
        assertThat(read(json)).isEqualTo(record(null));
    }

    @Test
    void aNewerFormatIsRefusedAndADamagedOneToo() throws IOException {
        String newer = record(null).toJson().replace("\"format_version\": 1", "\"format_version\": 2");
        assertThatThrownBy(() -> read(newer))
                .isInstanceOfSatisfying(
                        PyroException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.RECORD_TOO_NEW))
                .hasMessageContaining("update Pyro");
        for (String damaged : new String[] {"", "{", "[]", record(null).toJson().replace("started", "running")}) {
            assertThatThrownBy(() -> read(damaged))
                    .isInstanceOfSatisfying(
                            PyroException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.RECORD_CORRUPT))
                    .hasMessageContaining("vm.json");
        }
    }

    @Test
    void aRecordThatIsNotTextIsDamaged() throws IOException {
        Path file = Files.write(folder.resolve("vm.json"), new byte[] {'{', (byte) 0xFF, '}'});
        assertThatThrownBy(() -> VmRecord.read(file))
                .isInstanceOfSatisfying(
                        PyroException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.RECORD_CORRUPT))
                .hasMessageContaining(file.toString());
    }

    @Test
    void itIsAbandonedWhenItsOwnerIsDeadOrItsTimeIsOver() {
        Instant lastUse = record(null).lastActivityAt();
        assertThat(record(null).isAbandoned(lastUse.plus(Duration.ofMinutes(9))))
                .isFalse();
        assertThat(record(null).isAbandoned(lastUse.plus(Duration.ofMinutes(11))))
                .isTrue();
        ProcessIdentity me = ProcessIdentity.current();
        assertThat(record(me).isAbandoned(lastUse.plus(Duration.ofDays(1)))).isFalse();
        // The same pid, but another process.
        ProcessIdentity recycled = new ProcessIdentity(me.pid(), me.startTicks() - 1, me.bootId());
        assertThat(record(recycled).isAbandoned(lastUse)).isTrue();
    }
}
