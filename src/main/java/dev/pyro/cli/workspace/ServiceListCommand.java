package dev.pyro.cli.workspace;

import dev.pyro.cli.command.CliCommand;
import dev.pyro.cli.command.CliContext;
import dev.pyro.cli.command.CommonOptions;
import dev.pyro.cli.render.ServiceLines;
import dev.pyro.model.ServiceList;
import dev.pyro.payload.ServicePayloads;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** {@code pyro workspace service list WORKSPACE_ID}. */
final class ServiceListCommand implements CliCommand {
    @Override
    public String name() {
        return "list";
    }

    @Override
    public String summary() {
        return "List the services of a workspace, those too that have ended.";
    }

    @Override
    public void configure(CommandSpec spec) {
        spec.usageMessage().footer("", "Example:", "  pyro workspace service list ws-0123456789ab");
        spec.addPositional(WorkspaceArgument.spec());
        spec.addOption(CommonOptions.json());
    }

    @Override
    public int run(ParseResult parsed, CliContext context) {
        ServiceList list = context.pyro().get().listServices(WorkspaceArgument.id(parsed, context));
        if (CommonOptions.isJson(parsed)) {
            context.terminal().outJson(ServicePayloads.list(list));
        } else {
            ServiceLines.list(list).forEach(context.terminal()::outLine);
        }
        return 0;
    }
}
