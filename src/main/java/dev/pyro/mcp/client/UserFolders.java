package dev.pyro.mcp.client;

import java.nio.file.Path;
import java.util.Map;

/**
 * Where a user's programs keep their configuration.
 *
 * @param home the user's home
 * @param macOs whether this is macOS, which has folders of its own
 * @param environment the variables that some programs look at
 */
public record UserFolders(Path home, boolean macOs, Map<String, String> environment) {
    public UserFolders {
        environment = Map.copyOf(environment);
    }

    /** Returns those of the user that this process runs as. */
    public static UserFolders of(Map<String, String> environment) {
        String home = environment.getOrDefault("HOME", "");
        return new UserFolders(
                Path.of(home.isEmpty() ? System.getProperty("user.home") : home),
                System.getProperty("os.name").startsWith("Mac"),
                environment);
    }

    /** Returns the folder that a variable names, else the given one. */
    Path folder(String variable, Path otherwise) {
        String value = environment.getOrDefault(variable, "");
        return value.isEmpty() ? otherwise : Path.of(value);
    }

    /** Returns where the desktop's programs have their folders. */
    Path desktopConfig() {
        return macOs ? home.resolve("Library/Application Support") : xdgConfig();
    }

    /** Returns the folder that the XDG Base Directory Specification names. */
    Path xdgConfig() {
        return folder("XDG_CONFIG_HOME", home.resolve(".config"));
    }
}
