package dev.pyro.cli.workspace;

import dev.pyro.cli.command.CliCommand;
import dev.pyro.cli.command.CliContext;
import dev.pyro.cli.command.CommonOptions;
import dev.pyro.cli.render.ShellLines;
import dev.pyro.model.OpenShell;
import dev.pyro.model.Shell;
import dev.pyro.payload.ShellPayloads;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** {@code pyro workspace shell open WORKSPACE_ID}. */
final class ShellOpenCommand implements CliCommand {
    private static final String COLS = "--cols";
    private static final String ROWS = "--rows";

    @Override
    public String name() {
        return "open";
    }

    @Override
    public String summary() {
        return "Open a shell on a terminal of its own; it stays when this command ends.";
    }

    @Override
    public void configure(CommandSpec spec) {
        spec.usageMessage()
                .footer(
                        "",
                        "Examples:",
                        "  pyro workspace shell open ws-0123456789ab",
                        "  pyro workspace shell open parser --cwd src --secret-env TOKEN --json");
        spec.addPositional(WorkspaceArgument.spec());
        ShellOptions.addTo(spec, OpenShell.DEFAULT_TERM);
        spec.addOption(CommonOptions.number(COLS, OpenShell.DEFAULT_COLS, "The columns of its terminal, 1 to 1000"));
        spec.addOption(CommonOptions.number(ROWS, OpenShell.DEFAULT_ROWS, "The rows of its terminal, 1 to 1000"));
        spec.addOption(CommonOptions.json());
    }

    @Override
    public int run(ParseResult parsed, CliContext context) {
        OpenShell options = options(parsed);
        Shell shell = context.pyro().get().openShell(WorkspaceArgument.id(parsed, context), options);
        if (CommonOptions.isJson(parsed)) {
            context.terminal().outJson(ShellPayloads.shell(shell));
        } else {
            context.terminal().errLine(ShellLines.opened(shell));
        }
        return 0;
    }

    static OpenShell options(ParseResult parsed) {
        return ShellOptions.read(parsed, OpenShell.DEFAULT_TERM)
                .withSize(
                        parsed.matchedOptionValue(COLS, OpenShell.DEFAULT_COLS),
                        parsed.matchedOptionValue(ROWS, OpenShell.DEFAULT_ROWS));
    }
}
