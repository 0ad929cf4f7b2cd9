package dev.pyro.workspace;

import dev.pyro.agent.AgentClient;
import dev.pyro.agent.FreezeResult;
import dev.pyro.machine.Machine;
import dev.pyro.machine.OfflineDisk;
import dev.pyro.machine.WorkVolumes;
import dev.pyro.machine.WorkVolumes.Frozen;
import dev.pyro.machine.WorkVolumes.Layer;
import dev.pyro.machine.WorkVolumes.Offline;
import dev.pyro.machine.WorkVolumes.Stillness;
import dev.pyro.machine.WorkVolumes.Usage;
import dev.pyro.model.ErrorCode;
import dev.pyro.model.Progress;
import dev.pyro.model.PyroException;
import dev.pyro.model.Snapshot;
import dev.pyro.model.Workspace;
import dev.pyro.model.WorkspaceId;
import dev.pyro.model.WorkspaceReset;
import dev.pyro.model.WorkspaceSnapshot;
import dev.pyro.model.WorkspaceSnapshotDeleted;
import dev.pyro.model.WorkspaceSnapshots;
import dev.pyro.model.WorkspaceState;
import dev.pyro.os.Undisturbed;
import dev.pyro.store.InterProcessLock;
import dev.pyro.workspace.LayerTree.State;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** Snapshots and resets. Safe for use by several threads and processes. */
public final class WorkspaceStates {
    /** How many snapshots a workspace may have, beside the baseline. */
    static final int MAX_SNAPSHOTS = 64;

    /** A workspace that is held still for longer goes on by itself. */
    private static final Duration LONGEST_STILLNESS = Duration.ofSeconds(20);

    /** Inodes 1 to 10 of an ext4 file system are its own and the top directory's. */
    private static final long RESERVED_INODES = 10;

    private static final String OPERATION = "workspace";

    private final WorkspaceAccess access;

    public WorkspaceStates(WorkspaceContext context) {
        this.access = context.workspaces();
    }

    /** Takes a snapshot. */
    public WorkspaceSnapshot snapshot(WorkspaceId id, String name) {
        Snapshot.requireName(name);
        try (InterProcessLock _ = access.store().lockExisting(id)) {
            WorkspaceRecord record = access.recovered(access.store().get(id));
            LayerTree files = record.requireFiles();
            requireNewName(id, name, files);
            // A killed operation may have left a layer with the number that comes next.
            access.deleteUnneeded(record);
            Optional<Machine> machine = access.adopt(record);
            if (machine.isPresent()) {
                access.requireRunning(record);
            }
            Layer head = files.layer(files.head());
            // Written down before it happens: a process that is killed in between must not lose the head.
            WorkspaceRecord announced = record.withFiles(files.withPending());
            access.store().put(announced);
            Frozen frozen;
            Usage usage;
            try {
                frozen = access.withoutSecrets(
                        record,
                        () -> access.volumes(record)
                                .freeze(access.layers(record), head, files.nextId(), machine, stillness(machine)));
                usage = machine.isEmpty() && frozen.bytes() == 0
                        ? offlineUsage(record, files)
                        : new Usage(frozen.entries(), frozen.bytes());
            } catch (RuntimeException e) {
                Undisturbed.run(() -> access.recovered(announced));
                throw e;
            }
            Instant now = access.clock().instant();
            Snapshot snapshot = new Snapshot(name, usage.entries(), usage.bytes(), now);
            access.store()
                    .put(record.withFiles(announced.requireFiles().frozen(frozen, snapshot))
                            .withActivity(now));
            return new WorkspaceSnapshot(id, snapshot);
        }
    }

    private Usage offlineUsage(WorkspaceRecord record, LayerTree files) {
        Offline frozen = new Offline(Optional.empty(), access.layers(record), files.headChain());
        try (OfflineDisk disk = access.volumes(record).open(frozen)) {
            Usage usage = disk.usage();
            return new Usage(Math.max(0, usage.entries() - RESERVED_INODES), usage.bytes());
        }
    }

    private static void requireNewName(WorkspaceId id, String name, LayerTree files) {
        if (name.equals(Snapshot.BASELINE)) {
            throw new PyroException(
                    ErrorCode.SNAPSHOT_NAME_TAKEN,
                    "the name \"baseline\" is kept for the state in which workspace " + id
                            + " was created: choose another one");
        }
        if (files.state(name).isPresent()) {
            throw new PyroException(
                    ErrorCode.SNAPSHOT_NAME_TAKEN,
                    "workspace " + id + " has a snapshot \"" + name + "\" already: choose another name, or delete it");
        }
        if (files.states().size() > MAX_SNAPSHOTS) {
            throw new PyroException(
                    ErrorCode.WORKSPACE_LIMIT_REACHED,
                    "workspace " + id + " has " + MAX_SNAPSHOTS + " snapshots, which is the limit: delete one");
        }
    }

    private Stillness stillness(Optional<Machine> machine) {
        return body -> {
            if (machine.isEmpty()) {
                body.run();
                return Usage.UNKNOWN;
            }
            return MachineFailure.explain(machine.get(), () -> hold(machine.get(), body));
        };
    }

    private Usage hold(Machine machine, Runnable body) {
        try (AgentClient client = access.starter().connect(machine)) {
            FreezeResult before = client.freeze(Workspace.PATH, LONGEST_STILLNESS);
            body.run();
            // What the body did counts, and the answer comes at once.
            if (!Undisturbed.call(client::thaw)) {
                throw new PyroException(
                        ErrorCode.GUEST_TIMEOUT,
                        "the snapshot took longer than " + LONGEST_STILLNESS.toSeconds()
                                + " s, and the workspace went on meanwhile; try again when the host is less busy");
            }
            return new Usage(Math.max(0, before.usedInodes() - RESERVED_INODES), before.usedBytes());
        }
    }

    /** Lists the snapshots. */
    public WorkspaceSnapshots snapshots(WorkspaceId id) {
        return new WorkspaceSnapshots(
                id,
                access.store().get(id).requireFiles().states().stream()
                        .map(State::snapshot)
                        .toList());
    }

    /** Deletes a snapshot. */
    public WorkspaceSnapshotDeleted deleteSnapshot(WorkspaceId id, String name) {
        Snapshot.requireName(name);
        if (name.equals(Snapshot.BASELINE)) {
            throw new PyroException(
                    ErrorCode.INVALID_ARGUMENT, "the baseline of workspace " + id + " cannot be deleted");
        }
        try (InterProcessLock _ = access.store().lockExisting(id)) {
            WorkspaceRecord record = access.recovered(access.store().get(id));
            require(record, name);
            WorkspaceRecord without = record.withFiles(record.requireFiles().without(name))
                    .withActivity(access.clock().instant());
            access.store().put(without);
            access.deleteUnneeded(without);
            return new WorkspaceSnapshotDeleted(id, name, true);
        }
    }

    /** Resets to a snapshot. */
    public WorkspaceReset reset(WorkspaceId id, String name, Progress.Listener listener) {
        Snapshot.requireName(name);
        try (InterProcessLock _ = access.store().lockExisting(id)) {
            WorkspaceRecord record = access.recovered(access.store().get(id));
            LayerTree files = record.requireFiles();
            State state = require(record, name);
            listener.onProgress(Progress.of(OPERATION, "reset", id.value()));
            WorkVolumes volumes = access.volumes(record);
            Layer head = volumes.createHead(access.layers(record), files.nextId(), files.layer(state.layer()));
            Instant now = access.clock().instant();
            WorkspaceRecord reset = record.withReset(files.resetTo(head, now), now);
            InterProcessLock services;
            try {
                listener.onProgress(Progress.of(OPERATION, "start", id.value()));
                services = access.services().lock(id);
            } catch (RuntimeException e) {
                volumes.delete(access.layers(record), head);
                throw e;
            }
            try (services) {
                // What it does now is thrown away: it need not end in good order.
                access.adopt(record).ifPresent(Machine::stop);
                access.store().put(reset);
            }
            WorkspaceRecord started = access.start(reset, listener).record();
            access.deleteUnneeded(started);
            return new WorkspaceReset(access.view(started, WorkspaceState.STARTED), state.snapshot());
        }
    }

    private static State require(WorkspaceRecord record, String name) {
        List<State> states = record.requireFiles().states();
        return record.requireFiles()
                .state(name)
                .orElseThrow(() -> new PyroException(
                        ErrorCode.SNAPSHOT_NOT_FOUND,
                        "workspace " + record.id() + " has no snapshot \"" + name + "\"; it has "
                                + states.stream()
                                        .map(state -> state.snapshot().name())
                                        .collect(Collectors.joining(", "))));
    }
}
