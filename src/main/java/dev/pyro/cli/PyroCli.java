package dev.pyro.cli;

import dev.pyro.cli.command.CliCommand;
import dev.pyro.cli.command.CliContext;
import dev.pyro.cli.command.CommonOptions;
import dev.pyro.cli.render.Printable;
import dev.pyro.cli.render.Terminal;
import dev.pyro.cli.render.Terminal.OutputClosedException;
import dev.pyro.json.JsonValue.JsonObject;
import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import dev.pyro.payload.ByteText;
import dev.pyro.sdk.Pyro;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/** Runs one command line: finds the command, parses its arguments, and turns its outcome into an exit code. */
public final class PyroCli {
    /** As a shell reports a program that SIGPIPE ended: whoever read standard output has left. */
    private static final int EXIT_OUTPUT_CLOSED = 141;

    /** As a shell reports a program that Ctrl-C ended. */
    private static final int EXIT_INTERRUPTED = 130;

    private static final Path STDOUT = Path.of("/proc/self/fd/1");
    private static final String GUEST_COMMAND_SEPARATOR = "--";

    private final String version;
    private final Supplier<Pyro> pyro;
    private final Terminal terminal;
    private final InputStream input;
    private final Supplier<Map<String, String>> environment;

    /** With this process's standard input and environment variables; the rest as in the longer form. */
    public PyroCli(String version, Supplier<Pyro> pyro, Terminal terminal) {
        this(version, pyro, terminal, System.in, System::getenv);
    }

    /** @param pyro makes the facade; called at most once, and not at all for help and usage errors */
    PyroCli(
            String version,
            Supplier<Pyro> pyro,
            Terminal terminal,
            InputStream input,
            Supplier<Map<String, String>> environment) {
        this.version = version;
        this.pyro = pyro;
        this.terminal = terminal;
        this.input = input;
        this.environment = environment;
    }

    /** Runs a command line and returns its exit code. */
    public int run(List<String> arguments) {
        int separator = arguments.indexOf(GUEST_COMMAND_SEPARATOR);
        List<String> own = separator < 0 ? arguments : arguments.subList(0, separator);
        List<String> guest = separator < 0 ? List.of() : arguments.subList(separator + 1, arguments.size());
        CommandLine root = new CommandTree(version).build(own);
        ParseResult parsed;
        try {
            parsed = root.parseArgs(own.toArray(String[]::new));
        } catch (UnmatchedArgumentException e) {
            return unmatched(e, own);
        } catch (ParameterException e) {
            return usageError(e);
        }
        ParseResult leaf = parsed;
        while (leaf.hasSubcommand()) {
            leaf = leaf.subcommand();
        }
        CommandLine commandLine = leaf.commandSpec().commandLine();
        if (leaf.isUsageHelpRequested()) {
            terminal.outLine(commandLine.getUsageMessage(Ansi.OFF).stripTrailing());
            return 0;
        }
        if (leaf.isVersionHelpRequested()) {
            terminal.outLine("pyro " + version);
            return 0;
        }
        CliCommand command = (CliCommand) leaf.commandSpec().userObject();
        if (command.isGroup()) {
            return usageError(commandLine, "a command is missing");
        }
        if (separator >= 0 && !command.takesGuestCommand()) {
            return usageError(commandLine, "this command takes nothing after `--`");
        }
        if (command.takesGuestCommand() && guest.isEmpty()) {
            return usageError(
                    commandLine,
                    "a command is required after `--`, as in: "
                            + commandLine.getCommandSpec().qualifiedName() + " " + command.guestCommandExample());
        }
        return execute(command, leaf, guest, CommandTree.isDebug(parsed));
    }

    private int execute(CliCommand command, ParseResult parsed, List<String> guest, boolean debug) {
        try {
            return command.run(parsed, new CliContext(pyro, terminal, input, environment.get(), guest));
        } catch (OutputClosedException e) {
            return outputClosed(e);
        } catch (ParameterException e) {
            return usageError(e);
        } catch (PyroException e) {
            if (e.code() == ErrorCode.INTERRUPTED) {
                return EXIT_INTERRUPTED;
            }
            return failure(parsed, debug, e.code(), e.getMessage(), e);
        } catch (RuntimeException | StackOverflowError | OutOfMemoryError e) {
            return failure(
                    parsed,
                    debug,
                    ErrorCode.INTERNAL,
                    "a defect in Pyro: " + e + "; run the command again with --debug and report what it prints",
                    e);
        }
    }

    private int failure(ParseResult parsed, boolean debug, ErrorCode code, String message, Throwable cause) {
        if (debug) {
            StringWriter trace = new StringWriter();
            cause.printStackTrace(new PrintWriter(trace));
            terminal.errLine(trace.toString().stripTrailing());
        }
        if (CommonOptions.isJson(parsed)) {
            try {
                terminal.outJson(JsonObject.builder()
                        .put("ok", false)
                        .put("error", ByteText.visible(message))
                        .put("code", code.name())
                        .build());
            } catch (OutputClosedException e) {
                return outputClosed(e);
            }
        } else {
            terminal.errLine("[error] " + message);
        }
        return CliCommand.EXIT_FAILURE;
    }

    /** A reader of a pipe that leaves is nothing to speak of; a file that cannot be written is. */
    private int outputClosed(OutputClosedException e) {
        try {
            if (Files.readSymbolicLink(STDOUT).toString().startsWith("pipe:")) {
                return EXIT_OUTPUT_CLOSED;
            }
        } catch (IOException closed) {
            e.addSuppressed(closed);
        }
        terminal.errLine("[error] cannot write standard output: "
                + Objects.requireNonNullElse(e.getCause(), e).getMessage());
        return CliCommand.EXIT_FAILURE;
    }

    private int unmatched(UnmatchedArgumentException e, List<String> arguments) {
        List<String> suggestions = e.getSuggestions();
        return usageError(
                e.getCommandLine(),
                UnmatchedWords.message(e, arguments)
                        + (suggestions.isEmpty() ? "" : "; did you mean `" + suggestions.getFirst() + "`?"));
    }

    private int usageError(ParameterException e) {
        return usageError(e.getCommandLine(), String.valueOf(e.getMessage()));
    }

    private int usageError(CommandLine commandLine, String message) {
        String name = commandLine.getCommandSpec().qualifiedName();
        terminal.errLine("[error] " + name + ": " + Printable.line(message));
        terminal.errLine("Try `" + name + " --help`.");
        return CliCommand.EXIT_USAGE;
    }
}
