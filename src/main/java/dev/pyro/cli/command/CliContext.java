package dev.pyro.cli.command;

import dev.pyro.cli.render.Terminal;
import dev.pyro.sdk.Pyro;
import java.io.InputStream;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * What a command works with.
 *
 * @param pyro the facade, made on first use
 * @param terminal where output goes
 * @param input standard input
 * @param environment the process's environment variables
 * @param guestCommand the words after {@code --}
 */
public record CliContext(
        Supplier<Pyro> pyro,
        Terminal terminal,
        InputStream input,
        Map<String, String> environment,
        List<String> guestCommand) {
    public CliContext {
        guestCommand = List.copyOf(guestCommand);
    }
}
