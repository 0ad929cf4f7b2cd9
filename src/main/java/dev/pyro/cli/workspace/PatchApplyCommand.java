package dev.pyro.cli.workspace;

import dev.pyro.cli.command.CliCommand;
import dev.pyro.cli.command.CliContext;
import dev.pyro.cli.command.CommonOptions;
import dev.pyro.cli.render.WorkspaceFileLines;
import dev.pyro.model.WorkspacePatch;
import dev.pyro.payload.WorkspaceFilePayloads;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** {@code pyro workspace patch apply WORKSPACE_ID}. */
final class PatchApplyCommand implements CliCommand {
    private static final String ALLOW_MODE_ONLY = "--allow-mode-only";
    private static final int MAX_PATCH_BYTES = 16 << 20;
    private static final TextOptions PATCH = new TextOptions("--patch", MAX_PATCH_BYTES);

    @Override
    public String name() {
        return "apply";
    }

    @Override
    public String summary() {
        return "Apply a unified text patch to a running workspace: all of it or nothing.";
    }

    @Override
    public void configure(CommandSpec spec) {
        spec.usageMessage()
                .footer(
                        "",
                        "Examples:",
                        "  pyro workspace patch apply ws-0123456789ab --patch-file fix.patch",
                        "  git diff | pyro workspace patch apply ws-0123456789ab --patch-file -");
        spec.addPositional(WorkspaceArgument.spec());
        PATCH.addTo(spec, "A unified patch, as `git diff` and `diff -u` write it.");
        spec.addOption(
                CommonOptions.flag(ALLOW_MODE_ONLY, "Take changes of nothing but a file's executable bit, too."));
        spec.addOption(CommonOptions.json());
    }

    @Override
    public int run(ParseResult parsed, CliContext context) {
        String patch = PATCH.read(parsed, context);
        WorkspacePatch applied = context.pyro()
                .get()
                .applyWorkspacePatch(
                        WorkspaceArgument.id(parsed, context),
                        patch,
                        parsed.matchedOptionValue(ALLOW_MODE_ONLY, false));
        if (CommonOptions.isJson(parsed)) {
            context.terminal().outJson(WorkspaceFilePayloads.patch(applied));
        } else {
            context.terminal().outLine(WorkspaceFileLines.patch(applied));
        }
        return 0;
    }
}
