package dev.pyro.oci;

import dev.pyro.json.JsonValue.JsonObject;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An image's configuration, as the OCI image specification's {@code config} has it.
 *
 * @param env variables, each NAME=VALUE
 * @param workingDir where commands start, or null
 * @param user who runs commands, {@code NAME|UID[:GROUP|GID]}, or null for root
 * @param entrypoint the program in front of arguments
 * @param cmd the default arguments
 * @param labels what is written on it
 * @param created when it was made, or null
 * @param others members of the {@code config} that mean nothing here, and that an image which is made of this one has too
 * @param diffIds the digests of the layers when they are not compressed, lowest first
 */
public record ImageConfig(
        List<String> env,
        @Nullable String workingDir,
        @Nullable String user,
        List<String> entrypoint,
        List<String> cmd,
        Map<String, String> labels,
        @Nullable Instant created,
        JsonObject others,
        List<String> diffIds) {
    public ImageConfig {
        env = List.copyOf(env);
        entrypoint = List.copyOf(entrypoint);
        cmd = List.copyOf(cmd);
        labels = Map.copyOf(labels);
        diffIds = List.copyOf(diffIds);
    }

    /** A configuration without other members. */
    public ImageConfig(
            List<String> env,
            @Nullable String workingDir,
            @Nullable String user,
            List<String> entrypoint,
            List<String> cmd,
            Map<String, String> labels,
            @Nullable Instant created,
            List<String> diffIds) {
        this(env, workingDir, user, entrypoint, cmd, labels, created, new JsonObject(Map.of()), diffIds);
    }
}
