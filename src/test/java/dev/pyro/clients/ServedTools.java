package dev.pyro.clients;

import dev.pyro.e2e.PyroLauncher;
import dev.pyro.mcp.Tool;
import dev.pyro.mcp.ToolProfile;
import dev.pyro.mcp.ToolTable;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** Our server, as clients start it, and the tools that they must find. */
final class ServedTools {
    private ServedTools() {}

    /** Returns the command that serves a profile over standard input and output. */
    static List<String> command(ToolProfile profile) {
        return List.of(
                PyroLauncher.PROJECT.resolve("pyro").toString(), "mcp", "serve", "--profile", profile.wireName());
    }

    /** Returns the names of a profile's tools. */
    static Set<String> names(ToolProfile profile) {
        return ToolTable.tools(profile).stream().map(Tool::name).collect(Collectors.toSet());
    }
}
