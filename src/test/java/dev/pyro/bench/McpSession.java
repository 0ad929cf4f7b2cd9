package dev.pyro.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A session with a server that answers each line with one, timed. */
final class McpSession implements AutoCloseable {
    private static final Duration END = Duration.ofSeconds(60);

    private final Process process;
    private final OutputStream input;
    private final BufferedReader output;
    private final double initializeSeconds;
    private int requests;

    /** Starts {@code pyro mcp serve} and waits for its answer to {@code initialize}. */
    McpSession(Path pyro, Map<String, String> variables) {
        ProcessBuilder builder = new ProcessBuilder(List.of(pyro.toString(), "mcp", "serve"))
                .redirectError(ProcessBuilder.Redirect.DISCARD);
        builder.environment().putAll(variables);
        long start = System.nanoTime();
        try {
            process = builder.start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        input = process.getOutputStream();
        output = process.inputReader();
        request(
                "initialize",
                "{\"protocolVersion\":\"2025-11-25\",\"capabilities\":{},\"clientInfo\":{\"name\":\"bench\",\"version\":\"1\"}}");
        initializeSeconds = (System.nanoTime() - start) / 1e9;
    }

    /** From the start of the process to its answer. */
    double initializeSeconds() {
        return initializeSeconds;
    }

    /** Sends a request and waits for the answer, which must be no error; returns the seconds that it took. */
    double request(String method, String params) {
        requests++;
        String line = "{\"jsonrpc\":\"2.0\",\"id\":" + requests + ",\"method\":\"" + method + "\",\"params\":" + params
                + "}\n";
        try {
            long start = System.nanoTime();
            input.write(line.getBytes(StandardCharsets.UTF_8));
            input.flush();
            String answer = output.readLine();
            double seconds = (System.nanoTime() - start) / 1e9;
            if (answer == null || !answer.contains("\"result\"") || answer.contains("\"isError\":true")) {
                throw new IllegalStateException("answer to " + line + ": " + answer);
            }
            return seconds;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Calls a tool. */
    double call(String tool, String arguments) {
        return request("tools/call", "{\"name\":\"" + tool + "\",\"arguments\":" + arguments + "}");
    }

    long pid() {
        return process.pid();
    }

    @Override
    public void close() {
        try {
            input.close();
            if (!process.waitFor(END.toSeconds(), TimeUnit.SECONDS)) {
                throw new IllegalStateException("no end after " + END.toSeconds() + " s");
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            process.destroy();
        }
    }
}
