package dev.pyro.cli.workspace;

import dev.pyro.cli.command.CliCommand;
import dev.pyro.cli.command.CliContext;
import dev.pyro.cli.command.CommonOptions;
import dev.pyro.cli.command.Positionals;
import dev.pyro.cli.command.ShellQuoting;
import dev.pyro.cli.command.UserOption;
import dev.pyro.cli.render.ServiceLines;
import dev.pyro.model.Service;
import dev.pyro.model.StartService;
import dev.pyro.model.Workspace;
import dev.pyro.model.WorkspaceId;
import dev.pyro.payload.ServicePayloads;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** {@code pyro workspace service start WORKSPACE_ID SERVICE_NAME -- COMMAND}. */
final class ServiceStartCommand implements CliCommand {
    private static final String CWD = "--cwd";

    @Override
    public String name() {
        return "start";
    }

    @Override
    public String summary() {
        return "Start a command that keeps running, and wait until it is ready.";
    }

    @Override
    public String guestCommandExample() {
        return "ws-0123456789ab web -- python3 -m http.server 8080";
    }

    @Override
    public void configure(CommandSpec spec) {
        spec.usageMessage()
                .customSynopsis("pyro workspace service start [OPTIONS] WORKSPACE_ID SERVICE_NAME -- COMMAND [ARG...]")
                .footer(
                        "",
                        "The words after `--` are one command line, run by `/bin/sh`; it must stay",
                        "in the foreground. A service that is not ready in time is stopped, and the",
                        "error ends with what it wrote last.",
                        "",
                        "Examples:",
                        "  pyro workspace service start parser web --publish 18080:8080 \\",
                        "    --ready-http http://127.0.0.1:8080/ -- python3 -m http.server 8080",
                        "  pyro workspace service start parser watch -- npm run watch");
        spec.addPositional(WorkspaceArgument.spec());
        spec.addPositional(Positionals.required(
                1, "SERVICE_NAME", "A letter or digit, and up to 63 letters, digits, dots, underscores and dashes."));
        spec.addOption(CommonOptions.text(
                CWD,
                "PATH",
                "Where the command runs; a relative path begins in /workspace (default: " + Workspace.PATH + ")."));
        ReadinessOptions.addTo(spec);
        spec.addOption(SecretEnvOption.spec());
        spec.addOption(UserOption.spec());
        spec.addOption(PublishOptions.spec());
        spec.addOption(CommonOptions.json());
    }

    @Override
    public int run(ParseResult parsed, CliContext context) {
        StartService options = options(parsed);
        String command = ShellQuoting.join(context.guestCommand());
        WorkspaceId id = WorkspaceArgument.id(parsed, context);
        Service service = context.pyro().get().startService(id, ServiceCommand.serviceName(parsed), command, options);
        if (CommonOptions.isJson(parsed)) {
            context.terminal().outJson(ServicePayloads.service(service));
        } else {
            context.terminal().errLine(ServiceLines.service("start", service));
        }
        return 0;
    }

    static StartService options(ParseResult parsed) {
        return ReadinessOptions.apply(parsed, StartService.defaults())
                .withCwd(parsed.matchedOptionValue(CWD, Workspace.PATH))
                .withSecretEnv(SecretEnvOption.read(parsed))
                .withPublishedPorts(PublishOptions.ports(parsed))
                .withUser(UserOption.value(parsed));
    }
}
