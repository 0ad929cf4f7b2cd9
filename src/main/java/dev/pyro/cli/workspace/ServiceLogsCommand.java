package dev.pyro.cli.workspace;

import dev.pyro.cli.command.CliCommand;
import dev.pyro.cli.command.CliContext;
import dev.pyro.cli.command.CommonOptions;
import dev.pyro.cli.command.LiveOutput;
import dev.pyro.cli.render.ServiceLines;
import dev.pyro.cli.render.Terminal;
import dev.pyro.model.ReadServiceLogs;
import dev.pyro.model.ServiceLogs;
import dev.pyro.model.WorkspaceId;
import dev.pyro.payload.ServicePayloads;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/** {@code pyro workspace service logs WORKSPACE_ID SERVICE_NAME}. */
final class ServiceLogsCommand implements CliCommand {
    private static final String TAIL_LINES = "--tail-lines";
    private static final String ALL = "--all";
    private static final String FOLLOW = "--follow";

    @Override
    public String name() {
        return "logs";
    }

    @Override
    public String summary() {
        return "Show what a service wrote: standard output and standard error, each to the same one here.";
    }

    @Override
    public void configure(CommandSpec spec) {
        spec.usageMessage()
                .footer(
                        "",
                        "Examples:",
                        "  pyro workspace service logs ws-0123456789ab web --tail-lines 50",
                        "  pyro workspace service logs ws-0123456789ab web --follow");
        spec.addPositional(WorkspaceArgument.spec());
        spec.addPositional(ServiceCommand.nameSpec());
        spec.addOption(CommonOptions.number(
                TAIL_LINES, ReadServiceLogs.DEFAULT_TAIL_LINES, "How many of the last lines of each stream"));
        spec.addOption(CommonOptions.flag(ALL, "Show all that is kept: the last 1 MiB of each stream."));
        spec.addOption(CommonOptions.flag(FOLLOW, "Go on with what it writes, until it ends or Ctrl-C."));
        spec.addOption(CommonOptions.json());
    }

    @Override
    public int run(ParseResult parsed, CliContext context) {
        boolean json = CommonOptions.isJson(parsed);
        boolean follow = parsed.hasMatchedOption(FOLLOW);
        if (follow && json) {
            throw new ParameterException(
                    parsed.commandSpec().commandLine(),
                    FOLLOW + " prints as it comes, and --json one document: give one");
        }
        ReadServiceLogs options = parsed.hasMatchedOption(ALL)
                ? ReadServiceLogs.defaults().withAll()
                : ReadServiceLogs.defaults()
                        .withTailLines(parsed.matchedOptionValue(TAIL_LINES, ReadServiceLogs.DEFAULT_TAIL_LINES));
        Terminal terminal = context.terminal();
        WorkspaceId id = WorkspaceArgument.id(parsed, context);
        String name = ServiceCommand.serviceName(parsed);
        if (follow) {
            terminal.errLine(ServiceLines.service(
                    "logs", context.pyro().get().followService(id, name, options, LiveOutput.to(terminal))));
            return 0;
        }
        ServiceLogs logs = context.pyro().get().logsService(id, name, options);
        if (json) {
            terminal.outJson(ServicePayloads.logs(logs));
        } else {
            terminal.outText(logs.stdout());
            terminal.errText(logs.stderr());
            terminal.errLine(ServiceLines.service("logs", logs.service()));
        }
        return 0;
    }
}
