package dev.pyro.cli.workspace;

import dev.pyro.cli.command.CliCommand;
import dev.pyro.cli.command.Positionals;
import java.util.List;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.ParseResult;

/** {@code pyro workspace service}. */
final class ServiceCommand implements CliCommand {
    @Override
    public String name() {
        return "service";
    }

    @Override
    public String summary() {
        return "Keep commands running in a workspace: servers, watchers, databases.";
    }

    @Override
    public List<CliCommand> children() {
        return List.of(
                new ServiceStartCommand(),
                new ServiceListCommand(),
                new ServiceStatusCommand(),
                new ServiceLogsCommand(),
                new ServiceStopCommand());
    }

    /** The positional that names a service, always the second. */
    static PositionalParamSpec nameSpec() {
        return Positionals.required(
                1, "SERVICE_NAME", "The service's name; `pyro workspace service list WORKSPACE_ID` shows them.");
    }

    static String serviceName(ParseResult parsed) {
        return parsed.matchedPositionalValue(1, "");
    }
}
