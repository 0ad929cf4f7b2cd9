package dev.pyro.cli;

import dev.pyro.LocalPyro;
import dev.pyro.cli.render.Terminal;
import dev.pyro.e2e.PyroLauncher;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Command lines as the launcher's, but run in this process, each with a facade of its own: for tests whose subject is neither the process
 * nor its signals. A start of a JVM costs half a second of a processor. What else the launcher gives (the program's small heap, the locale,
 * the umask) is not here.
 */
public final class PyroInProcess extends PyroLauncher {
    public PyroInProcess(Path state) {
        super(state);
    }

    @Override
    public Outcome run(String... arguments) {
        Map<String, String> variables = new HashMap<>(System.getenv());
        variables.putAll(environment());
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        Terminal terminal = new Terminal(Channels.newChannel(out), Channels.newChannel(err), false);
        int code = new PyroCli(
                        "test",
                        () -> LocalPyro.open(variables),
                        terminal,
                        InputStream.nullInputStream(),
                        () -> variables)
                .run(List.of(arguments));
        return new Outcome(code, out, err.toString(StandardCharsets.UTF_8));
    }
}
