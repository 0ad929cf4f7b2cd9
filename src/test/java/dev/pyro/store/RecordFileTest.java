package dev.pyro.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pyro.json.JsonFormatException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RecordFileTest {
    @TempDir
    Path folder;

    private Path file;

    @BeforeEach
    void nameFile() {
        file = folder.resolve("record.json");
    }

    @Test
    void readsAnObject() throws IOException {
        Files.writeString(file, "{\"name\": \"ü\"}\n");
        assertThat(RecordFile.read(file).string("name")).isEqualTo("ü");
    }

    @Test
    void aMissingFileIsToldFromADamagedOne() {
        assertThatThrownBy(() -> RecordFile.read(file)).isInstanceOf(NoSuchFileException.class);
    }

    @Test
    void bytesThatAreNotUtf8AreDamage() throws IOException {
        Files.write(file, new byte[] {'{', '"', (byte) 0xC3, '"', '}'});
        assertThatThrownBy(() -> RecordFile.read(file)).isInstanceOf(JsonFormatException.class);
        Files.write(file, new byte[4096]);
        assertThatThrownBy(() -> RecordFile.read(file)).isInstanceOf(JsonFormatException.class);
    }

    @Test
    void sizeIsBounded() throws IOException {
        String text = "{}" + " ".repeat(RecordFile.MAX_BYTES - 2);
        Files.writeString(file, text);
        assertThat(RecordFile.read(file).object().members()).isEmpty();
        Files.writeString(file, text + " ");
        assertThatThrownBy(() -> RecordFile.read(file))
                .isInstanceOf(JsonFormatException.class)
                .hasMessageContaining("larger");
    }
}
