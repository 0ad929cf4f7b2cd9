package dev.pyro;

import dev.pyro.cli.PyroCli;
import dev.pyro.cli.render.Terminal;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** The program {@code pyro}. */
public final class Main {
    private static final String VERSION =
            Objects.requireNonNullElse(Main.class.getPackage().getImplementationVersion(), "development");

    private Main() {}

    /** Runs one command line and exits with its code. */
    public static void main(String[] arguments) {
        System.exit(run(arguments));
    }

    /** Runs one command line and returns its exit code. */
    static int run(String... arguments) {
        return run(System.getenv(), arguments);
    }

    /** Runs one command line with other environment variables. */
    static int run(Map<String, String> environment, String... arguments) {
        // The descriptors themselves: a command's output may be any bytes, and must be out when it was written.
        Terminal terminal = new Terminal(
                new FileOutputStream(FileDescriptor.out).getChannel(),
                new FileOutputStream(FileDescriptor.err).getChannel(),
                Terminal.leadsToTerminal(Path.of("/proc/self/fd/2")));
        return new PyroCli(VERSION, () -> LocalPyro.open(environment), terminal).run(List.of(arguments));
    }
}
