package dev.pyro.machine;

import static org.awaitility.Awaitility.await;

import dev.pyro.agent.ExecOutput;
import dev.pyro.agent.ExecRequest;
import dev.pyro.machine.MachineSpec.StartMode;
import dev.pyro.model.Progress;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Another Java process that works on the same site; what it has to say it appends to a file. */
public final class OtherProcess implements AutoCloseable {
    private static final Duration BOUND = Duration.ofMinutes(3);

    private final Process process;
    private final Path said;

    private OtherProcess(Process process, Path said) {
        this.process = process;
        this.said = said;
    }

    /** Starts a process that does one thing to one machine. */
    public static OtherProcess start(MachineSite site, String action, String id) throws IOException {
        Path said = Files.createTempFile(site.base(), "said-", ".txt");
        Process process = new ProcessBuilder(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        OtherProcess.class.getName(),
                        site.getClass().getName(),
                        site.base().toString(),
                        action,
                        id,
                        said.toString()))
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.INHERIT)
                .start();
        return new OtherProcess(process, said);
    }

    /** Waits until it has said something, and returns that. */
    public String awaitWord(String prefix) {
        return await().atMost(BOUND)
                .until(
                        () -> words().stream()
                                .filter(line -> line.startsWith(prefix))
                                .findFirst()
                                .orElse(process.isAlive() ? "" : "it ended"),
                        line -> !line.isEmpty());
    }

    /** Returns everything that it has said. */
    public List<String> words() throws IOException {
        return Files.readAllLines(said);
    }

    /** Waits for its end and returns its exit code. */
    public int awaitEnd() throws InterruptedException {
        return process.waitFor(BOUND.toSeconds(), TimeUnit.SECONDS) ? process.exitValue() : -1;
    }

    /** Kills it as {@code kill -9} does. */
    public void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }

    /** The other process: class of the site, folder, action, machine's id, file. */
    public static void main(String[] arguments) throws Exception {
        MachineSite site = MachineSite.open(arguments[0], Path.of(arguments[1]));
        String id = arguments[3];
        Words words = new Words(Path.of(arguments[4]));
        switch (arguments[2]) {
            case "start-leased" -> startAndStay(site, id, true, words);
            case "start-free" -> startAndStay(site, id, false, words);
            case "start-stop" -> {
                site.backend()
                        .start(
                                site.spec(id, true, StartMode.TEMPLATE),
                                progress -> words.say("progress " + progress.phase()))
                        .stop();
                words.say("stopped");
            }
            case "flood" -> flood(site, id, words);
            case "exec" -> {
                Machine machine =
                        site.backend().adopt(site.paths().vms().resolve(id)).orElseThrow();
                try (GuestSession session = GuestSession.further(machine)) {
                    words.say("output " + session.run("cat /root/mark").output());
                }
            }
            default -> throw new IllegalArgumentException(arguments[2]);
        }
    }

    private static void startAndStay(MachineSite site, String id, boolean leased, Words words) throws Exception {
        Machine machine = site.backend().start(site.spec(id, leased, StartMode.TEMPLATE), Progress.Listener.NONE);
        try (GuestSession session = GuestSession.first(machine, false)) {
            session.run("echo from the first process > /root/mark");
            words.say("started " + machine.process().pid());
            // Until the test ends this process, or ends itself.
            while (System.in.read() >= 0) {}
        }
    }

    private static void flood(MachineSite site, String id, Words words) {
        Machine machine = site.backend().adopt(site.paths().vms().resolve(id)).orElseThrow();
        try (GuestSession session = GuestSession.further(machine)) {
            boolean[] flowing = new boolean[1];
            session.agent()
                    .exec(
                            ExecRequest.of("while :; do cat /bin/busybox; done"),
                            new ExecOutput(
                                    bytes -> {
                                        if (!flowing[0]) {
                                            flowing[0] = true;
                                            words.say("flowing");
                                        }
                                    },
                                    bytes -> {}));
        }
    }

    private record Words(Path file) {
        void say(String line) {
            try {
                Files.writeString(file, line + "\n", StandardCharsets.UTF_8, java.nio.file.StandardOpenOption.APPEND);
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        }
    }
}
