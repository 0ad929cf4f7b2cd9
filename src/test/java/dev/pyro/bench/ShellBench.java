package dev.pyro.bench;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/** What shells cost. */
final class ShellBench {
    private static final int WARM_UP = 30;
    private static final int EXCHANGES = 100;

    private final Path pyro;

    ShellBench(Path pyro) {
        this.pyro = pyro;
    }

    /** From typing a word to reading its echo, by the facade and over open connections, in turns. */
    List<Row> echo() {
        WorkspaceBench workspaces = new WorkspaceBench(pyro, 1);
        String id = workspaces.createId();
        try (FacadeProcess facade = new FacadeProcess(pyro, FacadeShells.class, id)) {
            for (int i = 0; i < WARM_UP; i++) {
                facade.run();
            }
            double[] calls = new double[EXCHANGES];
            double[] raw = new double[EXCHANGES];
            for (int i = 0; i < EXCHANGES; i++) {
                double[] seconds = facade.run();
                calls[i] = seconds[0] * 1000;
                raw[i] = seconds[1] * 1000;
            }
            return List.of(
                    Row.of("shell-echo", "writeShell, then readShell until the echo has come", calls, "%.1f ms", ""),
                    Row.of("shell-echo", "the same over open connections to the agent", raw, "%.1f ms", ""),
                    new Row(
                            "shell-echo",
                            "outside the guest: the first less the second",
                            String.format(Locale.ROOT, "%.1f ms", Row.median(calls) - Row.median(raw)),
                            "",
                            "≤ 30 ms"));
        } finally {
            workspaces.delete(id);
        }
    }
}
