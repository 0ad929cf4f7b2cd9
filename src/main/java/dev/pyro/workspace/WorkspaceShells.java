package dev.pyro.workspace;

import dev.pyro.agent.AgentClient;
import dev.pyro.agent.AgentJobs;
import dev.pyro.agent.AgentRefusal;
import dev.pyro.agent.JobKind;
import dev.pyro.agent.JobName;
import dev.pyro.agent.JobState;
import dev.pyro.agent.StartJob;
import dev.pyro.agent.TerminalSignal;
import dev.pyro.agent.TerminalSize;
import dev.pyro.agent.WrittenInput;
import dev.pyro.machine.Machine;
import dev.pyro.model.Arguments;
import dev.pyro.model.ErrorCode;
import dev.pyro.model.OpenShell;
import dev.pyro.model.PyroException;
import dev.pyro.model.ReadShell;
import dev.pyro.model.Shell;
import dev.pyro.model.ShellAttachment;
import dev.pyro.model.ShellClosed;
import dev.pyro.model.ShellId;
import dev.pyro.model.ShellInput;
import dev.pyro.model.ShellList;
import dev.pyro.model.ShellOutput;
import dev.pyro.model.ShellSignal;
import dev.pyro.model.ShellSignalled;
import dev.pyro.model.ShellState;
import dev.pyro.model.WorkspaceId;
import dev.pyro.os.HostEntropy;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * The shells of running workspaces. Nothing is written down of them: the guest's agent alone knows which there are, and they end with their machine.
 * Safe for use by several threads and processes.
 */
public final class WorkspaceShells {
    /** How long a shell has to end by itself when it is closed. */
    private static final Duration CLOSE_GRACE = Duration.ofSeconds(2);

    private final WorkspaceAccess access;

    public WorkspaceShells(WorkspaceContext context) {
        this.access = context.workspaces();
    }

    /** Opens a shell. */
    public Shell open(WorkspaceId id, OpenShell options) {
        WorkspaceRecord record = access.store().get(id);
        String directory = GuestPaths.absolute(options.cwd());
        Secrets secrets = access.secrets(record);
        ShellId shell = ShellId.of(HostEntropy.draw(ShellId.RANDOM_BYTES));
        StartJob job = CommandSettings.of(record)
                .shell(shell, options.withCwd(directory), secrets.environment(options.secretEnv()));
        try {
            return access.withAgent(
                    record, client -> view(record, shell, client.jobs().start(job)));
        } catch (PyroException e) {
            throw secrets.mask().failure(explainOpening(record, job, e));
        }
    }

    private static PyroException explainOpening(WorkspaceRecord record, StartJob job, PyroException e) {
        if (reason(e).filter(AgentRefusal.Reason.LIMIT::equals).isPresent()) {
            return new PyroException(
                    ErrorCode.WORKSPACE_LIMIT_REACHED,
                    "workspace " + record.id() + " has " + AgentJobs.MAX_JOBS + " shells, and may not have more: `pyro "
                            + "workspace shell list " + record.id()
                            + "` shows them, `shell close` (over MCP: shell_close) "
                            + "ends one",
                    e);
        }
        return CommandSettings.explain(
                GuestPaths.explain(e, job.directory(), "a directory"),
                job.options().user());
    }

    /** Returns the shells that there are, ended ones too. */
    public ShellList list(WorkspaceId id) {
        WorkspaceRecord record = access.store().get(id);
        return new ShellList(id, access.withAgent(record, client -> shells(record, client.jobs())));
    }

    private static List<Shell> shells(WorkspaceRecord record, AgentJobs jobs) {
        return jobs.list(JobKind.SHELL).stream()
                .flatMap(job -> ShellId.find(job.job().name()).stream().map(shell -> view(record, shell, job.state())))
                .toList();
    }

    /** Returns the shell that a text stands for: an id, or the beginning of exactly one. */
    public ShellId find(WorkspaceId id, String reference) {
        // Whether there is one of this id is seen when it is used.
        return ShellId.find(reference).orElseGet(() -> {
            WorkspaceRecord record = access.store().get(id);
            List<Shell> shells = access.withAgent(record, client -> shells(record, client.jobs()));
            List<Shell> meant = shells.stream()
                    .filter(shell ->
                            !reference.isEmpty() && shell.shellId().value().startsWith(reference))
                    .toList();
            if (meant.size() == 1) {
                return meant.getFirst().shellId();
            }
            if (meant.isEmpty()) {
                throw unknown(record, reference, shells);
            }
            throw new PyroException(
                    ErrorCode.SHELL_NOT_FOUND,
                    "\"" + Arguments.printable(reference) + "\" is the beginning of several shells of workspace " + id
                            + ": " + names(meant));
        });
    }

    /** Reads output. */
    public ShellOutput read(WorkspaceId id, ShellId shell, ReadShell options) {
        WorkspaceRecord record = access.store().get(id);
        SecretMask mask = access.secrets(record).mask();
        return with(record, shell, jobs -> {
            ShellReader reader = new ShellReader(jobs, name(shell), mask);
            Boolean satisfied = null;
            if (options.waitFor() != null) {
                satisfied = reader.awaitText(options.cursor(), options.waitFor(), options.timeout());
            } else if (options.waitIdle() != null) {
                satisfied = reader.awaitIdle(options.cursor(), options.waitIdle(), options.timeout());
            }
            ShellReader.Piece piece = reader.read(options.cursor(), options.maxChars());
            ShellText text = piece.text();
            return new ShellOutput(
                    view(record, shell, piece.state()),
                    text.cursor(),
                    text.nextCursor(),
                    text.text(),
                    text.truncated(),
                    satisfied);
        });
    }

    /** Types text. */
    public ShellInput write(WorkspaceId id, ShellId shell, String input, boolean appendNewline) {
        byte[] bytes = (appendNewline ? input + "\n" : input).getBytes(StandardCharsets.UTF_8);
        if (bytes.length > ShellInput.MAX_BYTES) {
            throw new PyroException(
                    ErrorCode.INVALID_ARGUMENT,
                    "input has " + bytes.length + " bytes, and may have " + ShellInput.MAX_BYTES
                            + ": put it into a file of the workspace, and have the shell read that");
        }
        if (bytes.length == 0) {
            throw new PyroException(
                    ErrorCode.INVALID_ARGUMENT,
                    "input is empty, and no newline is to follow: there is nothing to write");
        }
        WorkspaceRecord record = access.store().get(id);
        return with(record, shell, jobs -> {
            long end = jobs.state(name(shell)).end();
            WrittenInput written = jobs.write(name(shell), bytes);
            if (written.bytes() < bytes.length) {
                throw new PyroException(
                        ErrorCode.GUEST_TIMEOUT,
                        "shell " + shell + " of workspace " + id + " took only " + written.bytes() + " of "
                                + bytes.length + " bytes, and the rest was dropped: what runs in it does not read its "
                                + "input; read its output, or interrupt it with `pyro workspace shell signal` (over MCP: "
                                + "shell_signal)");
            }
            return new ShellInput(
                    view(record, shell, written.state()).withEndCursor(end),
                    input.codePointCount(0, input.length()),
                    appendNewline);
        });
    }

    /** Gives the terminal another size. */
    public Shell resize(WorkspaceId id, ShellId shell, int cols, int rows) {
        TerminalSize size = new TerminalSize(cols, rows);
        WorkspaceRecord record = access.store().get(id);
        return with(record, shell, jobs -> view(record, shell, jobs.resize(name(shell), size)));
    }

    /** Sends a signal to what runs in the foreground. */
    public ShellSignalled signal(WorkspaceId id, ShellId shell, ShellSignal signal) {
        TerminalSignal sent = switch (signal) {
            case HUP -> TerminalSignal.HUP;
            case INT -> TerminalSignal.INT;
            case TERM -> TerminalSignal.TERM;
            case KILL -> TerminalSignal.KILL;
        };
        WorkspaceRecord record = access.store().get(id);
        return with(
                record, shell, jobs -> new ShellSignalled(view(record, shell, jobs.signal(name(shell), sent)), signal));
    }

    /** Ends a shell with all that runs in it, and forgets it. */
    public ShellClosed close(WorkspaceId id, ShellId shell) {
        WorkspaceRecord record = access.store().get(id);
        return with(
                record,
                shell,
                jobs -> new ShellClosed(
                        view(record, shell, jobs.stop(name(shell), CLOSE_GRACE, true))
                                .withState(ShellState.CLOSED),
                        true));
    }

    /** Makes a lasting connection for a terminal of this size. */
    public ShellAttachment attach(WorkspaceId id, ShellId shell, int cols, int rows) {
        TerminalSize size = new TerminalSize(cols, rows);
        WorkspaceRecord record = access.store().get(id);
        Machine machine = access.requireRunning(record);
        AgentClient output = access.starter().connect(machine);
        try {
            AgentClient input = access.starter().connect(machine);
            try {
                return explained(
                        record,
                        shell,
                        output.jobs(),
                        () -> new AttachedShell(access, record, shell, output, input, size));
            } catch (RuntimeException e) {
                input.close();
                throw e;
            }
        } catch (RuntimeException e) {
            output.close();
            throw e instanceof PyroException failure ? access.explain(record, failure) : e;
        }
    }

    private <T> T with(WorkspaceRecord record, ShellId shell, Function<AgentJobs, T> conversation) {
        return access.withAgent(record, client -> {
            AgentJobs jobs = client.jobs();
            return explained(record, shell, jobs, () -> conversation.apply(jobs));
        });
    }

    /** Puts the agent's refusals into the words of shells; the connection is still good then. */
    private static <T> T explained(WorkspaceRecord record, ShellId shell, AgentJobs jobs, Supplier<T> conversation) {
        try {
            return conversation.get();
        } catch (PyroException e) {
            throw switch (reason(e).orElse(AgentRefusal.Reason.UNKNOWN)) {
                case NOT_FOUND -> unknown(record, shell.value(), shells(record, jobs));
                case WRONG_STATE -> ended(record, view(record, shell, jobs.state(name(shell))), e);
                default -> e;
            };
        }
    }

    private static Optional<AgentRefusal.Reason> reason(PyroException e) {
        return e.code() == ErrorCode.GUEST_ERROR && e.getCause() instanceof AgentRefusal refusal
                ? Optional.of(refusal.reason())
                : Optional.empty();
    }

    private static PyroException ended(WorkspaceRecord record, Shell shell, PyroException cause) {
        return new PyroException(
                ErrorCode.SHELL_ENDED,
                "shell " + shell.shellId() + " of workspace " + record.id() + " has ended with exit code "
                        + shell.exitCode()
                        + ": its output can still be read; open another one with `pyro workspace shell "
                        + "open " + record.id() + "` (over MCP: shell_open)",
                cause);
    }

    private static PyroException unknown(WorkspaceRecord record, String reference, List<Shell> known) {
        return new PyroException(
                ErrorCode.SHELL_NOT_FOUND,
                "workspace " + record.id() + " has no shell \"" + Arguments.printable(reference)
                        + "\": it was closed, or ended with its machine; "
                        + (known.isEmpty()
                                ? "it has none; `pyro workspace shell open " + record.id()
                                        + "` (over MCP: shell_open) opens one"
                                : "it has " + names(known)));
    }

    private static String names(List<Shell> shells) {
        return shells.stream()
                .map(shell -> shell.shellId().value()
                        + (shell.state() == ShellState.RUNNING
                                ? ""
                                : " (" + shell.state().wireName() + ")"))
                .collect(Collectors.joining(", "));
    }

    private static JobName name(ShellId shell) {
        return JobName.shell(shell.value());
    }

    /** Returns a shell as callers see it. */
    static Shell view(WorkspaceRecord record, ShellId shell, JobState state) {
        return new Shell(
                record.id(),
                shell,
                state.running() ? ShellState.RUNNING : ShellState.EXITED,
                state.directory(),
                state.columns(),
                state.rows(),
                state.startedAt(),
                state.endedAt(),
                state.running() ? null : state.exitCode(),
                record.origin().executionMode(),
                state.end());
    }
}
