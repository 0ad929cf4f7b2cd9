package dev.pyro.cli.workspace;

import dev.pyro.cli.command.CliCommand;
import dev.pyro.cli.command.CliContext;
import dev.pyro.cli.command.CommonOptions;
import dev.pyro.cli.render.ServiceLines;
import dev.pyro.model.Service;
import dev.pyro.payload.ServicePayloads;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** {@code pyro workspace service status WORKSPACE_ID SERVICE_NAME}. */
final class ServiceStatusCommand implements CliCommand {
    @Override
    public String name() {
        return "status";
    }

    @Override
    public String summary() {
        return "Show what a service is now.";
    }

    @Override
    public void configure(CommandSpec spec) {
        spec.usageMessage().footer("", "Example:", "  pyro workspace service status ws-0123456789ab web");
        spec.addPositional(WorkspaceArgument.spec());
        spec.addPositional(ServiceCommand.nameSpec());
        spec.addOption(CommonOptions.json());
    }

    @Override
    public int run(ParseResult parsed, CliContext context) {
        Service service = context.pyro()
                .get()
                .statusService(WorkspaceArgument.id(parsed, context), ServiceCommand.serviceName(parsed));
        if (CommonOptions.isJson(parsed)) {
            context.terminal().outJson(ServicePayloads.service(service));
        } else {
            context.terminal().errLine(ServiceLines.service("status", service));
        }
        return 0;
    }
}
