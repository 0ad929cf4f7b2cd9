package dev.pyro;

import dev.pyro.json.Json;
import dev.pyro.json.JsonValue.JsonObject;
import dev.pyro.os.HostCommand;
import dev.pyro.os.ProcessIdentity;
import dev.pyro.store.AtomicFiles;
import dev.pyro.store.InterProcessLock;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.StandardProtocolFamily;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;

/**
 * What the launcher runs once after a build, so that the JVM records which classes a start needs and saves them linked and
 * ready (an AOT cache). Nothing here touches the network or a machine, and no harm is done when a step fails.
 */
final class StartupTraining {
    private static final String MCP = "mcp";

    /** Not an image's name either: that would be asked for over the network, and bring in all that speaks HTTP and TLS. */
    private static final String NO_ENVIRONMENT = "NO-SUCH-ENVIRONMENT";

    private static final List<List<String>> COMMAND_LINES = List.of(
            List.of("--version"),
            List.of("--help"),
            List.of("run", "--help"),
            List.of("env", "list"),
            List.of("env", "list", "--json"),
            List.of("run", NO_ENVIRONMENT, "--", "true"),
            List.of("run", "--json", NO_ENVIRONMENT, "--", "true"),
            List.of("workspace", "--help"),
            List.of("workspace", "list"),
            List.of("workspace", "list", "--json"),
            List.of("workspace", "create", NO_ENVIRONMENT, "--label", "a=b"),
            List.of("workspace", "exec", "no-such-workspace", "--", "true"),
            List.of("workspace", "file", "read", "no-such-workspace", "README.md", "--json"),
            List.of("workspace", "snapshot", "create", "no-such-workspace", "one"),
            List.of("no-such-command"));

    private static final String WORKSPACE = "ws-000000000000";
    private static final List<List<String>> WORKSPACE_COMMAND_LINES = List.of(
            List.of("workspace", "status", WORKSPACE),
            List.of("workspace", "status", WORKSPACE, "--json"),
            List.of("workspace", "list"),
            List.of("workspace", "update", WORKSPACE, "--label", "a=b"),
            List.of("workspace", "logs", WORKSPACE),
            List.of("workspace", "snapshot", "list", WORKSPACE),
            List.of("workspace", "shell", "write", WORKSPACE, "sh-000000000000", "--input", "a"),
            List.of("workspace", "shell", "read", WORKSPACE, "sh-000000000000", "--wait-idle", "1"),
            List.of("workspace", "exec", WORKSPACE, "--", "true"),
            List.of("workspace", "stop", WORKSPACE),
            List.of("workspace", "snapshot", "create", WORKSPACE, "one"),
            List.of("workspace", "reset", WORKSPACE));

    /** What a client of the MCP server says first, and what it asks for most. */
    private static final List<String> MCP_LINES =
            List.of("""
            {"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},\
            "clientInfo":{"name":"training","version":"1"}}}""", """
            {"jsonrpc":"2.0","method":"notifications/initialized"}""", """
            {"jsonrpc":"2.0","id":1,"method":"tools/list"}""", """
            {"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"workspace_status",\
            "arguments":{"workspace_id":"ws-000000000000"},"_meta":{"progressToken":"a"}}}""", """
            {"jsonrpc":"2.0","id":"3","method":"tools/call","params":{"name":"workspace_file_read",\
            "arguments":{"workspace_id":"ws-000000000000","path":"README.md"}}}""", """
            {"jsonrpc":"2.0","id":4,"method":"tools/call","params":{"name":"workspace_list","arguments":{}}}""", """
            {"jsonrpc":"2.0","id":5,"method":"tools/call","params":{"name":"vm_run","arguments":\
            {"environment":"%s","command":"true"},"_meta":{"progressToken":1}}}""".formatted(NO_ENVIRONMENT), """
            {"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":5}}""", """
            {"jsonrpc":"2.0","id":6,"method":"ping"}""", "no JSON");

    private static final Duration COMMAND_TIMEOUT = Duration.ofSeconds(10);

    private StartupTraining() {}

    /**
     * Goes through the command lines and what a run of a guest needs of the JDK, then loads every class of the program.
     *
     * @param arguments {@value #MCP} for the archive of the MCP server, whose libraries would make every other start longer; else none
     */
    public static void main(String[] arguments) throws IOException, URISyntaxException, InterruptedException {
        boolean mcp = List.of(arguments).contains(MCP);
        for (List<String> line : COMMAND_LINES) {
            int code = Main.run(line.toArray(String[]::new));
            System.err.println(String.join(" ", line) + ": " + code);
        }
        useFilesAndProcesses();
        useSocketsAndThreads();
        useWorkspaceRecord(mcp);
        loadProgram(mcp);
    }

    private static void useFilesAndProcesses() throws IOException {
        Path folder = Files.createTempDirectory("pyro-training");
        try {
            JsonObject record =
                    JsonObject.builder().put("name", "value").put("number", 1).build();
            Path file = folder.resolve("record.json");
            AtomicFiles.write(file, Json.writePretty(record), AtomicFiles.Durability.POWER);
            System.err.println(Json.parseObject(Files.readString(file)).string("name"));
            InterProcessLock.tryAcquire(folder.resolve("lock")).ifPresent(InterProcessLock::close);
            System.err.println(ProcessIdentity.current().isAlive());
            System.err.println(HostCommand.of(COMMAND_TIMEOUT, List.of("true")).run());
        } finally {
            AtomicFiles.deleteTree(folder);
        }
    }

    private static void useSocketsAndThreads() throws IOException, InterruptedException {
        Path folder = Files.createTempDirectory("pyro-training");
        UnixDomainSocketAddress address = UnixDomainSocketAddress.of(folder.resolve("socket"));
        try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            server.bind(address);
            try (SocketChannel client = SocketChannel.open(address);
                    SocketChannel peer = server.accept()) {
                Thread writer = Thread.ofVirtual().start(() -> {
                    try {
                        client.write(ByteBuffer.wrap(new byte[] {1, 2, 3}));
                    } catch (IOException e) {
                        System.err.println(e);
                    }
                });
                System.err.println(peer.read(ByteBuffer.allocate(3)));
                writer.join();
            }
        } finally {
            AtomicFiles.deleteTree(folder);
        }
    }

    /** A stopped workspace that never was: what every command on a workspace does before it talks to a machine. */
    private static void useWorkspaceRecord(boolean mcp) throws IOException {
        Path folder = Files.createTempDirectory("pyro-training");
        try (InputStream record = StartupTraining.class.getResourceAsStream("training-workspace.json")) {
            Path workspace = Files.createDirectories(folder.resolve("workspaces/" + WORKSPACE));
            Files.createDirectories(workspace.resolve("layers"));
            Files.copy(Objects.requireNonNull(record), workspace.resolve("workspace.json"));
            Map<String, String> environment = new HashMap<>(System.getenv());
            environment.put("PYRO_STATE_DIR", folder.toString());
            environment.put("PYRO_NO_INSTALL", "1");
            for (List<String> line : WORKSPACE_COMMAND_LINES) {
                int code = Main.run(environment, line.toArray(String[]::new));
                System.err.println(String.join(" ", line) + ": " + code);
            }
            if (mcp) {
                System.setIn(
                        new ByteArrayInputStream(String.join("\n", MCP_LINES).getBytes(StandardCharsets.UTF_8)));
                System.err.println("mcp serve: " + Main.run(environment, "mcp", "serve"));
            }
        } finally {
            AtomicFiles.deleteTree(folder);
        }
    }

    private static void loadProgram(boolean mcp) throws IOException, URISyntaxException {
        URI jar = StartupTraining.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toURI();
        try (JarFile file = new JarFile(Path.of(jar).toFile())) {
            file.stream()
                    .map(JarEntry::getName)
                    .filter(name -> name.endsWith(".class") && !name.endsWith("-info.class"))
                    // Its library is signed: no archive holds it, and each start would verify the signature.
                    .filter(name -> !name.startsWith("dev/pyro/workspace/diff/"))
                    .filter(name -> mcp || !name.startsWith("dev/pyro/mcp/"))
                    .filter(name -> !name.startsWith("dev/pyro/mcp/http/"))
                    .filter(name -> !name.startsWith("dev/pyro/cli/terminal/"))
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
