package dev.pyro.cli.workspace;

import dev.pyro.model.Arguments;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/** Paths of the host on the command line. Stateless. */
final class HostPath {
    private HostPath() {}

    /**
     * Returns the path that an argument is.
     *
     * @param argument the argument's name, for a message
     * @throws ParameterException when it is empty, as an unset variable of a shell makes it, or no path
     */
    static Path of(ParseResult parsed, String argument, String value) {
        if (value.isEmpty()) {
            throw new ParameterException(parsed.commandSpec().commandLine(), argument + " is empty; give a path");
        }
        try {
            return Path.of(value);
        } catch (InvalidPathException e) {
            throw new ParameterException(
                    parsed.commandSpec().commandLine(),
                    argument + " is no path: \"" + Arguments.printable(value) + "\"",
                    e);
        }
    }
}
