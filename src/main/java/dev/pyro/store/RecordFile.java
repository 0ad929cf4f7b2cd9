package dev.pyro.store;

import dev.pyro.json.Json;
import dev.pyro.json.JsonFormatException;
import dev.pyro.json.JsonReader;
import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Reads Pyro's small JSON records, whatever has become of them on the disk. Stateless; safe for use by several threads. */
public final class RecordFile {
    /** No record is larger. */
    public static final int MAX_BYTES = 1 << 20;

    private RecordFile() {}

    /**
     * Reads a record.
     *
     * @throws java.nio.file.NoSuchFileException when there is none
     * @throws IOException when it cannot be read
     * @throws JsonFormatException when its bytes are not one JSON object in UTF-8, or are too many
     */
    public static JsonReader read(Path file) throws IOException {
        byte[] bytes;
        try (InputStream stream = Files.newInputStream(file)) {
            bytes = stream.readNBytes(MAX_BYTES + 1);
        }
        if (bytes.length > MAX_BYTES) {
            throw new JsonFormatException("it is larger than " + MAX_BYTES + " bytes");
        }
        try {
            return Json.parseObject(StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString());
        } catch (CharacterCodingException e) {
            throw new JsonFormatException("it is not UTF-8", e);
        }
    }

    /**
     * Reads a record that says its format version.
     *
     * @param newest the newest version that this Pyro knows
     * @throws PyroException {@link ErrorCode#RECORD_TOO_NEW}
     * @throws IOException as {@link #read(Path)} does
     */
    public static JsonReader read(Path file, int newest) throws IOException {
        JsonReader json = read(file);
        int version = json.integer("format_version");
        if (version > newest) {
            throw new PyroException(
                    ErrorCode.RECORD_TOO_NEW,
                    file + " was written by a newer version of Pyro (format " + version + ", this one knows " + newest
                            + "): update Pyro");
        }
        return json;
    }
}
