package dev.pyro.cli.workspace;

import dev.pyro.cli.command.CliCommand;
import dev.pyro.cli.command.CliContext;
import dev.pyro.cli.command.CommonOptions;
import dev.pyro.cli.render.ShellLines;
import dev.pyro.model.ExecResult;
import dev.pyro.model.ReadShell;
import dev.pyro.model.ShellOutput;
import dev.pyro.model.WorkspaceId;
import dev.pyro.payload.ShellPayloads;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/** {@code pyro workspace shell read WORKSPACE_ID SHELL_ID}. */
final class ShellReadCommand implements CliCommand {
    private static final String CURSOR = "--cursor";
    private static final String MAX_CHARS = "--max-chars";
    private static final String WAIT_FOR = "--wait-for";
    private static final String WAIT_IDLE = "--wait-idle";
    private static final String TIMEOUT = "--timeout-seconds";

    @Override
    public String name() {
        return "read";
    }

    @Override
    public String summary() {
        return "Print what a shell wrote, from a cursor on.";
    }

    @Override
    public void configure(CommandSpec spec) {
        spec.usageMessage()
                .footer(
                        "",
                        "The output is printed as the terminal was sent it. The line on standard error",
                        "has the next_cursor, where the next read goes on. The exit code is 124 when",
                        "what is waited for does not come in time.",
                        "",
                        "Examples:",
                        "  pyro workspace shell read ws-0123456789ab sh-0123456789ab",
                        "  pyro workspace shell read parser sh-01 --cursor 512 --wait-idle 300");
        spec.addPositional(WorkspaceArgument.spec());
        spec.addPositional(ShellArgument.spec());
        spec.addOption(OptionSpec.builder(CURSOR)
                .type(long.class)
                .paramLabel("N")
                .description("Where to begin: 0, or a cursor that an earlier command named (default: 0).")
                .build());
        spec.addOption(CommonOptions.number(
                MAX_CHARS,
                ReadShell.DEFAULT_MAX_CHARS,
                "The most characters that are printed, 1 to " + ReadShell.MAX_CHARS));
        spec.addOption(CommonOptions.text(
                WAIT_FOR,
                "TEXT",
                "Wait until the output from the cursor on holds this text, such as a prompt; the echo of what was typed counts, "
                        + "too."));
        spec.addOption(OptionSpec.builder(WAIT_IDLE)
                .type(int.class)
                .paramLabel("MS")
                .description("Wait until there is output, and no more has come for so many milliseconds.")
                .build());
        spec.addOption(CommonOptions.number(
                TIMEOUT, ReadShell.DEFAULT_TIMEOUT.toSeconds(), "The longest to wait, in seconds"));
        spec.addOption(CommonOptions.json());
    }

    @Override
    public int run(ParseResult parsed, CliContext context) {
        ReadShell options = options(parsed);
        WorkspaceId id = WorkspaceArgument.id(parsed, context);
        ShellOutput output = context.pyro().get().readShell(id, ShellArgument.id(parsed, context, id), options);
        if (CommonOptions.isJson(parsed)) {
            context.terminal().outJson(ShellPayloads.output(output));
            return 0;
        }
        context.terminal().outText(output.output());
        context.terminal().errLine(ShellLines.read(output));
        return Boolean.FALSE.equals(output.waitSatisfied()) ? ExecResult.EXIT_TIMED_OUT : 0;
    }

    static ReadShell options(ParseResult parsed) {
        @Nullable Integer idle = parsed.matchedOptionValue(WAIT_IDLE, (Integer) null);
        return ReadShell.defaults()
                .withCursor(parsed.matchedOptionValue(CURSOR, 0L))
                .withMaxChars(parsed.matchedOptionValue(MAX_CHARS, ReadShell.DEFAULT_MAX_CHARS))
                .withWaitFor(parsed.matchedOptionValue(WAIT_FOR, (String) null))
                .withWaitIdle(idle == null ? null : Duration.ofMillis(idle))
                .withTimeout(Duration.ofSeconds(
                        parsed.matchedOptionValue(TIMEOUT, (int) ReadShell.DEFAULT_TIMEOUT.toSeconds())));
    }
}
