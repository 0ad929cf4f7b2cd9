package dev.pyro.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** What workspaces cost; whole processes, as in {@link WholeProcessBench}. */
final class WorkspaceBench {
    private static final String ENVIRONMENT = "debian:12";
    private static final int FILES = 10_000;
    private static final int FEW_FILES = 100;
    private static final int FILE_BYTES = 25_000;
    private static final long MIB = 1 << 20;
    private static final long LARGE = 1 << 30;
    private static final int MOST_RUNS = 7;

    private final Path pyro;
    private final int runs;

    WorkspaceBench(Path pyro, int runs) {
        this.pyro = pyro;
        this.runs = Math.min(runs, MOST_RUNS);
    }

    List<Row> create() {
        Path folder = scratch();
        try {
            Path seed = seed(folder, FILES);
            run("run", ENVIRONMENT, "--", "true");
            double[] seeded = new double[runs];
            double[] plain = new double[runs];
            double[] image = new double[runs];
            double[] sum = new double[runs];
            for (int i = 0; i < runs; i++) {
                seeded[i] = timedCreate("--seed-path", seed.toString());
                image[i] = mke2fs(folder, seed);
                plain[i] = timedCreate();
                sum[i] = image[i] + plain[i];
            }
            return List.of(
                    Row.seconds("create", "with a seed of 10,000 files, 250 MB", seeded, ""),
                    Row.seconds("create", "mke2fs -d on the same tree", image, ""),
                    Row.seconds("create", "without a seed", plain, ""),
                    Row.ratio("create", "ratio of the first to the sum of the others", seeded, sum, "≤ 1.6"));
        } finally {
            delete(folder);
        }
    }

    List<Row> states() {
        String small = createId();
        String large = createId();
        try {
            fill(small, MIB);
            fill(large, LARGE);
            double[] smallSnapshot = new double[runs];
            double[] largeSnapshot = new double[runs];
            double[] smallReset = new double[runs];
            double[] largeReset = new double[runs];
            double[] running = new double[runs];
            for (int i = 0; i < runs; i++) {
                smallSnapshot[i] =
                        run("workspace", "snapshot", "create", small, "s" + i).seconds();
                largeSnapshot[i] =
                        run("workspace", "snapshot", "create", large, "s" + i).seconds();
                smallReset[i] =
                        run("workspace", "reset", small, "--snapshot", "s" + i).seconds();
                largeReset[i] =
                        run("workspace", "reset", large, "--snapshot", "s" + i).seconds();
                running[i] = run("run", ENVIRONMENT, "--", "true").seconds();
            }
            return List.of(
                    Row.seconds("states", "snapshot create, 1 MB", smallSnapshot, ""),
                    Row.seconds("states", "snapshot create, 1 GB", largeSnapshot, ""),
                    Row.ratio("states", "ratio", largeSnapshot, smallSnapshot, "≤ 1.3"),
                    Row.seconds("states", "reset, 1 MB", smallReset, ""),
                    Row.seconds("states", "reset, 1 GB", largeReset, ""),
                    Row.ratio("states", "ratio", largeReset, smallReset, "≤ 1.3"),
                    Row.seconds("states", "run -- true", running, ""),
                    Row.ratio("states", "ratio of reset, 1 MB, to run -- true", smallReset, running, "≤ 1.5"));
        } finally {
            run("workspace", "delete", small);
            run("workspace", "delete", large);
        }
    }

    List<Row> diff() {
        Path folder = scratch();
        List<String> ids = new ArrayList<>();
        try {
            double[] few = new double[runs];
            double[] many = new double[runs];
            String small = createId(
                    "--seed-path", seed(folder.resolve("few"), FEW_FILES).toString());
            ids.add(small);
            String large =
                    createId("--seed-path", seed(folder.resolve("many"), FILES).toString());
            ids.add(large);
            for (String id : ids) {
                run(
                        "workspace",
                        "exec",
                        id,
                        "--",
                        "sh",
                        "-c",
                        "for i in 0 1 2 3 4 5 6 7 8 9; do echo changed >> d0/f$i; done");
            }
            for (int i = 0; i < runs; i++) {
                few[i] = run("workspace", "diff", small).seconds();
                many[i] = run("workspace", "diff", large).seconds();
            }
            return List.of(
                    Row.seconds("diff", "10 of 100 files changed", few, ""),
                    Row.seconds("diff", "10 of 10,000 files changed", many, ""),
                    Row.ratio("diff", "ratio", many, few, "≤ 3 under KVM"));
        } finally {
            ids.forEach(id -> run("workspace", "delete", id));
            delete(folder);
        }
    }

    List<Row> exec() {
        String id = createId();
        try {
            run("workspace", "exec", id, "--", "true");
            double[] whole = new double[runs];
            double[] outside = new double[runs];
            for (int i = 0; i < runs; i++) {
                Launch.Outcome outcome = run("workspace", "exec", id, "--json", "--", "true");
                whole[i] = outcome.seconds();
                outside[i] = outcome.seconds() - WholeProcessBench.durationMs(outcome.output()) / 1000;
            }
            return List.of(
                    Row.seconds("exec", "workspace exec --json -- true, whole process", whole, ""),
                    Row.seconds("exec", "the same less the command's duration_ms", outside, "≤ 0.25 s"));
        } finally {
            run("workspace", "delete", id);
        }
    }

    void delete(String id) {
        run("workspace", "delete", id);
    }

    private void fill(String id, long bytes) {
        run(
                "workspace",
                "exec",
                id,
                "--timeout-seconds",
                "600",
                "--",
                "sh",
                "-c",
                "head -c " + bytes + " /dev/urandom > data && sync");
    }

    private double timedCreate(String... more) {
        Launch.Outcome outcome = launchCreate(more);
        run("workspace", "delete", idOf(outcome));
        return outcome.seconds();
    }

    String createId(String... more) {
        return idOf(launchCreate(more));
    }

    private Launch.Outcome launchCreate(String... more) {
        List<String> command =
                new ArrayList<>(List.of("workspace", "create", ENVIRONMENT, "--ttl-seconds", "7200", "--json"));
        command.addAll(List.of(more));
        return run(command.toArray(String[]::new));
    }

    private static String idOf(Launch.Outcome outcome) {
        Matcher matcher =
                Pattern.compile("\"workspace_id\": *\"(ws-[0-9a-f]+)\"").matcher(outcome.output());
        if (!matcher.find()) {
            throw new IllegalStateException("no workspace_id in: " + outcome.output());
        }
        return matcher.group(1);
    }

    private Launch.Outcome run(String... command) {
        return Launch.start(pyro, Map.of(), List.of(command)).finish();
    }

    private static double mke2fs(Path folder, Path seed) {
        Path image = folder.resolve("image");
        try {
            long start = System.nanoTime();
            int exit = new ProcessBuilder("mke2fs", "-q", "-t", "ext4", "-d", seed.toString(), image.toString(), "16G")
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start()
                    .waitFor();
            double seconds = (System.nanoTime() - start) / 1e9;
            if (exit != 0) {
                throw new IllegalStateException("mke2fs ended with " + exit);
            }
            Files.delete(image);
            return seconds;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    /** Files of 25 kB in folders of a hundred. */
    private static Path seed(Path folder, int files) {
        Random random = new Random(1);
        byte[] content = new byte[FILE_BYTES];
        try {
            Path seed = Files.createDirectories(folder.resolve("seed"));
            for (int i = 0; i < files; i++) {
                for (int b = 0; b < content.length; b++) {
                    content[b] = (byte) (b % 64 == 63 ? '\n' : 'a' + random.nextInt(26));
                }
                Path parent = Files.createDirectories(seed.resolve("d" + i / 100));
                Files.write(parent.resolve("f" + i), content);
            }
            return seed;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Path scratch() {
        try {
            return Files.createTempDirectory(Path.of("/var/tmp"), "pyro-bench-");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static void delete(Path folder) {
        try (Stream<Path> paths = Files.walk(folder)) {
            for (Path path : paths.sorted(java.util.Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
