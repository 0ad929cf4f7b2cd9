package dev.pyro.machine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pyro.agent.AgentJobs;
import dev.pyro.agent.JobKind;
import dev.pyro.agent.JobName;
import dev.pyro.agent.JobOutput;
import dev.pyro.agent.JobProbe;
import dev.pyro.agent.JobReader;
import dev.pyro.agent.JobState;
import dev.pyro.agent.NamedJob;
import dev.pyro.agent.ProbeResult.Outcome;
import dev.pyro.agent.ReadJob;
import dev.pyro.agent.StartJob;
import dev.pyro.agent.TerminalSignal;
import dev.pyro.agent.TerminalSize;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.stream.IntStream;

/** What every back end promises of the shells and services of a machine, tried on one of them. */
final class JobsContract {
    private static final Duration BOUND = GuestSession.BOUND;
    private static final Duration GRACE = Duration.ofSeconds(10);
    private static final TerminalSize SIZE = new TerminalSize(80, 24);
    private static final int MANY = 16;

    private final Machine machine;

    JobsContract(Machine machine) {
        this.machine = machine;
    }

    private static void enter(AgentJobs jobs, JobName shell, String line) {
        byte[] bytes = line.getBytes(StandardCharsets.UTF_8);
        assertThat(jobs.write(shell, bytes).bytes()).isEqualTo(bytes.length);
    }

    /** A terminal, its size, signals, and an exit code, over connections that come and go. */
    void shellsOutliveTheirClients() {
        JobName shell = JobName.shell("one");
        long cursor;
        try (GuestSession session = GuestSession.further(machine)) {
            AgentJobs jobs = session.agent().jobs();
            jobs.start(StartJob.shell("one", "/tmp", Map.of("A", "\u00fc"), SIZE));
            enter(jobs, shell, "B=kept; tty; stty size; echo $A$((40 + 2))\n");
            assertThat(new JobReader(jobs, shell, BOUND).await("\u00fc42\r\n")).contains("/dev/pts/", "24 80\r\n");
            cursor = jobs.state(shell).end();
        }
        try (GuestSession session = GuestSession.further(machine)) {
            AgentJobs jobs = session.agent().jobs();
            assertThat(jobs.resize(shell, new TerminalSize(132, 50)).columns()).isEqualTo(132);
            enter(jobs, shell, "stty size; echo $B-$B\n");
            assertThat(new JobReader(jobs, shell, BOUND).await("kept-kept\r\n")).contains("50 132\r\n");
            JobOutput later = jobs.read(ReadJob.from(shell, cursor));
            assertThat(later.cursor()).isEqualTo(cursor);
            assertThat(new String(later.bytes(), StandardCharsets.UTF_8))
                    .doesNotContain("24 80")
                    .contains("50 132");

            // A shell's own child would lose a signal that comes between its fork and its exec.
            enter(jobs, shell, "sh -c 'echo be\"\"gun; exec sleep 1000'\n");
            new JobReader(jobs, shell, BOUND).await("begun\r\n");
            jobs.signal(shell, TerminalSignal.INT);
            enter(jobs, shell, "echo code $?; exit 7\n");
            JobReader reader = new JobReader(jobs, shell, BOUND);
            JobState end = reader.awaitEnd();
            assertThat(reader.text()).contains("code 130\r\n");
            assertThat(end.exitCode()).isEqualTo(7);
            assertThat(end.stopAsked()).isFalse();
            assertThat(jobs.stop(shell, GRACE, true).exitCode()).isEqualTo(7);
        }
    }

    /** Two streams, an exit code, every kind of probe, and an end that is asked for. */
    void servicesAreProbedAndStopped() {
        try (GuestSession session = GuestSession.further(machine)) {
            AgentJobs jobs = session.agent().jobs();
            JobName service = JobName.service("web");
            String command = "echo out; echo err >&2; mkdir -p /tmp/www; echo hello > /tmp/www/index.html; "
                    + "exec httpd -f -p 8080 -h /tmp/www";
            jobs.start(StartJob.service("web", command, "/tmp", Map.of("A", "b")));
            assertThat(probe(jobs, JobProbe.Kind.HTTP, "http://localhost:8080/", BOUND))
                    .isEqualTo(Outcome.READY);
            assertThat(probe(jobs, JobProbe.Kind.TCP, "127.0.0.1:8080", BOUND)).isEqualTo(Outcome.READY);
            assertThat(probe(jobs, JobProbe.Kind.FILE, "/tmp/www/index.html", BOUND))
                    .isEqualTo(Outcome.READY);
            assertThat(probe(jobs, JobProbe.Kind.COMMAND, "[ $A = b ] && [ -d www ]", BOUND))
                    .isEqualTo(Outcome.READY);
            Duration soon = Duration.ofMillis(200);
            assertThat(probe(jobs, JobProbe.Kind.STILL_RUNNING, "", soon)).isEqualTo(Outcome.READY);
            assertThat(probe(jobs, JobProbe.Kind.HTTP, "http://[::1]:81/", soon))
                    .isEqualTo(Outcome.TIMED_OUT);
            assertThat(probe(jobs, JobProbe.Kind.HTTP, "http://127.0.0.1:8080/none", soon))
                    .isEqualTo(Outcome.TIMED_OUT);
            assertThat(probe(jobs, JobProbe.Kind.TCP, "localhost:81", soon)).isEqualTo(Outcome.TIMED_OUT);
            assertThat(probe(jobs, JobProbe.Kind.FILE, "/none", soon)).isEqualTo(Outcome.TIMED_OUT);
            assertThat(probe(jobs, JobProbe.Kind.COMMAND, "exec sleep 1000", soon))
                    .isEqualTo(Outcome.TIMED_OUT);

            JobOutput output = jobs.read(ReadJob.from(service, 0));
            assertThat(output.bytes()).asString(StandardCharsets.UTF_8).isEqualTo("out\n");
            assertThat(output.errorBytes()).asString(StandardCharsets.UTF_8).isEqualTo("err\n");
            JobState end = jobs.stop(service, GRACE, false);
            assertThat(end.signal()).isEqualTo(15);
            assertThat(end.stopAsked()).isTrue();
            assertThat(session.run("ps").output()).doesNotContain("httpd", "sleep 1000");

            jobs.start(StartJob.service("web", "exit 3", "/", Map.of()));
            assertThat(probe(jobs, JobProbe.Kind.FILE, "/none", BOUND)).isEqualTo(Outcome.ENDED);
            assertThat(jobs.stop(service, GRACE, true).exitCode()).isEqualTo(3);
        }
    }

    private static Outcome probe(AgentJobs jobs, JobProbe.Kind kind, String target, Duration timeout) {
        JobProbe probe = new JobProbe(kind, target, Duration.ofMillis(50), timeout);
        return jobs.probe(JobName.service("web"), probe).outcome();
    }

    /** Many of both kinds at once, one of which does not want to end, leave nothing behind. */
    void manyRunAtOnceAndAreEnded() {
        try (GuestSession session = GuestSession.further(machine)) {
            AgentJobs jobs = session.agent().jobs();
            String deaf = "trap '' TERM; (setsid sh -c 'trap \"\" TERM; while :; do sleep 1; done' &); echo up; "
                    + "while :; do sleep 1; done";
            for (int i = 0; i < MANY; i++) {
                jobs.start(StartJob.shell("many" + i, "/", Map.of(), SIZE));
                jobs.start(StartJob.service("many" + i, i == 0 ? deaf : "echo up; exec sleep 1000", "/", Map.of()));
            }
            for (int i = 0; i < MANY; i++) {
                enter(jobs, JobName.shell("many" + i), "echo me-$((" + i + " + 100))\n");
            }
            for (int i = 0; i < MANY; i++) {
                new JobReader(jobs, JobName.shell("many" + i), BOUND).await("me-" + (100 + i) + "\r\n");
                new JobReader(jobs, JobName.service("many" + i), BOUND).await("up\n");
            }
            assertThat(jobs.list(JobKind.SHELL))
                    .extracting(NamedJob::job)
                    .containsExactlyElementsOf(IntStream.range(0, MANY)
                            .mapToObj(i -> JobName.shell("many" + i))
                            .toList());
            jobs.stopAll(JobKind.SERVICE, Duration.ofMillis(500), true);
            jobs.stopAll(JobKind.SHELL, GRACE, true);
            assertThat(jobs.list(JobKind.SHELL)).isEmpty();
            assertThat(jobs.list(JobKind.SERVICE)).isEmpty();
            assertThat(session.run("ps").output()).doesNotContain("sleep", "trap", "sh -l\n");
        }
    }
}
