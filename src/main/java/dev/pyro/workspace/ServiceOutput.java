package dev.pyro.workspace;

import dev.pyro.agent.AgentJobs;
import dev.pyro.agent.AgentRefusal;
import dev.pyro.agent.JobName;
import dev.pyro.agent.JobOutput;
import dev.pyro.agent.ReadJob;
import dev.pyro.model.OutputListener;
import dev.pyro.model.OutputListener.Stream;
import dev.pyro.model.PyroException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What a service has written up to now, without the values of secrets. Immutable. */
final class ServiceOutput {
    private static final Part LOST = new Part(new byte[0], true);

    private final Map<Stream, Part> parts;

    private ServiceOutput(Map<Stream, Part> parts) {
        this.parts = parts;
    }

    /** What there is of one stream: the end of it. Immutable, as long as nobody writes into its array. */
    static final class Part {
        private final byte[] bytes;
        private final boolean cut;

        Part(byte[] bytes, boolean cut) {
            this.bytes = bytes;
            this.cut = cut;
        }

        byte[] bytes() {
            return bytes;
        }

        /** Tells whether the stream had more than that. */
        boolean cut() {
            return cut;
        }

        /** Returns the last lines only, or all when the number is null. */
        Part tail(@Nullable Integer lines) {
            if (lines == null) {
                return this;
            }
            int start = bytes.length;
            int left = lines;
            // The newline at the very end ends the last line, and begins none.
            while (start > 0 && left > 0 && (start == bytes.length || bytes[start - 1] != '\n' || --left > 0)) {
                start--;
            }
            return new Part(Arrays.copyOfRange(bytes, start, bytes.length), cut || start > 0);
        }

        String text() {
            return new String(bytes, StandardCharsets.UTF_8);
        }
    }

    /** Reads all that the guest keeps of a service's output. */
    static ServiceOutput of(AgentJobs jobs, String name, SecretMask mask) {
        JobOutput output = jobs.read(ReadJob.from(JobName.service(name), 0));
        boolean running = output.state().running();
        return new ServiceOutput(Map.of(
                Stream.STDOUT, shown(output.bytes(), output.cursor(), running, mask),
                Stream.STDERR, shown(output.errorBytes(), output.errorCursor(), running, mask)));
    }

    /** What may be the beginning of a secret at the end of what a running service wrote is left out. */
    private static Part shown(byte[] bytes, long dropped, boolean running, SecretMask mask) {
        SecretMask.Cover cover = mask.cover(bytes, dropped > 0);
        int end = bytes.length - (running ? cover.open() : 0);
        return new Part(cover.shown(bytes, 0, end), dropped > 0);
    }

    /**
     * Passes on what a service wrote, and then what it writes until it ends.
     *
     * @param lines how many lines of each stream that are there already, or null for all of them
     */
    static void follow(AgentJobs jobs, String name, SecretMask mask, @Nullable Integer lines, OutputListener listener) {
        JobName job = JobName.service(name);
        JobStream stdout = new JobStream(mask, 0);
        JobStream stderr = new JobStream(mask, 0);
        Optional<JobOutput> first = read(jobs, ReadJob.from(job, 0));
        Optional<JobOutput> next = first;
        // When another one has its name, it has ended.
        while (next.isPresent()
                && next.get().state().startedAt().equals(first.get().state().startedAt())) {
            JobOutput output = next.get();
            Integer shownLines = output.equals(first.get()) ? lines : null;
            pass(listener, Stream.STDOUT, tail(stdout, output.cursor(), output.bytes(), shownLines));
            pass(listener, Stream.STDERR, tail(stderr, output.errorCursor(), output.errorBytes(), shownLines));
            if (!output.state().running() && output.bytes().length + output.errorBytes().length == 0) {
                break;
            }
            next = read(
                    jobs,
                    ReadJob.from(job, output.nextCursor())
                            .withErrorCursor(output.nextErrorCursor())
                            .withPatience(ReadJob.MAX_PATIENCE));
        }
        pass(listener, Stream.STDOUT, stdout.add(stdout.end(), new byte[0], true));
        pass(listener, Stream.STDERR, stderr.add(stderr.end(), new byte[0], true));
    }

    /** Returns nothing when the guest has forgotten the service, or knows another one of its name that has written less. */
    private static Optional<JobOutput> read(AgentJobs jobs, ReadJob read) {
        try {
            return Optional.of(jobs.read(read));
        } catch (PyroException e) {
            if (e.getCause() instanceof AgentRefusal refusal
                    && (refusal.reason() == AgentRefusal.Reason.NOT_FOUND
                            || refusal.reason() == AgentRefusal.Reason.BAD_REQUEST)) {
                return Optional.empty();
            }
            throw e;
        }
    }

    /** An empty piece would show what is held back. */
    private static byte[] tail(JobStream stream, long cursor, byte[] bytes, @Nullable Integer lines) {
        return bytes.length == 0
                ? bytes
                : new Part(stream.add(cursor, bytes, false), false).tail(lines).bytes();
    }

    private static void pass(OutputListener listener, Stream stream, byte[] bytes) {
        if (bytes.length > 0) {
            listener.onOutput(stream, ByteBuffer.wrap(bytes));
        }
    }

    /** Returns what was kept when the machine was stopped. */
    static ServiceOutput kept(ServiceStore store, String name) {
        return new ServiceOutput(Map.of(
                Stream.STDOUT, store.log(name, Stream.STDOUT).orElse(LOST),
                Stream.STDERR, store.log(name, Stream.STDERR).orElse(LOST)));
    }

    /** Nothing, because its guest knows nothing of it any more. */
    static ServiceOutput lost() {
        return new ServiceOutput(Map.of());
    }

    /** Keeps it beside the record, for when the machine is gone. */
    void keep(ServiceStore store, String name) {
        store.deleteLogs(name);
        parts.forEach((stream, part) -> store.putLog(name, stream, part));
    }

    Part part(Stream stream) {
        return parts.getOrDefault(stream, LOST);
    }
}
