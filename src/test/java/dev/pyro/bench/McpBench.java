package dev.pyro.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What the MCP server costs over standard input and output. */
final class McpBench {
    private static final double MIB = 1 << 20;
    private static final int KNOWN_WORKSPACES = 50;
    private static final int WARM_UP = 30;
    private static final int READS = 100;
    private static final String FILE = "file.txt";

    /** A record that every version of the program reads. */
    private static final Path RECORD = Path.of("src/main/resources/dev/pyro/training-workspace.json");

    private static final String RECORDED_ID = "ws-000000000000";

    private final Path pyro;
    private final int runs;

    McpBench(Path pyro, int runs) {
        this.pyro = pyro;
        this.runs = runs;
    }

    List<Row> initialize() {
        double[] seconds = new double[runs];
        for (int i = 0; i < runs; i++) {
            try (McpSession session = new McpSession(pyro, Map.of())) {
                seconds[i] = session.initializeSeconds();
            }
        }
        return List.of(Row.seconds("mcp-initialize", "from the start to the answer", seconds, "≤ 0.6 s"));
    }

    List<Row> toolsList() {
        double[] seconds = new double[runs];
        for (int i = 0; i < runs; i++) {
            try (McpSession session = new McpSession(pyro, Map.of())) {
                seconds[i] = session.request("tools/list", "{}");
            }
        }
        return List.of(Row.seconds("mcp-tools-list", "the first one, right after initialize", seconds, "≤ 0.05 s"));
    }

    /** A round trip against the same call of the facade in a process of its own, in turns. */
    List<Row> fileRead() {
        WorkspaceBench workspaces = new WorkspaceBench(pyro, 1);
        String id = workspaces.createId();
        try (McpSession session = new McpSession(pyro, Map.of());
                FacadeProcess facade = new FacadeProcess(pyro, FacadeReads.class, id, FILE)) {
            session.call(
                    "workspace_file_write",
                    "{\"workspace_id\":\"" + id + "\",\"path\":\"" + FILE + "\",\"text\":\"" + "text ".repeat(800)
                            + "\"}");
            String arguments = "{\"workspace_id\":\"" + id + "\",\"path\":\"" + FILE + "\"}";
            for (int i = 0; i < WARM_UP; i++) {
                session.call("workspace_file_read", arguments);
                facade.run();
            }
            double[] served = new double[READS];
            double[] own = new double[READS];
            for (int i = 0; i < READS; i++) {
                served[i] = session.call("workspace_file_read", arguments) * 1000;
                own[i] = facade.run()[0] * 1000;
            }
            double added = Row.median(served) - Row.median(own);
            return List.of(
                    Row.of("mcp-file-read", "workspace_file_read of 4 kB, round trip", served, "%.1f ms", ""),
                    Row.of("mcp-file-read", "the same call of the facade", own, "%.1f ms", ""),
                    new Row(
                            "mcp-file-read",
                            "what the server adds",
                            String.format(Locale.ROOT, "%.1f ms", added),
                            "",
                            "≤ 10 ms"));
        } finally {
            workspaces.delete(id);
        }
    }

    List<Row> memory() {
        int times = Math.min(runs, 5);
        double[] resident = new double[times];
        Path folder = WorkspaceBench.scratch();
        try {
            String record = Files.readString(RECORD);
            for (int i = 0; i < KNOWN_WORKSPACES; i++) {
                String id = String.format(Locale.ROOT, "ws-%012x", i + 1);
                Path workspace =
                        Files.createDirectories(folder.resolve("workspaces").resolve(id));
                Files.createDirectories(workspace.resolve("layers"));
                Files.writeString(workspace.resolve("workspace.json"), record.replace(RECORDED_ID, id));
            }
            for (int i = 0; i < times; i++) {
                try (McpSession session = new McpSession(pyro, Map.of("PYRO_STATE_DIR", folder.toString()))) {
                    session.request("tools/list", "{}");
                    for (int w = 0; w < KNOWN_WORKSPACES; w++) {
                        session.call("workspace_list", "{}");
                        session.call(
                                "workspace_status",
                                String.format(Locale.ROOT, "{\"workspace_id\":\"ws-%012x\"}", w + 1));
                    }
                    resident[i] = ProcessMemory.rss(session.pid()) / MIB;
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            WorkspaceBench.delete(folder);
        }
        return List.of(Row.of(
                "mcp-memory",
                "resident, with " + KNOWN_WORKSPACES + " workspaces, listed and looked at",
                resident,
                "%.0f MiB",
                "< 120 MB"));
    }
}
