package dev.pyro.environment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import dev.pyro.Main;
import dev.pyro.model.Environment;
import dev.pyro.model.ImageSettings;
import dev.pyro.model.Progress;
import dev.pyro.model.PrunedEnvironments;
import dev.pyro.os.Host;
import dev.pyro.os.HostCommand;
import dev.pyro.os.HostTools;
import dev.pyro.store.PyroPaths;
import dev.pyro.tar.Tar;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Images out of a real registry, unpacked for real, in this process and in processes that are killed. */
class EnvironmentImageIT {
    private static final Duration BOUND = Duration.ofMinutes(2);
    private static final int BASE_BYTES = 3 << 20;
    private static final int KILLS = 6;
    private static final List<String> PHASES = List.of("resolve", "unpack", "image");
    private static final int MAX_DELAY_MILLIS = 500;
    private static final String CONFIG = "{\"Env\":[\"PATH=/bin\"],\"User\":\"app\",\"WorkingDir\":\"/srv\"}";

    /** For so many files and folders there is room in the cache, one pull after the other. */
    private static final List<Integer> ROOMS = List.of(3, 9, 20, 60, 150);

    /**
     * Pulls into a cache with ever more room, which is mounted for this alone, and says what failed pulls have left of environments. Then takes
     * the room away again, and cleans up.
     */
    private static final String FILL = """
            cache=$1 rooms=$2 pull=$3 prune=$4
            shift 4
            mount -t tmpfs -o size=256m,nr_inodes=2 tmpfs "$cache"
            for room in $rooms; do
                mount -o "remount,nr_inodes=$room" "$cache"
                ! "$@" $pull || exit
                find "$cache/environments" "$cache/staging" -mindepth 1 -type f 2>/dev/null | sed s/^/left=/
            done
            mount -o remount,nr_inodes=10000 "$cache"
            "$@" $pull
            mount -o "remount,nr_inodes=$(df --output=iused "$cache" | tail -n 1 | tr -d " ")" "$cache"
            ! touch "$cache/one-more" || exit
            "$@" $prune --dry-run | sed s/^/would:/
            exec "$@" $prune
            """;

    private static final byte[] BASE = new Tar()
            .directory("etc")
            .file("etc/passwd", "root:x:0:0::/root:/bin/sh\napp:x:1000:100::/srv:/bin/sh\n")
            .file("etc/os-release", "ID=tiny\nVERSION_ID=\"1\"\n")
            .entry("tool", '0', 04755, 12, 34, 4, "")
            .bytes("tool")
            .header("noise", '0', BASE_BYTES, "")
            .bytes(noise())
            .end();
    private static final byte[] ONE =
            new Tar().file("one", "1").file(".wh.noise", "").end();
    private static final byte[] TWO = new Tar().file("two", "2").end();

    @TempDir
    private static Path shared;

    private static TestRegistry registry;

    @TempDir
    private Path folder;

    @BeforeAll
    static void start() throws IOException {
        registry = TestRegistry.start(shared.resolve("registry"));
        registry.push("team/one:1", CONFIG, BASE, ONE);
        registry.push("team/two:1", CONFIG, BASE, TWO);
    }

    @AfterAll
    static void stop() {
        if (registry != null) {
            registry.close();
        }
    }

    @Test
    void sharedLayersAreFetchedOnceAndGoWithTheLastImage() throws IOException {
        EnvironmentStore store = store();
        String reference = registry.reference("team/one:1");
        registry.registry().forgetAccesses();
        InstalledEnvironment one = store.pull(reference, Progress.Listener.NONE);
        assertThat(registry.served(List.of(BASE, ONE, TWO))).containsExactly(1, 1, 0);
        assertThat(debugfs(one, "stat /tool")).contains("Mode:  04755", "User:    12   Group:    34");
        assertThat(debugfs(one, "cat /one")).contains("1");
        assertThat(debugfs(one, "stat /noise")).contains("File not found");
        ImageSettings settings = Objects.requireNonNull(one.image()).settings();
        assertThat(settings.workingDir()).isEqualTo("/srv");
        assertThat(settings.uid()).isEqualTo(1000);
        assertThat(settings.gid()).isEqualTo(100);
        Environment shown = store.descriptions().of(reference, null);
        assertThat(shown.distribution()).isEqualTo("tiny");
        assertThat(shown.distributionVersion()).isEqualTo("1");

        assertThat(store.pull(reference, Progress.Listener.NONE).digest()).isEqualTo(one.digest());
        InstalledEnvironment two = store.pull(registry.reference("team/two:1"), Progress.Listener.NONE);
        assertThat(registry.served(List.of(BASE, ONE, TWO)))
                .as("only what is new")
                .containsExactly(1, 1, 1);

        Files.delete(namesOf(one));
        blobsAreOld();
        PrunedEnvironments pruned = store.prune(false, false, digest -> false);
        assertThat(pruned.environmentDirs()).containsExactly(one.directory());
        assertThat(pruned.layers()).as("its own layer and its configuration").isEqualTo(2);
        assertThat(store.find(two.name())).contains(two);
        assertThat(store.prune(true, false, digest -> false).layers()).isEqualTo(3);
        assertThat(folder.resolve("cache/oci/blobs")).isEmptyDirectory();
        assertThat(folder.resolve("cache/staging")).isEmptyDirectory();
    }

    @Test
    void anImageThatIsMadeOfAnotherOneSaysWhatThatSays() throws IOException {
        String others = "\"ExposedPorts\":{\"80/tcp\":{}},\"StopSignal\":\"SIGQUIT\",\"Volumes\":{\"/data\":{}}";
        registry.push(
                "team/ports:1",
                "{\"Cmd\":[\"serve\"],\"Entrypoint\":[\"/tool\"],\"Labels\":{\"k\":\"v\"}," + others + "}",
                BASE);
        EnvironmentStore store = store();
        InstalledEnvironment installed = store.pull(registry.reference("team/ports:1"), Progress.Listener.NONE);

        EnvironmentExporter.Exported exported = store.exporter().export(installed, Progress.Listener.NONE);

        assertThat(Files.readString(exported.config()))
                .contains("\"Cmd\":[\"serve\"]", "\"Entrypoint\":[\"/tool\"]", "\"k\":\"v\"")
                .contains(others.split(",(?=\"StopSignal)|,(?=\"Volumes)"));
        ImageRecord record = ImageRecord.read(new EnvironmentLayout(new PyroPaths(folder.resolve("cache"), folder))
                .imageRecord(exported.image().manifest().digest()));
        assertThat(record.others().members()).containsOnlyKeys("ExposedPorts", "StopSignal", "Volumes");
        assertThat(ImageRecord.find(folder.resolve("nothing"))).isEmpty();
        Path old = Files.writeString(
                folder.resolve("old"), record.toJson().replaceFirst("(?s)\"other_config\": \\{.*?\\n  },", ""));
        assertThat(ImageRecord.read(old).others().members())
                .as("what an older Pyro wrote")
                .isEmpty();
    }

    @Test
    void twoProcessesAtOnceFetchAndUnpackOnce() throws Exception {
        registry.registry().forgetAccesses();
        Process first = pull("team/two:1", folder.resolve("log1"));
        Process second = pull("team/two:1", folder.resolve("log2"));
        String digest = finish(first, folder.resolve("log1"));
        assertThat(finish(second, folder.resolve("log2"))).isEqualTo(digest);
        assertThat(registry.served(List.of(BASE, TWO))).containsExactly(1, 1);
        String logs = Files.readString(folder.resolve("log1")) + Files.readString(folder.resolve("log2"));
        assertThat(logs.lines().filter(line -> line.equals("phase=unpack")).count())
                .isEqualTo(1);
        assertThat(folder.resolve("cache/staging")).isEmptyDirectory();
    }

    @Test
    void aPullThatIsKilledLeavesNothingHalf() throws Exception {
        Path log = folder.resolve("log");
        String digest = finish(pull("team/one:1", log), log);
        EnvironmentStore store = store();
        store.prune(true, false, _ -> false);

        Random random = new Random();
        int unfinished = 0;
        for (int kill = 0; kill < KILLS; kill++) {
            String phase = PHASES.get(kill % PHASES.size());
            Process process = pull("team/one:1", log);
            await().atMost(BOUND).until(() -> !process.isAlive() || reached(log, phase));
            process.waitFor(Duration.ofMillis(random.nextInt(MAX_DELAY_MILLIS)));
            process.destroyForcibly();
            assertThat(process.waitFor(BOUND)).isTrue();
            List<Environment> all = store.descriptions().all(null);
            boolean installed = all.size() > Catalogue.builtIn().entries().size();
            if (installed) {
                assertThat(store.find(registry.reference("team/one:1"))
                                .orElseThrow()
                                .digest())
                        .as("what is there is whole")
                        .isEqualTo(digest);
                store.prune(true, false, _ -> false);
            } else {
                assertThat(Files.readString(log)).doesNotContain("digest=", "failed=");
                unfinished++;
            }
        }
        assertThat(unfinished).as("kills that came before the end").isPositive();
        await().atMost(BOUND)
                .untilAsserted(() ->
                        assertThat(run("ps", "-eo", "args").output()).doesNotContain(folder.toString() + "/cache"));

        assertThat(finish(pull("team/one:1", log), log)).isEqualTo(digest);
        assertThat(folder.resolve("cache/staging")).isEmptyDirectory();
        assertThat(partsAndTemporaries()).isEmpty();
        InstalledEnvironment installed =
                store.find(registry.reference("team/one:1")).orElseThrow();
        assertThat(run("e2fsck", "-f", "-n", installed.rootfsImage().toString()).exitCode())
                .isZero();
    }

    /** A disk of which nothing is left is made by one that has room for so many files and folders only. */
    @Test
    void aFullDiskIsToldWhereverItIsMetAndTheNextPullGoesOn() throws IOException {
        assumeThat(Host.isRoot()).as("only root mounts").isTrue();
        Tar files = new Tar();
        for (int file = 0; file < 2 * ROOMS.getLast(); file++) {
            files.file("file" + file, "x");
        }
        registry.push("team/many:1", CONFIG, BASE, files.end());
        registry.registry().forgetAccesses();
        List<String> command = new ArrayList<>(List.of(
                "--mount",
                "sh",
                "-euc",
                FILL,
                "sh",
                Files.createDirectory(folder.resolve("cache")).toString(),
                ROOMS.stream().map(String::valueOf).collect(Collectors.joining(" ")),
                PullMain.class.getName() + " " + registry.reference("team/many:1"),
                Main.class.getName() + " env prune --all --json"));
        command.addAll(java());
        String output = run("unshare", command.toArray(String[]::new)).output();

        List<String> failures =
                output.lines().filter(line -> line.startsWith("failed=")).toList();
        assertThat(failures)
                .as(output)
                .hasSize(ROOMS.size())
                .allSatisfy(failure -> assertThat(failure)
                        .startsWith("failed=DISK_FULL ")
                        .contains("the disk is full; free some room", "try again"));
        assertThat(failures.getLast()).contains("cannot unpack the image");
        assertThat(output.lines().filter(line -> line.startsWith("left=")))
                .as(output)
                .isEmpty();
        assertThat(output).contains("digest=sha256:");
        assertThat(registry.served(List.of(BASE))).as("fetched once").containsExactly(1);
        assertThat(output)
                .as("nothing of it is done yet")
                .contains("would:  \"count\": 1", "would:  \"deleted_blobs\": 3", "would:  \"dry_run\": true");
        assertThat(output.lines().filter(line -> !line.startsWith("would:")).collect(Collectors.joining("\n")))
                .as("a clean-up needs no room")
                .contains("\"count\": 1", "\"deleted_blobs\": 3");
    }

    @Test
    void aLayerThatWasDamagedInTheCacheIsFetchedAgain() throws IOException {
        EnvironmentStore store = store();
        InstalledEnvironment installed = store.pull(registry.reference("team/one:1"), Progress.Listener.NONE);
        Files.delete(namesOf(installed));
        PrunedEnvironments pruned = store.prune(false, false, digest -> false);
        assertThat(pruned.environmentDirs()).containsExactly(installed.directory());
        assertThat(pruned.layers()).as("they are new").isZero();
        Path layer = folder.resolve("cache/oci/blobs")
                .resolve(TestRegistry.digest(Tar.gzip(BASE)).substring("sha256:".length()));
        byte[] bytes = Files.readAllBytes(layer);
        bytes[bytes.length / 2] ^= 1;
        Files.write(layer, bytes);

        registry.registry().forgetAccesses();
        assertThat(store.pull(installed.name(), Progress.Listener.NONE).digest())
                .isEqualTo(installed.digest());
        assertThat(registry.served(List.of(BASE, ONE))).containsExactly(1, 0);
    }

    private static boolean reached(Path log, String phase) throws IOException {
        return Files.readString(log).contains("phase=" + phase);
    }

    private static String noise() {
        byte[] bytes = new byte[BASE_BYTES];
        new Random(2).nextBytes(bytes);
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    private EnvironmentStore store() {
        return EnvironmentStore.local(
                new PyroPaths(folder.resolve("cache"), folder.resolve("state")), new HostTools(), Map.of());
    }

    private Process pull(String name, Path log) throws IOException {
        return new ProcessBuilder(commandLine(name))
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
    }

    private List<String> commandLine(String name) {
        List<String> command = new ArrayList<>(java());
        command.addAll(List.of(PullMain.class.getName(), registry.reference(name)));
        return command;
    }

    private List<String> java() {
        return List.of(
                "env",
                "PYRO_CACHE_DIR=" + folder.resolve("cache"),
                "PYRO_STATE_DIR=" + folder.resolve("state"),
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-Xshare:auto",
                "-Xmx128m",
                "-cp",
                System.getProperty("java.class.path"));
    }

    private static String finish(Process process, Path log) throws Exception {
        try {
            assertThat(process.waitFor(BOUND)).as("ends in time").isTrue();
        } finally {
            process.destroyForcibly();
        }
        String output = Files.readString(log);
        assertThat(process.exitValue()).as(output).isZero();
        return output.lines()
                .filter(line -> line.startsWith("digest="))
                .findFirst()
                .orElseThrow()
                .substring("digest=".length());
    }

    private Path namesOf(InstalledEnvironment installed) throws IOException {
        for (Path file : list(folder.resolve("cache/environments/names"))) {
            if (Files.readString(file).contains(installed.name())) {
                return file;
            }
        }
        throw new AssertionError("no name for " + installed);
    }

    private void blobsAreOld() throws IOException {
        for (Path file : list(folder.resolve("cache/oci/blobs"))) {
            Files.setLastModifiedTime(file, FileTime.from(Instant.now().minus(Duration.ofHours(2))));
        }
    }

    private List<Path> partsAndTemporaries() throws IOException {
        List<Path> all = new ArrayList<>(list(folder.resolve("cache/oci/blobs")));
        all.removeIf(file -> file.getFileName().toString().matches("[0-9a-f]{64}"));
        return all;
    }

    private static List<Path> list(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.toList();
        }
    }

    private static String debugfs(InstalledEnvironment installed, String request) {
        return run("debugfs", "-R", request, installed.rootfsImage().toString()).output();
    }

    private static HostCommand.Result run(String program, String... arguments) {
        List<String> command = new ArrayList<>();
        command.add(Host.findProgram(program).orElseThrow().toString());
        command.addAll(List.of(arguments));
        return HostCommand.of(BOUND, command).run();
    }
}
