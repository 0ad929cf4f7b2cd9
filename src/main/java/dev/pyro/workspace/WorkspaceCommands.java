package dev.pyro.workspace;

import dev.pyro.agent.AgentClient;
import dev.pyro.agent.ExecRequest;
import dev.pyro.machine.Machine;
import dev.pyro.model.Arguments;
import dev.pyro.model.ErrorCode;
import dev.pyro.model.ExecResult;
import dev.pyro.model.ExecWorkspace;
import dev.pyro.model.OutputListener;
import dev.pyro.model.PyroException;
import dev.pyro.model.Workspace;
import dev.pyro.model.WorkspaceExec;
import dev.pyro.model.WorkspaceId;
import dev.pyro.model.WorkspaceLogs;
import dev.pyro.os.Undisturbed;
import dev.pyro.workspace.CommandHistory.Ended;
import java.time.Instant;

/** Commands in workspaces, and their history. Safe for use by several threads and processes. */
public final class WorkspaceCommands {
    private final WorkspaceAccess access;

    public WorkspaceCommands(WorkspaceContext context) {
        this.access = context.workspaces();
    }

    /** Runs a command in /workspace. */
    public WorkspaceExec exec(WorkspaceId id, String command, ExecWorkspace options, OutputListener output) {
        Arguments.command(command);
        WorkspaceRecord record = access.store().get(id);
        Secrets secrets = access.secrets(record);
        SecretMask mask = secrets.mask();
        ExecRequest request =
                CommandSettings.of(record).exec(command, options, secrets.environment(options.secretEnv()));
        Machine machine = access.requireRunning(record);
        Instant startedAt = access.clock().instant();
        access.store().touch(id, startedAt);
        ExecResult result;
        // The history keeps output, whatever the caller wants kept.
        int kept = Math.max(options.maxKeptBytes(), CommandHistory.MAX_STREAM_CHARS);
        try (AgentClient client = access.starter().connect(machine)) {
            result = GuestExec.run(machine, client, request, mask, kept, output);
        } catch (PyroException e) {
            throw mask.failure(access.explain(record, e));
        }
        access.store().touch(id, access.clock().instant());
        String shown = mask.text(command);
        // The command has ended, so whoever is cancelled now may as well hear of it.
        long sequence = Undisturbed.call(
                        () -> access.history(record).append(new Ended(shown, Workspace.PATH, startedAt, result)))
                .orElseThrow(() -> access.explain(
                        record,
                        new PyroException(
                                ErrorCode.MACHINE_DIED, "workspace " + id + " went away while the command ran")));
        return new WorkspaceExec(
                id,
                sequence,
                shown,
                Workspace.PATH,
                record.origin().executionMode(),
                options.maxKeptBytes() < kept ? result.withKeptBytes(options.maxKeptBytes()) : result);
    }

    /** Returns the history. */
    public WorkspaceLogs logs(WorkspaceId id) {
        return logs(id, CommandHistory.MAX_LISTED_CHARS);
    }

    /** Returns the history with at most so much output. */
    public WorkspaceLogs logs(WorkspaceId id, long maxOutputChars) {
        return new WorkspaceLogs(
                id,
                access.history(access.store().get(id)).all(Math.min(maxOutputChars, CommandHistory.MAX_LISTED_CHARS)));
    }
}
