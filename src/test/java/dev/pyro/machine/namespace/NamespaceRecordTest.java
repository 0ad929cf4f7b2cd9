package dev.pyro.machine.namespace;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pyro.os.ProcessIdentity;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NamespaceRecordTest {
    private static final NamespaceRecord RECORD = new NamespaceRecord(
            "vm-0123456789ab",
            Optional.of(new ProcessIdentity(12, 3456, "boot-a")),
            new ProcessIdentity(11, 3455, "boot-a"));

    @TempDir
    Path folder;

    @Test
    void keepsItsForm() throws IOException {
        Path file = folder.resolve("namespace.json");

        RECORD.write(file);

        assertThat(Files.readString(file)).isEqualTo("""
                        {"agent":{"boot_id":"boot-a","pid":12,"start_ticks":3456},"format_version":1,"id":"vm-0123456789ab",\
                        "monitor":{"boot_id":"boot-a","pid":11,"start_ticks":3455}}
                        """);
        assertThat(NamespaceRecord.read(file)).contains(RECORD);
    }

    @Test
    void knowsMachinesThatAreBeingStarted() {
        Path file = folder.resolve("namespace.json");
        NamespaceRecord begun = new NamespaceRecord(RECORD.id(), Optional.empty(), RECORD.monitor());

        begun.write(file);

        assertThat(NamespaceRecord.read(file)).contains(begun);
        assertThat(begun.processes()).containsExactly(RECORD.monitor());
        assertThat(RECORD.processes()).containsExactly(RECORD.agent().orElseThrow(), RECORD.monitor());
    }

    @Test
    void readsRecordsOfLaterVersions() throws IOException {
        Path file = folder.resolve("namespace.json");
        RECORD.write(file);
        Files.writeString(
                file, Files.readString(file).replace("\"format_version\"", "\"later\":[1],\"format_version\""));

        assertThat(NamespaceRecord.read(file)).contains(RECORD);
    }

    @Test
    void missingAndDamagedFilesAreNoRecords() throws IOException {
        Path file = folder.resolve("namespace.json");
        assertThat(NamespaceRecord.read(file)).isEmpty();

        for (String text : new String[] {"", "{", "[]", "{\"id\":\"vm\"}", "{\"id\":7}"}) {
            Files.writeString(file, text);
            assertThat(NamespaceRecord.read(file)).as(text).isEmpty();
        }
        Files.write(file, new byte[] {'{', (byte) 0xFF, '}'});
        assertThat(NamespaceRecord.read(file)).isEmpty();
    }
}
