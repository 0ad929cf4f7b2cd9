package dev.pyro.cli;

import dev.pyro.cli.command.CliCommand;
import dev.pyro.cli.demo.DemoCommand;
import dev.pyro.cli.mcp.McpCommand;
import dev.pyro.cli.workspace.WorkspaceCommand;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/**
 * All commands. Only the branch that a command line names is built in full; of the others picocli gets name and summary, which is
 * all that help and suggestions need. The whole tree would cost every start tens of milliseconds.
 */
final class CommandTree implements CliCommand {
    private static final String DEBUG = "--debug";

    private final String version;

    CommandTree(String version) {
        this.version = version;
    }

    @Override
    public String name() {
        return "pyro";
    }

    @Override
    public String summary() {
        return "Disposable computers for coding agents.";
    }

    @Override
    public List<CliCommand> children() {
        return List.of(
                new RunCommand(),
                new EnvCommand(),
                new DoctorCommand(),
                new WorkspaceCommand(),
                new McpCommand(),
                new DemoCommand());
    }

    /** Builds the branch that these arguments name. */
    CommandLine build(List<String> arguments) {
        CommandLine commandLine = new CommandLine(spec(this, arguments));
        // A value such as a patch may begin with `@`: that names no file of arguments.
        commandLine.setExpandAtFiles(false);
        return commandLine;
    }

    /** Builds every branch, for help texts and checks of the whole. */
    static CommandSpec fullSpec(CliCommand command) {
        CommandSpec spec = ownSpec(command);
        command.children().forEach(child -> spec.addSubcommand(child.name(), fullSpec(child)));
        return spec;
    }

    /** Tells whether a command or one of those above it was asked for stack traces. */
    static boolean isDebug(ParseResult root) {
        for (ParseResult parsed = root; parsed != null; parsed = parsed.subcommand()) {
            if (parsed.hasMatchedOption(DEBUG)) {
                return true;
            }
        }
        return false;
    }

    private CommandSpec spec(CliCommand command, List<String> all) {
        CommandSpec spec = ownSpec(command);
        // What stands between a group's name and the command's are options of the group, none of which takes a value.
        List<String> arguments =
                all.stream().dropWhile(argument -> argument.startsWith("-")).toList();
        for (CliCommand child : command.children()) {
            boolean named = !arguments.isEmpty() && arguments.getFirst().equals(child.name());
            spec.addSubcommand(
                    child.name(), named ? spec(child, arguments.subList(1, arguments.size())) : listedSpec(child));
        }
        if (command == this) {
            spec.version("pyro " + version);
            spec.addOption(OptionSpec.builder("--version")
                    .type(boolean.class)
                    .versionHelp(true)
                    .description("Print the version.")
                    .build());
        }
        return spec;
    }

    private static CommandSpec ownSpec(CliCommand command) {
        CommandSpec spec = listedSpec(command);
        spec.addOption(OptionSpec.builder("-h", "--help")
                .type(boolean.class)
                .usageHelp(true)
                .description("Print this help.")
                .build());
        spec.addOption(OptionSpec.builder(DEBUG)
                .type(boolean.class)
                .description("Print the stack trace of a failure.")
                .hidden(true)
                .build());
        command.configure(spec);
        return spec;
    }

    private static CommandSpec listedSpec(CliCommand command) {
        CommandSpec spec = CommandSpec.wrapWithoutInspection(command);
        spec.name(command.name());
        spec.usageMessage().description(command.summary()).abbreviateSynopsis(false);
        return spec;
    }
}
