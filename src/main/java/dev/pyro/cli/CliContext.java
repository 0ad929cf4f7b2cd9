package dev.pyro.cli;

import dev.pyro.cli.render.Terminal;
import dev.pyro.sdk.Pyro;
import java.util.List;
import java.util.function.Supplier;

/**
 * What a command works with.
 *
 * @param pyro the facade, made on first use
 * @param terminal where output goes
 * @param guestCommand the words after {@code --}
 */
record CliContext(Supplier<Pyro> pyro, Terminal terminal, List<String> guestCommand) {
    CliContext {
        guestCommand = List.copyOf(guestCommand);
    }
}
