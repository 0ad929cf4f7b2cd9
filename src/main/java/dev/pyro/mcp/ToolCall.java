package dev.pyro.mcp;

import dev.pyro.model.OutputListener;
import dev.pyro.model.Progress;
import dev.pyro.sdk.Pyro;

/**
 * One call of a tool.
 *
 * @param pyro the facade
 * @param arguments what was given
 * @param output hears of a command's output as it comes
 * @param progress hears of the steps of long work
 */
public record ToolCall(Pyro pyro, ToolArguments arguments, OutputListener output, Progress.Listener progress) {}
