package dev.pyro.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** One start of {@code pyro}, timed from the call to the end of the process. Its output is read and thrown away, but for its end. */
final class Launch {
    private static final Duration LONGEST = Duration.ofMinutes(10);
    private static final int KEPT_LINES = 20;
    private static final int KEPT_BYTES = 64 * 1024;
    private static final long PEAK_INTERVAL = 16 << 20;

    /**
     * What a launch left.
     *
     * @param seconds from the call to the end
     * @param outputBytes how much it wrote to its standard output
     * @param output the beginning of it
     * @param peakRssBytes the most memory that the host's process had resident
     */
    record Outcome(double seconds, long outputBytes, String output, long peakRssBytes) {}

    private final Process process;
    private final long start;
    private final List<String> errors = Collections.synchronizedList(new ArrayList<>());
    private final Thread errorReader;

    private Launch(Process process, long start) {
        this.process = process;
        this.start = start;
        this.errorReader = Thread.ofVirtual().start(this::readErrors);
    }

    /** Starts the program at {@code pyro}. */
    static Launch start(Path pyro, Map<String, String> variables, List<String> arguments) {
        ProcessBuilder builder = new ProcessBuilder(
                Stream.concat(Stream.of(pyro.toString()), arguments.stream()).toList());
        builder.redirectInput(Path.of("/dev/null").toFile());
        builder.environment().putAll(variables);
        try {
            long start = System.nanoTime();
            return new Launch(builder.start(), start);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Reads the output to its end and waits for the process; an exit code other than 0 is an error. */
    Outcome finish() {
        byte[] kept = new byte[KEPT_BYTES];
        int keptBytes = 0;
        long count = 0;
        long peak = 0;
        byte[] buffer = new byte[256 * 1024];
        try (InputStream output = process.getInputStream()) {
            for (int read = output.read(buffer); read >= 0; read = output.read(buffer)) {
                int copied = Math.min(read, KEPT_BYTES - keptBytes);
                System.arraycopy(buffer, 0, kept, keptBytes, copied);
                keptBytes += copied;
                // Not at every read: asking costs more than a read does.
                if (count % PEAK_INTERVAL + read >= PEAK_INTERVAL || count == 0) {
                    peak = Math.max(peak, ProcessMemory.peakRss(process.pid()));
                }
                count += read;
            }
            if (!process.waitFor(LONGEST.toSeconds(), TimeUnit.SECONDS)) {
                throw new IllegalStateException("no end after " + LONGEST.toSeconds() + " s");
            }
            double seconds = (System.nanoTime() - start) / 1e9;
            errorReader.join();
            if (process.exitValue() != 0) {
                throw new IllegalStateException("exit code " + process.exitValue() + ": " + String.join(" / ", errors));
            }
            return new Outcome(seconds, count, new String(kept, 0, keptBytes, StandardCharsets.UTF_8), peak);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        } finally {
            process.destroy();
        }
    }

    /** Reads the output up to a line, which must come. */
    void awaitLine(String line) {
        try {
            BufferedReader reader = process.inputReader();
            for (String read = reader.readLine(); read != null; read = reader.readLine()) {
                if (read.equals(line)) {
                    return;
                }
            }
            errorReader.join();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        process.destroy();
        throw new IllegalStateException("the line \"" + line + "\" did not come: " + String.join(" / ", errors));
    }

    /** Returns the value of {@code key=} in what the program has written to its standard error so far. */
    String reported(String key) {
        synchronized (errors) {
            return errors.stream()
                    .flatMap(line -> Stream.of(line.split(" ")))
                    .filter(word -> word.startsWith(key + "="))
                    .map(word -> word.substring(key.length() + 1))
                    .findFirst()
                    .orElseThrow(() -> new IllegalStateException("no " + key + "= in: " + String.join(" / ", errors)));
        }
    }

    /** Asks the program to end, and waits for its end. */
    void stop() {
        process.destroy();
        try {
            if (!process.waitFor(LONGEST.toSeconds(), TimeUnit.SECONDS)) {
                throw new IllegalStateException("no end after " + LONGEST.toSeconds() + " s");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    long pid() {
        return process.pid();
    }

    private void readErrors() {
        try (BufferedReader reader = process.errorReader()) {
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                errors.add(line);
                if (errors.size() > KEPT_LINES) {
                    errors.removeFirst();
                }
            }
        } catch (IOException e) {
            errors.add(e.toString());
        }
    }

    /** Returns the processes, apart from this launch's own, whose command line or folder names a machine. */
    static List<Long> processesOf(String vmId) {
        List<Long> found = new ArrayList<>();
        try (Stream<Path> processes = Files.list(Path.of("/proc"))) {
            for (Path folder : processes.toList()) {
                String name = folder.getFileName().toString();
                if (name.chars().allMatch(Character::isDigit) && names(folder, vmId)) {
                    found.add(Long.valueOf(name));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return found;
    }

    private static boolean names(Path folder, String vmId) {
        try {
            return Files.readString(folder.resolve("cmdline"), StandardCharsets.ISO_8859_1)
                            .contains(vmId)
                    || Files.readSymbolicLink(folder.resolve("cwd")).toString().contains(vmId);
        } catch (IOException e) {
            // It has ended, or is none of ours.
            return false;
        }
    }
}
