package dev.pyro.cli.workspace;

import dev.pyro.cli.command.CliCommand;
import dev.pyro.cli.command.CliContext;
import dev.pyro.cli.command.CommonOptions;
import dev.pyro.cli.command.Positionals;
import dev.pyro.cli.render.ShellLines;
import dev.pyro.cli.terminal.AttachedTerminal;
import dev.pyro.cli.terminal.DetachKey;
import dev.pyro.cli.terminal.HostTerminal;
import dev.pyro.model.OpenShell;
import dev.pyro.model.PyroException;
import dev.pyro.model.Shell;
import dev.pyro.model.ShellAttachment;
import dev.pyro.model.ShellId;
import dev.pyro.model.WorkspaceId;
import dev.pyro.sdk.Pyro;
import java.util.Objects;
import java.util.Optional;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/** {@code pyro workspace shell attach WORKSPACE_ID [SHELL_ID]}: a shell in a person's own terminal. */
final class ShellAttachCommand implements CliCommand {
    private static final String DETACH_KEY = "--detach-key";

    @Override
    public String name() {
        return "attach";
    }

    @Override
    public String summary() {
        return "Work in a shell from this terminal; it stays when you leave it.";
    }

    @Override
    public void configure(CommandSpec spec) {
        spec.usageMessage()
                .footer(
                        "",
                        "The exit code is the shell's, and 0 when you leave it. A new shell that ends",
                        "meanwhile is closed.",
                        "",
                        "Examples:",
                        "  pyro workspace shell attach ws-0123456789ab",
                        "  pyro workspace shell attach parser sh-01 --detach-key ctrl-a");
        spec.addPositional(WorkspaceArgument.spec());
        spec.addPositional(Positionals.optional(
                1, "SHELL_ID", "a new one", "A shell's id, or the beginning of it; `shell list` shows them"));
        ShellOptions.addTo(spec, "this terminal's");
        spec.addOption(CommonOptions.text(
                DETACH_KEY,
                "KEY",
                "The key that leaves the shell: ctrl- and a letter or one of @[\\]^_, or none (default: "
                        + DetachKey.DEFAULT + ")."));
    }

    @Override
    public int run(ParseResult parsed, CliContext context) {
        DetachKey detachKey = detachKey(parsed);
        boolean fresh = !parsed.hasMatchedPositional(1);
        if (!fresh && ShellOptions.anyOf(parsed)) {
            throw new ParameterException(
                    parsed.commandSpec().commandLine(),
                    "--cwd, --term, --secret-env and --user are for a new shell, without SHELL_ID");
        }
        OpenShell options = ShellOptions.read(
                parsed, Objects.requireNonNullElse(context.environment().get("TERM"), OpenShell.DEFAULT_TERM));
        HostTerminal terminal = HostTerminal.open();
        HostTerminal.Size size = terminal.size();
        Pyro pyro = context.pyro().get();
        WorkspaceId id = WorkspaceArgument.id(parsed, context);
        ShellId shell = fresh
                ? pyro.openShell(id, options.withSize(size.cols(), size.rows())).shellId()
                : ShellArgument.id(parsed, context, id);
        AttachedTerminal attached = new AttachedTerminal(terminal, context.terminal(), context.input(), detachKey);
        try (ShellAttachment attachment = pyro.attachShell(id, shell, size.cols(), size.rows())) {
            context.terminal().errLine(ShellLines.attachment(attachment.shell(), "attached: " + detachKey.hint()));
            Optional<Shell> ended = lend(attached, attachment, context);
            if (ended.isEmpty()) {
                context.terminal().errLine(ShellLines.attachment(attachment.shell(), "detached: the shell goes on"));
                return 0;
            }
            if (fresh) {
                closeIfPossible(pyro, id, shell);
            }
            context.terminal().errLine(ShellLines.attachment(ended.get(), "ended"));
            return Objects.requireNonNullElse(ended.get().exitCode(), 0);
        } finally {
            if (fresh && !attached.hasBegun()) {
                // Nobody has worked in it, or may even know its id.
                closeIfPossible(pyro, id, shell);
            }
        }
    }

    /** What came of the shell matters more than a failure of this. */
    private static void closeIfPossible(Pyro pyro, WorkspaceId id, ShellId shell) {
        try {
            pyro.closeShell(id, shell);
        } catch (PyroException e) {
            // It goes with its workspace at the latest.
            return;
        }
    }

    /** What is said afterwards, an error too, begins on a line of its own. */
    private static Optional<Shell> lend(AttachedTerminal terminal, ShellAttachment attachment, CliContext context) {
        try {
            return terminal.run(attachment);
        } finally {
            context.terminal().errLine("");
        }
    }

    private static DetachKey detachKey(ParseResult parsed) {
        try {
            return DetachKey.of(parsed.matchedOptionValue(DETACH_KEY, DetachKey.DEFAULT));
        } catch (PyroException e) {
            throw new ParameterException(parsed.commandSpec().commandLine(), DETACH_KEY + ": " + e.getMessage(), e);
        }
    }
}
