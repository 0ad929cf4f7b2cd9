package dev.pyro.store;

import dev.pyro.json.JsonFormatException;
import dev.pyro.json.JsonReader;
import dev.pyro.json.JsonValue.JsonObject;
import dev.pyro.os.ProcessIdentity;

/** How records name a process. Stateless. */
public final class ProcessIdentityJson {
    private ProcessIdentityJson() {}

    /** Returns the form in which a record holds a process. */
    public static JsonObject write(ProcessIdentity process) {
        return JsonObject.builder()
                .put("pid", process.pid())
                .put("start_ticks", process.startTicks())
                .put("boot_id", process.bootId())
                .build();
    }

    /**
     * Reads a process from a record.
     *
     * @throws JsonFormatException when something of it is missing
     */
    public static ProcessIdentity read(JsonReader json) {
        return new ProcessIdentity(json.number("pid"), json.number("start_ticks"), json.string("boot_id"));
    }
}
