package dev.pyro.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pyro.json.Json;
import dev.pyro.json.JsonReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.awaitility.Awaitility;

/**
 * The launcher {@code ./pyro} as a user calls it, with a cache that all tests of a build share and a state folder of its own.
 *
 * <p>The cache lies where every user may pass, because root's QEMU runs as an unprivileged user.
 */
public class PyroLauncher {
    public static final Path PROJECT = Path.of("").toAbsolutePath();
    private static final Duration BOUND = Duration.ofMinutes(8);
    private static final Duration MACHINES_END = Duration.ofSeconds(30);
    private static final Path LAUNCHER = PROJECT.resolve("pyro");

    private final Map<String, String> environment = new HashMap<>();
    private final Path state;

    public PyroLauncher(Path state) {
        this.state = state;
        environment.put("PYRO_CACHE_DIR", sharedCache().toString());
        environment.put("PYRO_STATE_DIR", state.toString());
    }

    /** What a finished process left. */
    public record Outcome(int exitCode, ByteArrayOutputStream out, String stderr) {
        byte[] stdoutBytes() {
            return out.toByteArray();
        }

        public String stdout() {
            return out.toString(StandardCharsets.UTF_8);
        }
    }

    /** A process that runs. */
    public record Running(Process process, ByteArrayOutputStream out, ByteArrayOutputStream err, List<Thread> readers) {
        Outcome await() {
            return await(BOUND);
        }

        public Outcome await(Duration bound) {
            try {
                assertThat(process.waitFor(bound.toSeconds(), TimeUnit.SECONDS))
                        .as(() -> "the end of the process; its stderr so far: " + err)
                        .isTrue();
                for (Thread reader : readers) {
                    assertThat(reader.join(Duration.ofSeconds(20)))
                            .as("the end of the process's output: something that it started still has it open")
                            .isTrue();
                }
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            } finally {
                process.destroyForcibly();
            }
            return new Outcome(process.exitValue(), out, err.toString(StandardCharsets.UTF_8));
        }

        /** Sends a signal by name. */
        void signal(String name) throws IOException, InterruptedException {
            assertThat(new ProcessBuilder("kill", "-" + name, Long.toString(process.pid()))
                            .inheritIO()
                            .start()
                            .waitFor())
                    .isZero();
        }
    }

    public PyroLauncher with(String variable, String value) {
        environment.put(variable, value);
        return this;
    }

    /** The variables that tell a program of this launcher's folders. */
    public Map<String, String> environment() {
        return Map.copyOf(environment);
    }

    public Path state() {
        return state;
    }

    /** Runs a command that must succeed, and returns its standard output. */
    public String ok(String... arguments) {
        Outcome outcome = run(arguments);
        assertThat(outcome.exitCode())
                .as(() -> String.join(" ", arguments) + ": " + outcome.stdout() + outcome.stderr())
                .isZero();
        return outcome.stdout();
    }

    /** Runs a command with {@code --json} that must succeed. */
    public JsonReader json(String... arguments) {
        List<String> all = new ArrayList<>(List.of(arguments));
        int separator = all.indexOf("--");
        all.add(separator < 0 ? all.size() : separator, "--json");
        return Json.parseObject(ok(all.toArray(String[]::new)));
    }

    /** Runs a command with {@code --json} that must fail with a stable code, and returns its message. */
    String fails(String code, String... arguments) {
        List<String> all = new ArrayList<>(List.of(arguments));
        int separator = all.indexOf("--");
        all.add(separator < 0 ? all.size() : separator, "--json");
        Outcome outcome = run(all.toArray(String[]::new));
        assertThat(outcome.exitCode())
                .as(() -> outcome.stdout() + outcome.stderr())
                .isEqualTo(1);
        JsonReader json = Json.parseObject(outcome.stdout());
        assertThat(json.string("code")).as(() -> json.string("error")).isEqualTo(code);
        return json.string("error");
    }

    Running start(String... arguments) {
        List<String> command = new ArrayList<>(List.of(LAUNCHER.toString()));
        command.addAll(List.of(arguments));
        return startProgram(command);
    }

    /** Starts another program with this launcher's environment. */
    Running startProgram(List<String> command) {
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().putAll(environment);
        return startProgram(builder);
    }

    /** Starts a program with an environment of its own, and no standard input. */
    public static Running startProgram(ProcessBuilder builder) {
        try {
            Process process = builder.start();
            process.getOutputStream().close();
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            ByteArrayOutputStream err = new ByteArrayOutputStream();
            return new Running(
                    process,
                    out,
                    err,
                    List.of(reader(process.getInputStream(), out), reader(process.getErrorStream(), err)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Runs a command to its end, whatever that is. */
    public Outcome run(String... arguments) {
        return start(arguments).await();
    }

    /**
     * The processes that work for this state folder: machines and what serves them, and the machines that become templates in this
     * launcher's own cache. What works in the shared cache may belong to any other test: several run at the same moment.
     */
    List<String> machineProcesses() {
        Path cache = cache();
        boolean shared = cache.equals(sharedCache());
        return processes(process ->
                worksForState(process) || (!shared && link(process, "cwd").startsWith(cache)));
    }

    /** Kills the machines of this state folder and what serves them, and nothing else. */
    void killMachines() {
        for (String process : processes(this::worksForState)) {
            ProcessHandle.of(Long.parseLong(process.substring(0, process.indexOf(' '))))
                    .ifPresent(ProcessHandle::destroyForcibly);
        }
    }

    /**
     * Bubblewrap names the folder on its command line; QEMU names relative paths only, and has the machine's folder as its working
     * directory; passt changes its root, and writes its log in the folder.
     */
    private boolean worksForState(Path process) {
        return commandLine(process).contains(state.toString())
                || link(process, "cwd").startsWith(state)
                || link(process, "fd/2").startsWith(state);
    }

    private static List<String> processes(Predicate<Path> wanted) {
        try (Stream<Path> processes = Files.list(Path.of("/proc"))) {
            return processes
                    .filter(process -> process.getFileName().toString().matches("\\d+"))
                    .filter(wanted)
                    .map(process -> process.getFileName() + " " + commandLine(process))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Waits until no process of this state folder is left. */
    void awaitNoProcess() {
        Awaitility.await()
                .atMost(MACHINES_END)
                .untilAsserted(() -> assertThat(machineProcesses()).isEmpty());
    }

    /** Waits until nothing of this state folder is left: no process, no machine. */
    public void awaitNothingLeft() {
        awaitNoProcess();
        assertThat(machineFolders()).isEmpty();
    }

    /** The folders of virtual machines and workspaces in the state folder. */
    List<Path> machineFolders() {
        List<Path> found = new ArrayList<>();
        for (String kind : List.of("vms", "workspaces")) {
            Path parent = state.resolve(kind);
            if (Files.exists(parent)) {
                try (Stream<Path> folders = Files.list(parent)) {
                    found.addAll(folders.toList());
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }
        }
        return found;
    }

    private static String commandLine(Path process) {
        try {
            return new String(Files.readAllBytes(process.resolve("cmdline")), StandardCharsets.UTF_8)
                    .replace('\0', ' ');
        } catch (IOException e) {
            return "";
        }
    }

    private static Path link(Path process, String name) {
        try {
            return Files.readSymbolicLink(process.resolve(name));
        } catch (IOException e) {
            // It has ended, or it is somebody else's.
            return Path.of("");
        }
    }

    private static Thread reader(InputStream stream, ByteArrayOutputStream into) {
        return Thread.ofVirtual().start(() -> {
            try (stream) {
                stream.transferTo(into);
            } catch (IOException e) {
                into.writeBytes(("[" + e.getMessage() + "]").getBytes(StandardCharsets.UTF_8));
            }
        });
    }

    private Path cache() {
        return Path.of(Objects.requireNonNull(environment.get("PYRO_CACHE_DIR")));
    }

    /**
     * Returns a cache for tests that look at all of it, while others use the shared one: environments and kernels are the shared one's, and must be there;
     * locks, staging and templates are its own.
     */
    static Path ownCache(String name) throws IOException {
        Path own = Files.createDirectories(
                sharedCache().resolveSibling(sharedCache().getFileName() + "-" + name));
        for (String shared : List.of("environments", "packages", "runtimes")) {
            Path link = own.resolve(shared);
            if (!Files.isSymbolicLink(link)) {
                Files.createSymbolicLink(
                        link, Files.createDirectories(sharedCache().resolve(shared)));
            }
        }
        return own;
    }

    public static Path sharedCache() {
        Path inTarget = PROJECT.resolve("target/it-cache");
        return isPassable(PROJECT) ? inTarget : Path.of("/var/tmp/pyro-it-cache");
    }

    /** Tells whether every user may pass through to a folder. */
    static boolean isPassable(Path folder) {
        try {
            for (Path path = folder; path != null; path = path.getParent()) {
                if (!Files.getPosixFilePermissions(path).contains(PosixFilePermission.OTHERS_EXECUTE)) {
                    return false;
                }
            }
            return true;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
