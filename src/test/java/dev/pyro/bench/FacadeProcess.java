package dev.pyro.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A program that uses the facade, in a process of its own with the options of the launcher; it does its work once for each line. */
final class FacadeProcess implements AutoCloseable {
    private final Process process;
    private final OutputStream input;
    private final BufferedReader output;

    FacadeProcess(Path pyro, Class<?> program, String... arguments) {
        Path target = pyro.resolveSibling("target");
        List<String> command = new ArrayList<>(List.of(
                ProcessHandle.current().info().command().orElse("java"),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Xmx128m",
                "-cp",
                target.resolve("test-classes") + ":" + target.resolve("classes") + ":" + target.resolve("lib") + "/*",
                program.getName()));
        command.addAll(List.of(arguments));
        try {
            process = new ProcessBuilder(command)
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        input = process.getOutputStream();
        output = process.inputReader(StandardCharsets.UTF_8);
    }

    /** Has the work done once; returns the seconds that its parts took. */
    double[] run() {
        try {
            input.write('\n');
            input.flush();
            String nanos = output.readLine();
            if (nanos == null) {
                throw new IllegalStateException("the facade's process has ended");
            }
            return List.of(nanos.split(" ")).stream()
                    .mapToDouble(part -> Long.parseLong(part) / 1e9)
                    .toArray();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        process.destroy();
    }
}
