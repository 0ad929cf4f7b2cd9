package dev.pyro.bench;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What a published port carries, from a server in the guest to clients on the host. */
final class PortBench {
    private static final long LARGE_BYTES = 256L << 20;
    private static final int CLIENTS = 200;
    private static final int CLIENT_BYTES = 64 * 1024;
    private static final double MEGABYTE = 1e6;
    private static final int PATIENCE_MILLIS = 60_000;

    /** Sends as many bytes as the client's first line says. */
    private static final String SERVER = """
            import asyncio
            block = b"x" * 262144
            async def serve(reader, writer):
                left = int(await reader.readline())
                while left:
                    part = block[:min(left, len(block))]
                    writer.write(part)
                    await writer.drain()
                    left -= len(part)
                writer.close()
            async def main():
                server = await asyncio.start_server(serve, "0.0.0.0", 8080, backlog=512)
                async with server:
                    await server.serve_forever()
            asyncio.run(main())
            """;

    private final Path pyro;
    private final int runs;

    PortBench(Path pyro, int runs) {
        this.pyro = pyro;
        this.runs = runs;
    }

    List<Row> ports() {
        String id = new WorkspaceBench(pyro, runs).createId("--network-policy", "egress+published-ports");
        try {
            run("workspace", "file", "write", id, "server.py", "--text", SERVER);
            Matcher port = Pattern.compile("\"host_port\": *([0-9]+)")
                    .matcher(run(
                            "workspace",
                            "service",
                            "start",
                            id,
                            "server",
                            "--publish",
                            "8080",
                            "--ready-tcp",
                            "127.0.0.1:8080",
                            "--json",
                            "--",
                            "python3",
                            "server.py"));
            if (!port.find()) {
                throw new IllegalStateException("no port was published");
            }
            return measure(Integer.parseInt(port.group(1)));
        } finally {
            run("workspace", "delete", id);
        }
    }

    private List<Row> measure(int port) {
        double[] speed = new double[runs];
        double[] burst = new double[runs];
        int errors = 0;
        for (int i = 0; i < runs; i++) {
            long start = System.nanoTime();
            fetch(port, LARGE_BYTES);
            speed[i] = LARGE_BYTES / MEGABYTE / ((System.nanoTime() - start) / 1e9);
            start = System.nanoTime();
            errors += burst(port);
            burst[i] = (System.nanoTime() - start) / 1e9;
        }
        return List.of(
                Row.of("ports", "256 MiB from the guest through one port", speed, "%.1f MB/s", "≥ 20 MB/s"),
                Row.seconds("ports", CLIENTS + " clients at once, 64 KiB each", burst, ""),
                new Row("ports", "errors among them", Integer.toString(errors), "", "0"));
    }

    /** Connects all at once, and returns how many did not get what they asked for. */
    private static int burst(int port) {
        try (ExecutorService threads = Executors.newFixedThreadPool(CLIENTS)) {
            List<Callable<Boolean>> clients = new ArrayList<>();
            for (int i = 0; i < CLIENTS; i++) {
                clients.add(() -> {
                    fetch(port, CLIENT_BYTES);
                    return true;
                });
            }
            int errors = 0;
            for (Future<Boolean> client : threads.invokeAll(clients)) {
                try {
                    errors += client.get() ? 0 : 1;
                } catch (ExecutionException e) {
                    errors++;
                }
            }
            return errors;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    private static void fetch(int port, long bytes) {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(Inet4Address.ofLiteral("127.0.0.1"), port), PATIENCE_MILLIS);
            socket.setSoTimeout(PATIENCE_MILLIS);
            socket.getOutputStream().write((bytes + "\n").getBytes(StandardCharsets.US_ASCII));
            DataInputStream in = new DataInputStream(socket.getInputStream());
            in.skipNBytes(bytes);
            if (in.read() >= 0) {
                throw new IOException("more than was asked for");
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private String run(String... command) {
        return Launch.start(pyro, Map.of(), List.of(command)).finish().output();
    }
}
