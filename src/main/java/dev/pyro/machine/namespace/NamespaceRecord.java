package dev.pyro.machine.namespace;

import dev.pyro.json.Json;
import dev.pyro.json.JsonFormatException;
import dev.pyro.json.JsonReader;
import dev.pyro.json.JsonValue.JsonObject;
import dev.pyro.os.ProcessIdentity;
import dev.pyro.store.AtomicFiles;
import dev.pyro.store.ProcessIdentityJson;
import dev.pyro.store.RecordFile;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What a later process needs to find a running machine; it grows by appending optional fields.
 *
 * @param id the machine's id
 * @param agent process 1 of the machine: when it dies, the kernel kills all others; empty while the machine is being started
 * @param monitor bubblewrap's own process, the agent's parent
 */
record NamespaceRecord(String id, Optional<ProcessIdentity> agent, ProcessIdentity monitor) {
    /** Returns the processes that are known. */
    List<ProcessIdentity> processes() {
        return Stream.concat(agent.stream(), Stream.of(monitor)).toList();
    }

    void write(Path file) {
        JsonObject json = JsonObject.builder()
                .put("format_version", 1)
                .put("id", id)
                .put("agent", agent.map(ProcessIdentityJson::write).orElse(null))
                .put("monitor", ProcessIdentityJson.write(monitor))
                .build();
        // The machine does not survive a power failure, so its record need not either.
        AtomicFiles.write(file, Json.write(json) + "\n", AtomicFiles.Durability.PROCESS);
    }

    /** Reads a record; a file that is missing or damaged is no record. */
    static Optional<NamespaceRecord> read(Path file) {
        try {
            JsonReader json = RecordFile.read(file);
            return Optional.of(new NamespaceRecord(
                    json.string("id"),
                    json.find("agent").map(value -> ProcessIdentityJson.read(json.object("agent"))),
                    ProcessIdentityJson.read(json.object("monitor"))));
        } catch (JsonFormatException | NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw AtomicFiles.failure("read", file, e);
        }
    }
}
