package dev.pyro.cli.workspace;

import dev.pyro.cli.command.CliCommand;
import dev.pyro.cli.command.CliContext;
import dev.pyro.cli.command.CommonOptions;
import dev.pyro.cli.render.ShellLines;
import dev.pyro.model.ShellInput;
import dev.pyro.model.WorkspaceId;
import dev.pyro.payload.ShellPayloads;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** {@code pyro workspace shell write WORKSPACE_ID SHELL_ID}. */
final class ShellWriteCommand implements CliCommand {
    private static final TextOptions INPUT = new TextOptions("--input", ShellInput.MAX_BYTES);
    private static final String NO_NEWLINE = "--no-newline";

    @Override
    public String name() {
        return "write";
    }

    @Override
    public String summary() {
        return "Type text into a shell.";
    }

    @Override
    public void configure(CommandSpec spec) {
        spec.usageMessage()
                .footer(
                        "",
                        "Reading from the end_cursor that this prints shows what the input has caused.",
                        "",
                        "Examples:",
                        "  pyro workspace shell write ws-0123456789ab sh-0123456789ab --input 'make'",
                        "  pyro workspace shell write parser sh-01 --input y --no-newline");
        spec.addPositional(WorkspaceArgument.spec());
        spec.addPositional(ShellArgument.spec());
        INPUT.addTo(spec, "What is typed, at most 1 MiB.");
        spec.addOption(CommonOptions.flag(NO_NEWLINE, "Type no newline behind it."));
        spec.addOption(CommonOptions.json());
    }

    @Override
    public int run(ParseResult parsed, CliContext context) {
        String text = INPUT.read(parsed, context);
        WorkspaceId id = WorkspaceArgument.id(parsed, context);
        ShellInput input = context.pyro()
                .get()
                .writeShell(
                        id, ShellArgument.id(parsed, context, id), text, !parsed.matchedOptionValue(NO_NEWLINE, false));
        if (CommonOptions.isJson(parsed)) {
            context.terminal().outJson(ShellPayloads.input(input));
        } else {
            context.terminal().errLine(ShellLines.written(input));
        }
        return 0;
    }
}
