package dev.pyro;

import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;

/**
 * What the launcher runs once after a build, so that the JVM records which classes a start needs and saves them linked and
 * ready (an AOT cache). Nothing here touches the network or a machine, and no harm is done when a step fails.
 */
final class StartupTraining {
    private static final List<List<String>> COMMAND_LINES = List.of(
            List.of("--version"),
            List.of("--help"),
            List.of("run", "--help"),
            List.of("env", "list"),
            List.of("env", "list", "--json"),
            List.of("run", "no-such-environment", "--", "true"),
            List.of("run", "--json", "no-such-environment", "--", "true"),
            List.of("no-such-command"));

    private StartupTraining() {}

    /** Goes through the command lines, then loads every class of the program. */
    public static void main(String[] arguments) throws IOException, URISyntaxException {
        for (List<String> line : COMMAND_LINES) {
            int code = Main.run(line.toArray(String[]::new));
            System.err.println(String.join(" ", line) + ": " + code);
        }
        URI jar = StartupTraining.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toURI();
        try (JarFile file = new JarFile(Path.of(jar).toFile())) {
            file.stream()
                    .map(JarEntry::getName)
                    .filter(name -> name.endsWith(".class") && !name.endsWith("-info.class"))
                    .forEach(name -> load(
                            name.substring(0, name.length() - ".class".length()).replace('/', '.')));
        }
    }

    private static void load(String name) {
        try {
            Class.forName(name, false, StartupTraining.class.getClassLoader());
        } catch (ClassNotFoundException | LinkageError e) {
            System.err.println("not loaded: " + name + ": " + e);
        }
    }
}
