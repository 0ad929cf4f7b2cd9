package dev.pyro.machine.qemu;

import dev.pyro.json.Json;
import dev.pyro.json.JsonFormatException;
import dev.pyro.json.JsonReader;
import dev.pyro.json.JsonValue.JsonArray;
import dev.pyro.json.JsonValue.JsonObject;
import dev.pyro.machine.Machine.GuestNetwork;
import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import dev.pyro.os.ProcessIdentity;
import dev.pyro.store.AtomicFiles;
import dev.pyro.store.AtomicFiles.Durability;
import dev.pyro.store.ProcessIdentityJson;
import dev.pyro.store.RecordFile;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What another process must know to take over a running machine: {@code machine.json}.
 *
 * @param id the machine's id
 * @param process QEMU
 * @param networkProcess passt, where the machine has a network
 * @param publisher the process that holds its published ports, where it can have some
 * @param network what the guest's network card is to be set to
 * @param template the key of the template that it came from, or empty after a cold boot
 */
record MachineRecord(
        String id,
        ProcessIdentity process,
        Optional<ProcessIdentity> networkProcess,
        Optional<ProcessIdentity> publisher,
        Optional<GuestNetwork> network,
        Optional<String> template) {
    private static final String BACKEND = "qemu";
    private static final long FORMAT = 1;
    private static final String NETWORK_PROCESS = "network_process";
    private static final String PUBLISHER = "publisher";

    /** Writes the record; it need not survive a power failure, because the machine does not either. */
    void write(Path file) {
        AtomicFiles.write(
                file,
                Json.writePretty(JsonObject.builder()
                                .put("format_version", FORMAT)
                                .put("backend", BACKEND)
                                .put("id", id)
                                .put("process", ProcessIdentityJson.write(process))
                                .put(NETWORK_PROCESS, json(networkProcess))
                                .put(PUBLISHER, json(publisher))
                                .put("network", network.map(MachineRecord::json).orElse(null))
                                .put("template", template.orElse(null))
                                .build())
                        + "\n",
                Durability.PROCESS);
    }

    /**
     * Reads a record.
     *
     * @return empty when there is none, or when it is another back end's
     * @throws PyroException {@link ErrorCode#RECORD_CORRUPT}, {@link ErrorCode#RECORD_TOO_NEW}
     */
    static Optional<MachineRecord> read(Path file) {
        try {
            JsonReader json = RecordFile.read(file);
            if (!json.string("backend").equals(BACKEND)) {
                return Optional.empty();
            }
            if (json.number("format_version") > FORMAT) {
                throw new PyroException(
                        ErrorCode.RECORD_TOO_NEW, file + " was written by a newer version of Pyro; use that version");
            }
            return Optional.of(new MachineRecord(
                    json.string("id"),
                    ProcessIdentityJson.read(json.object("process")),
                    process(json, NETWORK_PROCESS),
                    process(json, PUBLISHER),
                    json.find("network").map(value -> network(json.object("network"))),
                    Optional.ofNullable(json.nullableString("template"))));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw AtomicFiles.failure("read", file, e);
        } catch (JsonFormatException e) {
            throw new PyroException(
                    ErrorCode.RECORD_CORRUPT,
                    "the machine record " + file + " is damaged (" + e.getMessage()
                            + "); end its QEMU process by hand if one runs, and delete the folder",
                    e);
        }
    }

    /** Returns the processes beside QEMU. */
    List<ProcessIdentity> companions() {
        return Stream.concat(networkProcess.stream(), publisher.stream()).toList();
    }

    /** Tells whether QEMU or one of the processes beside it runs. */
    boolean isAlive() {
        return process.isAlive() || companions().stream().anyMatch(ProcessIdentity::isAlive);
    }

    private static @Nullable JsonObject json(Optional<ProcessIdentity> process) {
        return process.map(ProcessIdentityJson::write).orElse(null);
    }

    private static Optional<ProcessIdentity> process(JsonReader json, String name) {
        return json.find(name).map(value -> ProcessIdentityJson.read(json.object(name)));
    }

    private static JsonObject json(GuestNetwork network) {
        return JsonObject.builder()
                .put("hardware_address", network.hardwareAddress())
                .put("address", network.address())
                .put("prefix_length", network.prefixLength())
                .put("gateway", network.gateway())
                .put("name_servers", JsonArray.ofStrings(network.nameServers()))
                .build();
    }

    private static GuestNetwork network(JsonReader json) {
        return new GuestNetwork(
                // A machine that an older version started does not say it; it is the same.
                json.find("hardware_address").isPresent()
                        ? json.string("hardware_address")
                        : EgressNetwork.HARDWARE_ADDRESS,
                json.string("address"),
                json.integer("prefix_length"),
                json.string("gateway"),
                json.strings("name_servers"));
    }
}
