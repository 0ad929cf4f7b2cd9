package dev.pyro.cli.workspace;

import dev.pyro.cli.command.CliCommand;
import dev.pyro.cli.command.CliContext;
import dev.pyro.cli.command.CommonOptions;
import dev.pyro.cli.render.ServiceLines;
import dev.pyro.model.Service;
import dev.pyro.payload.ServicePayloads;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** {@code pyro workspace service stop WORKSPACE_ID SERVICE_NAME}. */
final class ServiceStopCommand implements CliCommand {
    @Override
    public String name() {
        return "stop";
    }

    @Override
    public String summary() {
        return "Stop a service: SIGTERM, and after ten seconds SIGKILL, for all that it started.";
    }

    @Override
    public void configure(CommandSpec spec) {
        spec.usageMessage().footer("", "Example:", "  pyro workspace service stop ws-0123456789ab web");
        spec.addPositional(WorkspaceArgument.spec());
        spec.addPositional(ServiceCommand.nameSpec());
        spec.addOption(CommonOptions.json());
    }

    @Override
    public int run(ParseResult parsed, CliContext context) {
        Service service = context.pyro()
                .get()
                .stopService(WorkspaceArgument.id(parsed, context), ServiceCommand.serviceName(parsed));
        if (CommonOptions.isJson(parsed)) {
            context.terminal().outJson(ServicePayloads.service(service));
        } else {
            context.terminal().errLine(ServiceLines.service("stop", service));
        }
        return 0;
    }
}
