package dev.pyro.cli.workspace;

import dev.pyro.cli.command.CliCommand;
import dev.pyro.cli.command.CliContext;
import dev.pyro.cli.command.CommonOptions;
import dev.pyro.cli.command.EnvironmentArgument;
import dev.pyro.cli.command.MachineOptions;
import dev.pyro.cli.render.ProgressLines;
import dev.pyro.cli.render.WorkspaceLines;
import dev.pyro.model.Arguments;
import dev.pyro.model.CreateVm;
import dev.pyro.model.CreateWorkspace;
import dev.pyro.model.NetworkPolicy;
import dev.pyro.model.Workspace;
import dev.pyro.payload.WorkspacePayloads;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/** {@code pyro workspace create ENVIRONMENT}: a machine that stays. */
final class WorkspaceCreateCommand implements CliCommand {
    private static final String DISK_MIB = "--disk-mib";
    private static final String NETWORK_POLICY = "--network-policy";
    private static final String SEED_PATH = "--seed-path";
    private static final String NAME = "--name";

    @Override
    public String name() {
        return "create";
    }

    @Override
    public String summary() {
        return "Create a workspace and start it.";
    }

    @Override
    public void configure(CommandSpec spec) {
        spec.usageMessage()
                .footer(
                        "",
                        "It outlives this command; it is deleted when its time to live passes unused.",
                        "",
                        "Examples:",
                        "  pyro workspace create debian:12 --seed-path ./my-project",
                        "  pyro workspace create debian:12-build --name parser --label owner=ada",
                        "  pyro workspace create debian:12 --secret-file TOKEN=./token.txt");
        spec.addPositional(EnvironmentArgument.spec());
        MachineOptions.addSizes(spec);
        spec.addOption(CommonOptions.number(
                DISK_MIB,
                CreateWorkspace.DEFAULT_DISK_MIB,
                "Size of the disk that holds /workspace, 64 to 1048576 MiB; it takes only what is written. "
                        + "PYRO_WORKSPACE_DISK_MIB changes the default"));
        spec.addOption(CommonOptions.text(
                NETWORK_POLICY,
                "POLICY",
                "`off`; `egress`: it can reach the outside, nothing reaches it; or `egress+published-ports`: and its "
                        + "services may publish ports on the host's loopback (default: off)."));
        MachineOptions.addAllowHostCompat(spec);
        spec.addOption(CommonOptions.text(
                SEED_PATH,
                "PATH",
                "A directory, .tar, .tar.gz or .tgz of this host whose content /workspace starts with."));
        spec.addOption(CommonOptions.text(NAME, "NAME", "A name for people, which no other workspace has."));
        spec.addOption(LabelOptions.spec());
        SecretOptions.addTo(spec);
        spec.addOption(CommonOptions.json());
    }

    @Override
    public int run(ParseResult parsed, CliContext context) {
        CreateWorkspace options = options(parsed, context);
        ProgressLines progress = new ProgressLines(context.terminal());
        Workspace workspace =
                context.pyro().get().createWorkspace(EnvironmentArgument.value(parsed), options, progress);
        progress.clearBar();
        WorkspaceLines.skipped("workspace-create", workspace.workspaceId(), workspace.seed())
                .forEach(context.terminal()::errLine);
        if (CommonOptions.isJson(parsed)) {
            context.terminal().outJson(WorkspacePayloads.workspace(workspace));
        } else {
            WorkspaceLines.workspace("Workspace", workspace).forEach(context.terminal()::outLine);
        }
        return 0;
    }

    /**
     * Returns what was asked for.
     *
     * @throws ParameterException when an option has a form that it cannot have
     */
    static CreateWorkspace options(ParseResult parsed, CliContext context) {
        CreateVm sizes = MachineOptions.sizes(parsed);
        CreateWorkspace options = CreateWorkspace.defaults()
                .withVcpuCount(sizes.vcpuCount())
                .withMemMib(sizes.memMib())
                .withTtl(sizes.ttl())
                .withAllowHostCompat(sizes.allowHostCompat())
                .withNetworkPolicy(networkPolicy(parsed))
                .withName(parsed.matchedOptionValue(NAME, (String) null))
                .withLabels(LabelOptions.labels(parsed))
                .withSecrets(SecretOptions.read(parsed, context));
        if (parsed.hasMatchedOption(DISK_MIB)) {
            options = options.withDiskMib(parsed.<Integer>matchedOptionValue(DISK_MIB, 0));
        }
        @Nullable String seed = parsed.matchedOptionValue(SEED_PATH, (String) null);
        return seed == null ? options : options.withSeedPath(HostPath.of(parsed, SEED_PATH, seed));
    }

    private static NetworkPolicy networkPolicy(ParseResult parsed) {
        String name = parsed.matchedOptionValue(NETWORK_POLICY, NetworkPolicy.OFF.wireName());
        for (NetworkPolicy policy : NetworkPolicy.values()) {
            if (policy.wireName().equals(name)) {
                return policy;
            }
        }
        throw new ParameterException(
                parsed.commandSpec().commandLine(),
                NETWORK_POLICY + " takes `off`, `egress` or `egress+published-ports`, not \""
                        + Arguments.printable(name) + "\"");
    }
}
