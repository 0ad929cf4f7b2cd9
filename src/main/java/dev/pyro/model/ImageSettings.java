package dev.pyro.model;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How commands run in an environment that was made of an image. Immutable.
 *
 * @param env variables, each NAME=VALUE, in the image's order
 * @param workingDir where commands start, or null
 * @param user who runs commands, {@code NAME|UID[:GROUP|GID]}, or null for root
 * @param uid the user's number in the image's own {@code /etc/passwd}, unsigned, or null when that cannot be told
 * @param gid the user's group, likewise
 * @param entrypoint the program in front of arguments; shown, not used
 * @param cmd the default arguments; shown, not used
 * @param labels what is written on the image
 * @param loginShell whether commands run in a login shell, as in the catalogue's environments
 */
public record ImageSettings(
        List<String> env,
        @Nullable String workingDir,
        @Nullable String user,
        @Nullable Integer uid,
        @Nullable Integer gid,
        List<String> entrypoint,
        List<String> cmd,
        Map<String, String> labels,
        boolean loginShell) {
    public ImageSettings {
        env = List.copyOf(env);
        entrypoint = List.copyOf(entrypoint);
        cmd = List.copyOf(cmd);
        labels = Map.copyOf(labels);
    }
}
