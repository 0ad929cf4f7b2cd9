package dev.pyro.machine.qemu;

import dev.pyro.json.Json;
import dev.pyro.json.JsonFormatException;
import dev.pyro.json.JsonReader;
import dev.pyro.json.JsonValue.JsonObject;
import dev.pyro.os.FileStatus;
import dev.pyro.store.AtomicFiles;
import dev.pyro.store.AtomicFiles.Durability;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Optional;

/**
 * A saved machine: the folder's layout, and its record {@code template.json}.
 *
 * @param directory its folder
 * @param key what it was made from
 * @param tscKhz the clock frequency that its kernel was told, or 0
 * @param readOnlyMemory whether this QEMU can start a clone without write access to the memory file
 * @param build tells apart two templates that were built one after the other with the same key
 */
record Template(Path directory, String key, long tscKhz, boolean readOnlyMemory, String build) {
    private static final long FORMAT = 1;

    /** The guest's memory. */
    Path memory() {
        return directory.resolve("ram");
    }

    /** Everything else that the machine was: processor and devices. */
    Path state() {
        return directory.resolve("state");
    }

    /** The root disk: what booting wrote, over the environment's image. Each clone gets a copy, which is small. */
    Path rootDisk() {
        return directory.resolve("root.qcow2");
    }

    private Path record() {
        return directory.resolve("template.json");
    }

    /**
     * Writes the record, with the sizes and times of change of the other files, which are finished.
     *
     * <p>The kernel sets a file's time of change, and nobody can set it back. So a file that was written to, even by a QEMU
     * process that a guest took over, is recognised.
     */
    static void writeRecord(Path directory, String key, long tscKhz, boolean readOnlyMemory) throws IOException {
        Template template = new Template(directory, key, tscKhz, readOnlyMemory, "");
        JsonObject files = JsonObject.builder()
                .put("ram", stamp(template.memory()))
                .put("root.qcow2", stamp(template.rootDisk()))
                .put("state", stamp(template.state()))
                .build();
        AtomicFiles.write(
                template.record(),
                Json.writePretty(JsonObject.builder()
                                .put("format_version", FORMAT)
                                .put("key", key)
                                .put("tsc_khz", tscKhz)
                                .put("read_only_memory", readOnlyMemory)
                                .put("files", files)
                                .build())
                        + "\n",
                Durability.POWER);
    }

    /** Reads a template and checks its files as far as that is cheap; empty when there is none or it is damaged. */
    static Optional<Template> read(Path directory, String key) {
        try {
            JsonReader json = Json.parseObject(Files.readString(directory.resolve("template.json")));
            if (json.number("format_version") != FORMAT || !json.string("key").equals(key)) {
                return Optional.empty();
            }
            JsonReader files = json.object("files");
            Template template = new Template(
                    directory,
                    key,
                    json.number("tsc_khz"),
                    json.bool("read_only_memory"),
                    files.string("ram") + " " + files.string("state"));
            boolean intact = files.string("ram").equals(stamp(template.memory()))
                    && files.string("root.qcow2").equals(stamp(template.rootDisk()))
                    && files.string("state").equals(stamp(template.state()));
            return intact ? Optional.of(template) : Optional.empty();
        } catch (IOException | JsonFormatException e) {
            return Optional.empty();
        }
    }

    /** Returns when the template in a folder was used last. */
    static FileTime lastUse(Path directory) {
        try {
            return Files.getLastModifiedTime(directory.resolve("template.json"));
        } catch (IOException e) {
            return FileTime.fromMillis(0);
        }
    }

    /** Remembers that it is used now. */
    void touch() {
        try {
            Files.setLastModifiedTime(record(), FileTime.fromMillis(System.currentTimeMillis()));
        } catch (IOException e) {
            // Only the choice of which template to drop first depends on it.
            return;
        }
    }

    private static String stamp(Path file) throws IOException {
        FileStatus status = FileStatus.of(file);
        return status.size() + " " + status.inode() + " " + status.changeNanos();
    }
}
