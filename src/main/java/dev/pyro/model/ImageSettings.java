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
    /** The most variables of an image: a request to a guest takes 1,024, and the call has variables of its own. */
    public static final int MAX_VARIABLES = 900;

    /**
     * The longest variables of an image together, in bytes of UTF-8, each counted as {@link #VARIABLE_OVERHEAD_BYTES} longer: a request to a guest takes
     * 256 KiB, and also holds a command of up to {@link Arguments#MAX_COMMAND_BYTES} and the call's own variables.
     */
    public static final int MAX_VARIABLES_BYTES = 64 << 10;

    /** What each variable takes in a request beside its text. */
    public static final int VARIABLE_OVERHEAD_BYTES = 6;

    public ImageSettings {
        env = List.copyOf(env);
        entrypoint = List.copyOf(entrypoint);
        cmd = List.copyOf(cmd);
        labels = Map.copyOf(labels);
    }
}
