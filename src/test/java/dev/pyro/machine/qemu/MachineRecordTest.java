package dev.pyro.machine.qemu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pyro.machine.Machine.GuestNetwork;
import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import dev.pyro.os.ProcessIdentity;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MachineRecordTest {
    private static final ProcessIdentity QEMU = new ProcessIdentity(12, 345, "boot");
    private static final ProcessIdentity PASST = new ProcessIdentity(13, 346, "boot");
    private static final ProcessIdentity PUBLISHER = new ProcessIdentity(14, 347, "boot");
    private static final GuestNetwork NETWORK =
            new GuestNetwork(EgressNetwork.HARDWARE_ADDRESS, "10.0.2.15", 24, "10.0.2.2", List.of("192.0.2.1"));

    @TempDir
    Path folder;

    private Path file;

    @BeforeEach
    void nameFile() {
        file = folder.resolve("machine.json");
    }

    @Test
    void whatIsWrittenIsRead() {
        MachineRecord record = new MachineRecord(
                "vm-1", QEMU, Optional.of(PASST), Optional.of(PUBLISHER), Optional.of(NETWORK), Optional.of("key"));
        record.write(file);
        assertThat(MachineRecord.read(file)).contains(record);

        MachineRecord plain =
                new MachineRecord("vm-1", QEMU, Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());
        plain.write(file);
        assertThat(MachineRecord.read(file)).contains(plain);
    }

    /** A machine that runs while Pyro is upgraded. */
    @Test
    void recordOfAVersionThatPublishedNothingIsRead() throws IOException {
        MachineRecord record = new MachineRecord(
                "vm-1", QEMU, Optional.of(PASST), Optional.empty(), Optional.of(NETWORK), Optional.empty());
        record.write(file);
        String written = Files.readString(file);
        String older = written.replaceAll("(?m)^ *\"(hardware_address|publisher)\".*\\R", "");
        assertThat(older).hasLineCount((int) written.lines().count() - 2);
        Files.writeString(file, older.replaceAll(",(\\s*})", "$1"));

        assertThat(MachineRecord.read(file)).contains(record);
    }

    @Test
    void missingOrForeignRecordIsNone() throws IOException {
        assertThat(MachineRecord.read(file)).isEmpty();
        Files.writeString(file, "{\"backend\": \"namespace\", \"format_version\": 9}");
        assertThat(MachineRecord.read(file)).isEmpty();
    }

    @Test
    void damagedRecordIsRefused() throws IOException {
        Files.writeString(file, "{\"backend\": \"qemu\", \"format_version\": 1, \"id\": \"vm-1\"");
        assertRefused(ErrorCode.RECORD_CORRUPT);
        Files.writeString(file, "{\"backend\": \"qemu\", \"format_version\": 1, \"id\": \"vm-1\"}");
        assertRefused(ErrorCode.RECORD_CORRUPT);
        Files.write(file, new byte[] {'{', (byte) 0xFF, '}'});
        assertRefused(ErrorCode.RECORD_CORRUPT);
        Files.writeString(file, "{\"backend\": \"qemu\", \"format_version\": 2}");
        assertRefused(ErrorCode.RECORD_TOO_NEW);
    }

    @Test
    void unknownMembersAreIgnored() throws IOException {
        MachineRecord record =
                new MachineRecord("vm-1", QEMU, Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());
        record.write(file);
        Files.writeString(file, Files.readString(file).replaceFirst("\\{", "{\"later\": [1],"));

        assertThat(MachineRecord.read(file)).contains(record);
    }

    private void assertRefused(ErrorCode code) {
        assertThatThrownBy(() -> MachineRecord.read(file))
                .isInstanceOfSatisfying(
                        PyroException.class, e -> assertThat(e.code()).isEqualTo(code))
                .hasMessageContaining(file.toString());
    }
}
