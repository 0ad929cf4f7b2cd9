package dev.pyro.bench;

import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Starts {@code pyro} as a user does and prints medians and ratios as a Markdown table. What is compared runs in turns, so that
 * a busy moment of the host meets both sides.
 *
 * <p>Arguments: the path of the launcher, then the names of benchmarks, none for all; {@code --list}; {@code --runs N}.
 */
public final class WholeProcessBench {
    private static final String ENVIRONMENT = "debian:12";
    private static final int DEFAULT_RUNS = 10;
    private static final long OUTPUT_BYTES = 1L << 30;
    private static final double MIB = 1 << 20;
    private static final List<String> RUN_TRUE = List.of("run", ENVIRONMENT, "--", "true");

    /** One thing to start. */
    private record Variant(String name, Map<String, String> variables, List<String> arguments) {}

    /** What can be measured, each alone. */
    private enum Benchmark {
        VERSION("pyro --version, with and without class archives"),
        START("pyro run -- true, from the template and cold"),
        OUTSIDE("pyro run -- true, less what the guest says the command took"),
        NAMESPACE("pyro run -- true in namespaces"),
        OUTPUT("1 GiB from the guest's standard output"),
        MEMORY("what a clone costs after true"),
        CREATE("workspace create with 10,000 files, against mke2fs -d and a create without a seed"),
        STATES("snapshot create and reset of 1 GB, against 1 MB, and against pyro run -- true"),
        DIFF("diff after changing 10 of 10,000 files, against 10 of 100"),
        EXEC("workspace exec -- true, less what the guest says the command took"),
        IMAGE_PULL("env pull of a 234 MB image from loopback, against skopeo, umoci and mke2fs"),
        PORTS("a published port: 256 MiB from the guest, and 200 clients at once"),
        SHELL_ECHO("a word typed into a shell until its echo is read, less the same over open connections"),
        MCP_INITIALIZE("mcp serve: from the start to the answer to initialize"),
        MCP_TOOLS_LIST("mcp serve: the first tools/list of workspace-full"),
        MCP_FILE_READ("mcp serve: a workspace_file_read, against the same call of the facade"),
        MCP_MEMORY("mcp serve: resident memory with 50 workspaces known");

        private final String description;

        Benchmark(String description) {
            this.description = description;
        }

        String label() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }

        static Optional<Benchmark> of(String label) {
            return Stream.of(values())
                    .filter(benchmark -> benchmark.label().equals(label))
                    .findFirst();
        }
    }

    private final Path pyro;
    private final int runs;
    private final WorkspaceBench workspaces;
    private final McpBench mcp;

    private WholeProcessBench(Path pyro, int runs) {
        this.pyro = pyro;
        this.runs = runs;
        this.workspaces = new WorkspaceBench(pyro, runs);
        this.mcp = new McpBench(pyro, runs);
    }

    /** Runs the benchmarks; exits with 1 when one of them could not be run, with 2 when an argument is wrong. */
    public static void main(String[] arguments) {
        Path pyro = Path.of(arguments[0]).toAbsolutePath();
        Set<Benchmark> chosen = EnumSet.noneOf(Benchmark.class);
        int runs = DEFAULT_RUNS;
        for (int i = 1; i < arguments.length; i++) {
            switch (arguments[i]) {
                case "--list" -> {
                    for (Benchmark benchmark : Benchmark.values()) {
                        System.out.printf(Locale.ROOT, "%-14s %s%n", benchmark.label(), benchmark.description);
                    }
                    return;
                }
                case "--runs" -> {
                    i++;
                    if (i == arguments.length || !arguments[i].matches("[1-9]\\d{0,3}")) {
                        usageError("--runs takes a number from 1 to 9999");
                    }
                    runs = Integer.parseInt(arguments[i]);
                }
                default -> {
                    Optional<Benchmark> named = Benchmark.of(arguments[i]);
                    if (named.isEmpty()) {
                        usageError("there is no benchmark " + arguments[i] + "; see --list");
                    }
                    named.ifPresent(chosen::add);
                }
            }
        }
        new WholeProcessBench(pyro, runs).run(chosen.isEmpty() ? EnumSet.allOf(Benchmark.class) : chosen);
    }

    private static void usageError(String message) {
        System.err.println("[error] " + message);
        System.exit(2);
    }

    private void run(Set<Benchmark> benchmarks) {
        System.out.printf(
                "%d processors, Java %s, accelerator %s%n%n",
                Runtime.getRuntime().availableProcessors(), Runtime.version(), accelerator());
        System.out.println("| benchmark | measured | median | range | wanted |");
        System.out.println("| --- | --- | --- | --- | --- |");
        boolean failed = false;
        for (Benchmark benchmark : benchmarks) {
            System.err.println("[bench] " + benchmark.label() + ": " + benchmark.description);
            List<Row> rows;
            try {
                rows = measure(benchmark);
            } catch (RuntimeException e) {
                failed = true;
                rows = List.of(new Row(benchmark.label(), "failed: " + e.getMessage(), "", "", ""));
            }
            for (Row row : rows) {
                System.out.printf(
                        "| %s | %s | %s | %s | %s |%n",
                        row.benchmark(), row.measured(), row.result(), row.range(), row.wanted());
            }
        }
        System.exit(failed ? 1 : 0);
    }

    private List<Row> measure(Benchmark benchmark) {
        return switch (benchmark) {
            case VERSION -> version();
            case START -> start();
            case OUTSIDE -> outside();
            case NAMESPACE -> namespace();
            case OUTPUT -> output();
            case MEMORY -> memory();
            case CREATE -> workspaces.create();
            case STATES -> workspaces.states();
            case DIFF -> workspaces.diff();
            case EXEC -> workspaces.exec();
            case IMAGE_PULL -> new ImagePullBench(pyro, runs).pull();
            case PORTS -> new PortBench(pyro, runs).ports();
            case SHELL_ECHO -> new ShellBench(pyro).echo();
            case MCP_INITIALIZE -> mcp.initialize();
            case MCP_TOOLS_LIST -> mcp.toolsList();
            case MCP_FILE_READ -> mcp.fileRead();
            case MCP_MEMORY -> mcp.memory();
        };
    }

    private List<Row> version() {
        Variant plain = new Variant(
                "without any class archive", Map.of("PYRO_JAVA_OPTS", "-XX:AOTMode=off"), List.of("--version"));
        return compare("version", new Variant("pyro --version", Map.of(), List.of("--version")), "≤ 0.2 s", plain, "");
    }

    private List<Row> start() {
        return compare(
                "start",
                new Variant("run -- true, template", Map.of(), RUN_TRUE),
                "",
                new Variant("run -- true, cold", Map.of("PYRO_START", "cold"), RUN_TRUE),
                "≥ 5");
    }

    private List<Row> namespace() {
        Variant variant = new Variant(
                "run -- true",
                Map.of("PYRO_BACKEND", "namespace"),
                List.of("run", "--allow-host-compat", ENVIRONMENT, "--", "true"));
        launch(variant);
        return List.of(Row.seconds("namespace", variant.name(), repeat(variant), "≤ 0.4 s"));
    }

    private List<Row> outside() {
        Variant variant = new Variant("", Map.of(), List.of("run", "--json", ENVIRONMENT, "--", "true"));
        launch(variant);
        double[] whole = new double[runs];
        double[] outside = new double[runs];
        for (int i = 0; i < runs; i++) {
            Launch.Outcome outcome = launch(variant);
            whole[i] = outcome.seconds();
            outside[i] = outcome.seconds() - durationMs(outcome.output()) / 1000;
        }
        return List.of(
                Row.seconds("outside", "run --json -- true, whole process", whole, ""),
                Row.seconds("outside", "the same less the command's duration_ms", outside, "≤ 0.45 s"));
    }

    private List<Row> output() {
        Variant variant = new Variant(
                "1 GiB, heap of 64 MiB",
                Map.of("PYRO_JAVA_OPTS", "-Xmx64m"),
                List.of(
                        "run",
                        "--timeout-seconds",
                        "300",
                        ENVIRONMENT,
                        "--",
                        "head",
                        "-c",
                        Long.toString(OUTPUT_BYTES),
                        "/dev/zero"));
        double start = Row.median(repeat(new Variant("", Map.of(), RUN_TRUE), Math.min(runs, 3)));
        int times = Math.min(runs, 3);
        double[] rates = new double[times];
        double[] peaks = new double[times];
        for (int i = 0; i < times; i++) {
            Launch.Outcome outcome = launch(variant);
            if (outcome.outputBytes() != OUTPUT_BYTES) {
                throw new IllegalStateException(outcome.outputBytes() + " bytes came");
            }
            rates[i] = OUTPUT_BYTES / 1e6 / (outcome.seconds() - start);
            peaks[i] = outcome.peakRssBytes() / MIB;
        }
        return List.of(
                Row.of("output", variant.name() + ", less the time of true", rates, "%.0f MB/s", "≥ 30 MB/s"),
                Row.of("output", "peak resident memory of the host's process", peaks, "%.0f MiB", ""));
    }

    /**
     * What one more clone costs: another one runs beside it, so that pages of the template and of programs, which all clones share,
     * count for none of them.
     */
    private List<Row> memory() {
        int times = Math.min(runs, 5);
        double[] clone = new double[times];
        double[] jvm = new double[times];
        Launch beside = startMemoryGuest("sleep 600");
        try {
            for (int i = 0; i < times; i++) {
                Launch launch = startMemoryGuest("sleep 2");
                List<Long> machine = Launch.processesOf(launch.reported("vm_id"));
                clone[i] =
                        machine.stream().mapToLong(ProcessMemory::privateBytes).sum() / MIB;
                jvm[i] = ProcessMemory.rss(launch.pid()) / MIB;
                launch.finish();
                if (clone[i] == 0) {
                    throw new IllegalStateException("no process of the machine was found");
                }
            }
        } finally {
            beside.stop();
        }
        return List.of(
                Row.of("memory", "private memory of one more clone after true", clone, "%.0f MiB", "< 80 MiB"),
                Row.of("memory", "resident memory of pyro itself", jvm, "%.0f MiB", ""));
    }

    private Launch startMemoryGuest(String then) {
        Launch launch = Launch.start(
                pyro, Map.of(), List.of("run", ENVIRONMENT, "--", "sh", "-c", "true; echo ready; " + then));
        launch.awaitLine("ready");
        return launch;
    }

    /** Runs two variants in turns and adds the ratio of their medians. */
    private List<Row> compare(String benchmark, Variant first, String wanted, Variant second, String wantedRatio) {
        launch(first);
        launch(second);
        double[] firsts = new double[runs];
        double[] seconds = new double[runs];
        for (int i = 0; i < runs; i++) {
            firsts[i] = launch(first).seconds();
            seconds[i] = launch(second).seconds();
        }
        String ratio = String.format(Locale.ROOT, "%.1f", Row.median(seconds) / Row.median(firsts));
        return List.of(
                Row.seconds(benchmark, first.name(), firsts, wanted),
                Row.seconds(benchmark, second.name(), seconds, ""),
                new Row(benchmark, "ratio", ratio, "", wantedRatio));
    }

    private double[] repeat(Variant variant) {
        return repeat(variant, runs);
    }

    private double[] repeat(Variant variant, int times) {
        double[] seconds = new double[times];
        for (int i = 0; i < times; i++) {
            seconds[i] = launch(variant).seconds();
        }
        return seconds;
    }

    private Launch.Outcome launch(Variant variant) {
        return Launch.start(pyro, variant.variables(), variant.arguments()).finish();
    }

    private String accelerator() {
        try {
            Matcher matcher = Pattern.compile("\"accelerator\": *\"(\\w+)\"")
                    .matcher(Launch.start(pyro, Map.of(), List.of("doctor", "--json"))
                            .finish()
                            .output());
            return matcher.find() ? matcher.group(1) : "unknown";
        } catch (IllegalStateException e) {
            return "unknown";
        }
    }

    static double durationMs(String json) {
        Matcher matcher = Pattern.compile("\"duration_ms\": *([0-9.]+)").matcher(json);
        if (!matcher.find()) {
            throw new IllegalStateException("no duration_ms in: " + json);
        }
        return Double.parseDouble(matcher.group(1));
    }
}
