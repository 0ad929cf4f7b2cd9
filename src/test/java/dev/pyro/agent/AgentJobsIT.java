package dev.pyro.agent;

import static dev.pyro.agent.Failures.failure;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.InstanceOfAssertFactories.type;
import static org.awaitility.Awaitility.await;

import dev.pyro.model.ErrorCode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Jobs of the real agent, in namespaces. What every back end promises of them is in the contract test of the back ends. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(120)
class AgentJobsIT {
    private static final Duration BOUND = Duration.ofSeconds(20);
    private static final Duration GRACE = Duration.ofSeconds(5);
    private static final TerminalSize SIZE = new TerminalSize(80, 24);
    private static final int MIB = 1024 * 1024;

    @TempDir
    private static Path folder;

    private NamespacedAgent agent;
    private AgentClient client;
    private AgentJobs jobs;

    @BeforeAll
    void startAgent() throws IOException {
        agent = NamespacedAgent.start(folder);
    }

    @BeforeEach
    void connect() {
        client = agent.connect(BOUND);
        client.configure(ConfigureRequest.NOTHING.withHostname("box").withWorkspaceMount("/workspace"));
        jobs = client.jobs();
    }

    @AfterEach
    void endJobs() {
        for (JobKind kind : JobKind.values()) {
            jobs.stopAll(kind, Duration.ZERO, true);
        }
        client.close();
    }

    @AfterAll
    void stopAgent() {
        agent.close();
    }

    private void refused(AgentRefusal.Reason reason, Runnable request) {
        assertThat(failure(ErrorCode.GUEST_ERROR, request).getCause())
                .asInstanceOf(type(AgentRefusal.class))
                .satisfies(refusal -> assertThat(refusal.reason()).isEqualTo(reason));
    }

    private JobName service(String name, String command) {
        jobs.start(StartJob.service(name, command, "/workspace", Map.of()));
        return JobName.service(name);
    }

    private void enter(JobName shell, String line) {
        byte[] bytes = line.getBytes(StandardCharsets.UTF_8);
        assertThat(jobs.write(shell, bytes).bytes()).isEqualTo(bytes.length);
    }

    @Test
    void bytesOfAShellComeAsTheyAre() {
        JobName shell = JobName.shell("bytes");
        jobs.start(StartJob.shell("bytes", "/workspace", Map.of("A", "\u00fc\ud83d\ude00"), SIZE));
        enter(shell, "stty -echo; echo [$A] $((40 + 2))\n");
        assertThat(new JobReader(jobs, shell, BOUND).await(" 42\r\n")).contains("[\u00fc\ud83d\ude00] 42\r\n");
        enter(shell, "echo '\u00e4\ud83d\ude80' | od -An -tx1\n");
        new JobReader(jobs, shell, BOUND).await("c3 a4 f0 9f 9a 80 0a");
    }

    @Test
    void ofAFloodTheLastIsKept() {
        JobName flood = service("flood", "yes | head -c 200000000; echo >&2 end");
        JobReader reader = new JobReader(jobs, flood, BOUND);
        assertThat(reader.awaitEnd().end()).isEqualTo(200_000_000);

        JobOutput output = jobs.read(ReadJob.from(flood, 5));
        assertThat(output.cursor()).isEqualTo(200_000_000 - MIB);
        assertThat(new String(output.bytes(), StandardCharsets.US_ASCII)).isEqualTo("y\n".repeat(MIB / 2));
        assertThat(output.errorBytes()).asString(StandardCharsets.US_ASCII).isEqualTo("end\n");
        assertThat(jobs.read(ReadJob.from(flood, 200_000_000)).bytes()).isEmpty();
        refused(AgentRefusal.Reason.BAD_REQUEST, () -> jobs.read(ReadJob.from(flood, 200_000_001)));
    }

    @Test
    void aWaitingReadWakesAtOnceAndIsCutOffByTheEndOfItsConnection() throws Exception {
        JobName service = service("speaker", "while [ ! -e say ]; do sleep 0.02; done; echo said; exec sleep 1000");
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<?> cut;
            try (AgentClient other = agent.connect(BOUND)) {
                Future<JobOutput> waiting = threads.submit(
                        () -> other.jobs().read(ReadJob.from(service, 0).withPatience(ReadJob.MAX_PATIENCE)));
                Files.createFile(agent.workspace().resolve("say"));
                JobOutput said = waiting.get(BOUND.toSeconds(), TimeUnit.SECONDS);
                assertThat(said.bytes()).asString(StandardCharsets.US_ASCII).isEqualTo("said\n");

                ReadJob further = ReadJob.from(service, 5).withPatience(ReadJob.MAX_PATIENCE);
                cut = threads.submit(
                        () -> failure(ErrorCode.INTERRUPTED, () -> other.jobs().read(further)));
                Future<?> waits = cut;
                await().during(Duration.ofMillis(100)).atMost(BOUND).until(() -> !waits.isDone());
            }
            cut.get(BOUND.toSeconds(), TimeUnit.SECONDS);
        }
        assertThat(jobs.state(service).running()).isTrue();
    }

    @Test
    void stoppingEndsWhatDoesNotWantToEnd() {
        String deaf =
                "trap '' TERM HUP; (setsid sh -c 'trap \"\" TERM HUP; while :; do sleep 1; done' &); echo be''gun; "
                        + "while :; do sleep 1; done";
        JobName service = service("deaf", deaf);
        JobName shell = JobName.shell("deaf");
        jobs.start(StartJob.shell("deaf", "/", Map.of(), SIZE));
        enter(shell, deaf + "\n");
        new JobReader(jobs, service, BOUND).await("begun");
        new JobReader(jobs, shell, BOUND).await("begun\r\n");

        for (JobName job : new JobName[] {service, shell}) {
            JobState state = jobs.stop(job, Duration.ofMillis(300), false);
            assertThat(state.signal()).isEqualTo(9);
            assertThat(state.exitCode()).isEqualTo(137);
            assertThat(state.stopAsked()).isTrue();
        }
        JobName ps = service("ps", "ps");
        JobReader reader = new JobReader(jobs, ps, BOUND);
        reader.awaitEnd();
        assertThat(reader.text()).doesNotContain("sleep 1", "trap");
        refused(AgentRefusal.Reason.WRONG_STATE, () -> jobs.write(shell, new byte[] {'x'}));
        assertThat(jobs.stop(shell, GRACE, true).exitCode()).isEqualTo(137);
        refused(AgentRefusal.Reason.NOT_FOUND, () -> jobs.state(shell));
    }

    @Test
    void thereAreOnlySoManyOfAKind() {
        for (int i = 0; i < AgentJobs.MAX_JOBS; i++) {
            service("s" + i, "exec sleep 1000");
        }
        refused(AgentRefusal.Reason.LIMIT, () -> service("one-more", "true"));
        refused(AgentRefusal.Reason.EXISTS, () -> service("s0", "true"));
        jobs.stop(JobName.service("s0"), GRACE, false);
        service("s0", "exec sleep 1000");
        jobs.stop(JobName.service("s1"), GRACE, true);
        service("one-more", "exec sleep 1000");
        assertThat(jobs.list(JobKind.SERVICE))
                .hasSize(AgentJobs.MAX_JOBS)
                .last()
                .extracting(NamedJob::job)
                .isEqualTo(JobName.service("one-more"));
        refused(
                AgentRefusal.Reason.NOT_FOUND,
                () -> jobs.start(StartJob.shell("x", "/no/such/folder", Map.of(), SIZE)));
    }
}
