package dev.pyro.cli.workspace;

import dev.pyro.cli.command.CliCommand;
import dev.pyro.cli.command.CliContext;
import dev.pyro.cli.command.CommonOptions;
import dev.pyro.cli.render.WorkspaceLines;
import dev.pyro.model.UpdateWorkspace;
import dev.pyro.model.Workspace;
import dev.pyro.payload.WorkspacePayloads;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/** {@code pyro workspace update WORKSPACE_ID}. */
final class WorkspaceUpdateCommand implements CliCommand {
    private static final String NAME = "--name";
    private static final String CLEAR_NAME = "--clear-name";
    private static final String CLEAR_LABEL = "--clear-label";

    @Override
    public String name() {
        return "update";
    }

    @Override
    public String summary() {
        return "Change a workspace's name and labels.";
    }

    @Override
    public void configure(CommandSpec spec) {
        spec.usageMessage()
                .footer(
                        "",
                        "Examples:",
                        "  pyro workspace update ws-0123456789ab --name parser --label owner=ada",
                        "  pyro workspace update parser --clear-label owner");
        spec.addPositional(WorkspaceArgument.spec());
        spec.addOption(CommonOptions.text(NAME, "NAME", "The new name, which no other workspace has."));
        spec.addOption(CommonOptions.flag(CLEAR_NAME, "Take the name away."));
        spec.addOption(LabelOptions.spec());
        spec.addOption(CommonOptions.repeatable(CLEAR_LABEL, "KEY", "Take a label away; may be given several times."));
        spec.addOption(CommonOptions.json());
    }

    @Override
    public int run(ParseResult parsed, CliContext context) {
        UpdateWorkspace changes = changes(parsed);
        Workspace workspace = context.pyro().get().updateWorkspace(WorkspaceArgument.id(parsed, context), changes);
        if (CommonOptions.isJson(parsed)) {
            context.terminal().outJson(WorkspacePayloads.workspace(workspace));
        } else {
            WorkspaceLines.workspace("Updated workspace", workspace).forEach(context.terminal()::outLine);
        }
        return 0;
    }

    /**
     * Returns what is to be changed.
     *
     * @throws ParameterException when there is nothing, or the options contradict each other
     */
    static UpdateWorkspace changes(ParseResult parsed) {
        @Nullable String name = parsed.matchedOptionValue(NAME, (String) null);
        boolean clearName = parsed.matchedOptionValue(CLEAR_NAME, false);
        if (name != null && clearName) {
            throw new ParameterException(
                    parsed.commandSpec().commandLine(),
                    NAME + " and " + CLEAR_NAME + " exclude each other: give one of them");
        }
        UpdateWorkspace changes = UpdateWorkspace.nothing()
                .withName(name)
                .withClearName(clearName)
                .withLabels(LabelOptions.labels(parsed))
                .withClearLabels(List.of(parsed.matchedOptionValue(CLEAR_LABEL, new String[0])));
        if (changes.equals(UpdateWorkspace.nothing())) {
            throw new ParameterException(
                    parsed.commandSpec().commandLine(),
                    "there is nothing to change: give --name, --clear-name, --label or --clear-label");
        }
        return changes;
    }
}
