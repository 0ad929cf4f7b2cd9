package dev.pyro.mcp;

import java.util.List;
import java.util.stream.Stream;

/** All tools. The interface contract's {@code mcp-tools.json} says which there are; a test holds the two together. Stateless. */
public final class ToolTable {
    private ToolTable() {}

    /** Returns the tools of a profile in the order in which they are shown. */
    public static List<Tool> tools(ToolProfile profile) {
        return Stream.of(
                        VmTools.all(),
                        WorkspaceTools.all(),
                        FileTools.all(),
                        StateTools.all(),
                        ShellTools.all(),
                        ServiceTools.all())
                .flatMap(List::stream)
                .filter(tool -> tool.profiles().contains(profile))
                .toList();
    }
}
