package dev.pyro.workspace;

import dev.pyro.agent.AgentClient;
import dev.pyro.agent.AgentRefusal;
import dev.pyro.agent.JobName;
import dev.pyro.agent.JobOutput;
import dev.pyro.agent.JobState;
import dev.pyro.agent.ReadJob;
import dev.pyro.agent.TerminalSize;
import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import dev.pyro.model.Shell;
import dev.pyro.model.ShellAttachment;
import dev.pyro.model.ShellId;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Two connections to a shell: one on which its output is waited for, one for what is typed, so that neither waits for the other. */
final class AttachedShell implements ShellAttachment {
    /** How much is read at a time. */
    private static final int MAX_BYTES = 64 * 1024;

    /** How much of what was there before is shown. */
    private static final int REPLAYED_BYTES = 8 * 1024;

    private final WorkspaceAccess access;
    private final WorkspaceRecord record;
    private final ShellId id;
    private final JobName job;
    private final AgentClient output;
    private final AgentClient input;
    private final Shell shell;
    private final JobState first;
    private volatile boolean closed;
    private volatile @Nullable PyroException inputFailure;

    /** Connects a terminal of this size; a program that fills it draws itself anew. */
    AttachedShell(
            WorkspaceAccess access,
            WorkspaceRecord record,
            ShellId id,
            AgentClient output,
            AgentClient input,
            TerminalSize size) {
        this.access = access;
        this.record = record;
        this.id = id;
        this.job = JobName.shell(id.value());
        this.output = output;
        this.input = input;
        JobState before = output.jobs().state(job);
        if (before.columns() == size.columns() && before.rows() == size.rows()) {
            // Only a change is told to programs.
            output.jobs().resize(job, new TerminalSize(size.columns(), size.rows() == 1 ? 2 : size.rows() - 1));
        }
        this.first = before;
        this.shell = WorkspaceShells.view(record, id, output.jobs().resize(job, size));
    }

    @Override
    public Shell shell() {
        return shell;
    }

    @Override
    public Optional<Shell> follow(Consumer<ByteBuffer> sink) {
        try {
            access.store().touch(record.id(), access.clock().instant());
            return Optional.of(WorkspaceShells.view(record, id, readAll(sink)));
        } catch (PyroException e) {
            PyroException first = inputFailure;
            if (first != null && !closed && e.code() == ErrorCode.INTERRUPTED) {
                throw access.explain(record, first);
            }
            if (closed
                    && e.code() == ErrorCode.INTERRUPTED
                    && !Thread.currentThread().isInterrupted()) {
                return Optional.empty();
            }
            throw access.explain(record, e);
        } finally {
            access.store().touch(record.id(), access.clock().instant());
        }
    }

    /** Reads to the end of the shell, and returns what it was then. */
    private JobState readAll(Consumer<ByteBuffer> sink) {
        SecretMask mask = access.secrets(record).mask();
        long start = Math.max(0, first.end() - REPLAYED_BYTES);
        JobStream stream = new JobStream(mask, start);
        boolean replay = first.end() > 0;
        while (true) {
            JobOutput read = output.jobs()
                    .read(ReadJob.from(job, stream.end())
                            .withMaxBytes(MAX_BYTES)
                            .withPatience(stream.withholds() ? JobStream.LONGEST_DOUBT : ReadJob.MAX_PATIENCE));
            boolean last =
                    !read.state().running() && read.nextCursor() == read.state().end();
            byte[] shown = stream.add(read.cursor(), read.bytes(), last);
            if (replay) {
                shown = TerminalReplay.of(shown, start > 0);
                replay = false;
            }
            if (shown.length > 0) {
                sink.accept(ByteBuffer.wrap(shown));
            }
            if (last) {
                return read.state();
            }
        }
    }

    @Override
    public synchronized void write(byte[] bytes) {
        asked(() -> input.jobs().write(job, bytes));
    }

    @Override
    public synchronized void resize(int cols, int rows) {
        TerminalSize size = new TerminalSize(cols, rows);
        asked(() -> input.jobs().resize(job, size));
    }

    /** A shell that has ended is no failure: {@link #follow} is about to say so. It also tells of every other one. */
    private void asked(Runnable request) {
        try {
            request.run();
        } catch (PyroException e) {
            if (!(e.getCause() instanceof AgentRefusal) && inputFailure == null) {
                inputFailure = e;
                output.close();
            }
        }
    }

    @Override
    public void close() {
        closed = true;
        output.close();
        input.close();
    }
}
