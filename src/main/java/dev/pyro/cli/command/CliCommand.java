package dev.pyro.cli.command;

import java.util.List;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** One command of the command line, or a group of them. Implementations hold no state. */
public interface CliCommand {
    /** The exit code of a command line that cannot be understood. */
    int EXIT_USAGE = 2;

    /** The exit code of a command that failed. */
    int EXIT_FAILURE = 1;

    /** Returns the command's own name, without its group. */
    String name();

    /** Returns one sentence for the list of commands. */
    String summary();

    /** Returns the commands below this one. */
    default List<CliCommand> children() {
        return List.of();
    }

    /** Tells whether this is nothing but the group of its {@link #children}, and does not run itself. */
    default boolean isGroup() {
        return !children().isEmpty();
    }

    /** Adds options and positionals. */
    default void configure(CommandSpec spec) {}

    /**
     * Returns what may follow the command's name when the guest's command line follows after {@code --}, as an example for people;
     * empty when nothing follows there.
     */
    default String guestCommandExample() {
        return "";
    }

    /** Tells whether the guest's command line follows after {@code --}. */
    default boolean takesGuestCommand() {
        return !guestCommandExample().isEmpty();
    }

    /**
     * Makes one facade call, renders the result, and returns the exit code.
     *
     * @throws picocli.CommandLine.ParameterException when arguments that parse make no sense together
     */
    default int run(ParseResult parsed, CliContext context) {
        throw new IllegalStateException(name() + " is a group");
    }
}
