package dev.pyro.workspace;

import dev.pyro.environment.EnvironmentStore;
import dev.pyro.environment.InstalledEnvironment;
import dev.pyro.machine.Machine;
import dev.pyro.machine.MachineBackend;
import dev.pyro.machine.MachineSpec.NetworkMode;
import dev.pyro.machine.WorkVolumes;
import dev.pyro.machine.WorkVolumes.Layer;
import dev.pyro.model.Arguments;
import dev.pyro.model.CreateWorkspace;
import dev.pyro.model.ErrorCode;
import dev.pyro.model.Progress;
import dev.pyro.model.PyroException;
import dev.pyro.model.Secret;
import dev.pyro.model.Snapshot;
import dev.pyro.model.UpdateWorkspace;
import dev.pyro.model.Workspace;
import dev.pyro.model.WorkspaceDeleted;
import dev.pyro.model.WorkspaceId;
import dev.pyro.model.WorkspaceList;
import dev.pyro.model.WorkspaceSeed;
import dev.pyro.model.WorkspaceState;
import dev.pyro.os.BuildNamespace;
import dev.pyro.os.HostEntropy;
import dev.pyro.os.ProcessIdentity;
import dev.pyro.store.AtomicFiles;
import dev.pyro.store.InterProcessLock;
import dev.pyro.workspace.WorkspaceAccess.StartedWorkspace;
import dev.pyro.workspace.WorkspaceRecord.Life;
import dev.pyro.workspace.WorkspaceRecord.Origin;
import dev.pyro.workspace.WorkspaceRecord.Title;
import dev.pyro.workspace.seed.SeedManifest;
import dev.pyro.workspace.seed.SeedStaging;
import dev.pyro.workspace.seed.StagedSeed;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The life of workspaces: made, listed, started, stopped, deleted. Safe for use by several threads and processes. */
public final class Workspaces {
    private static final String OPERATION = "workspace";
    private static final Duration DELETE_BOUND = Duration.ofMinutes(10);

    private final EnvironmentStore environments;
    private final BackendSelector backends;
    private final WorkspaceAccess access;
    private final WorkspaceStore store;
    private final SeedStaging seeds;
    private final int defaultDiskMib;
    private final Clock clock;

    public Workspaces(WorkspaceContext context) {
        this.environments = context.environments();
        this.backends = context.backends();
        this.access = context.workspaces();
        this.store = access.store();
        this.seeds = context.seeds();
        this.defaultDiskMib = context.defaultDiskMib();
        this.clock = context.clock();
    }

    /** Makes a workspace and starts it, or leaves nothing. */
    public Workspace create(String environment, CreateWorkspace options, Progress.Listener listener) {
        environments.require(environment);
        if (options.seedPath() != null && !Files.exists(options.seedPath())) {
            throw new PyroException(
                    ErrorCode.SEED_UNUSABLE,
                    "cannot take files from "
                            + Arguments.printable(options.seedPath().toString())
                            + ": there is no such file or directory");
        }
        listener.onProgress(Progress.of(OPERATION, "create", environment));
        InstalledEnvironment installed = environments.ensureInstalled(environment, listener);
        NetworkMode network = WorkspaceRecord.Origin.networkMode(options.networkPolicy());
        MachineBackend backend = backends.select(options.allowHostCompat(), network, listener);
        WorkspaceRecord record = record(installed, backend, options);
        try (WorkspaceCreation creation = new WorkspaceCreation(access, record, options.secrets())) {
            listener.onProgress(Progress.of(OPERATION, "seed", record.id().value()));
            WorkspaceRecord seeded = seed(record, options, backend.volumes());
            listener.onProgress(Progress.of(OPERATION, "start", record.id().value()));
            StartedWorkspace started = access.start(seeded, listener);
            creation.finish(started);
            return access.view(started.record(), WorkspaceState.STARTED);
        }
    }

    private WorkspaceRecord record(InstalledEnvironment installed, MachineBackend backend, CreateWorkspace options) {
        Instant now = clock.instant();
        @Nullable Integer diskMib = options.diskMib();
        return new WorkspaceRecord(
                WorkspaceId.of(HostEntropy.draw(WorkspaceId.RANDOM_BYTES)),
                new Origin(
                        installed.name(),
                        installed.version(),
                        installed.digest(),
                        backend.name(),
                        backend.executionMode(),
                        options.vcpuCount(),
                        options.memMib(),
                        diskMib == null ? defaultDiskMib : diskMib,
                        options.ttl(),
                        options.networkPolicy(),
                        now,
                        WorkspaceSeed.NONE,
                        options.secrets().stream().map(Secret::described).toList(),
                        installed.settings()),
                new Title(options.name(), options.labels()),
                new Life.Creating(ProcessIdentity.current()),
                null,
                true,
                0,
                now,
                0,
                null);
    }

    private WorkspaceRecord seed(WorkspaceRecord record, CreateWorkspace options, WorkVolumes volumes) {
        Path scratch = store.createScratch(record.id());
        Path layers = AtomicFiles.createDirectories(store.layersFolder(record.id()));
        Layer baseline;
        WorkspaceSeed seed;
        Snapshot snapshot;
        try {
            StagedSeed staged =
                    seeds.stage(options.seedPath(), scratch, record.origin().diskBytes(), SeedManifest.MAX_ENTRIES);
            seed = staged.summary();
            baseline = volumes.createBaseline(
                    layers,
                    staged.tree(),
                    seed.entryCount(),
                    staged.diskBytes(),
                    record.origin().diskBytes(),
                    record.origin().owner());
            staged.requireUnchanged();
            staged.writeManifest(store.manifest(record.id()));
            snapshot = new Snapshot(
                    Snapshot.BASELINE,
                    seed.entryCount(),
                    seed.bytesWritten(),
                    record.origin().createdAt());
        } finally {
            // What was unpacked may belong to ids that only exist in there.
            BuildNamespace.ofThisUser().deleteTree(scratch, DELETE_BOUND);
        }
        Layer head = volumes.createHead(layers, WorkVolumes.BASELINE + 1, baseline);
        return record.withOrigin(record.origin().withSeed(seed))
                .withFiles(LayerTree.of(baseline, head, snapshot, clock.instant()));
    }

    /** Returns all workspaces, newest activity first. */
    public WorkspaceList list() {
        List<Workspace> workspaces = store.all().stream()
                .filter(record -> !(record.life() instanceof Life.Creating))
                .sorted(Comparator.comparing(WorkspaceRecord::lastActivityAt)
                        .reversed()
                        .thenComparing(record -> record.id().value()))
                .flatMap(record -> viewIfReadable(record).stream())
                .toList();
        return new WorkspaceList(workspaces);
    }

    /** One that is damaged must not hide the others; asking for it says what is wrong. */
    private Optional<Workspace> viewIfReadable(WorkspaceRecord record) {
        try {
            return Optional.of(access.view(record, access.state(record)));
        } catch (PyroException e) {
            if (e.code() != ErrorCode.RECORD_CORRUPT && e.code() != ErrorCode.RECORD_TOO_NEW) {
                throw e;
            }
            return Optional.empty();
        }
    }

    /** Returns the workspace that an id, the unique beginning of one, or a name stands for. */
    public WorkspaceId find(String reference) {
        return new WorkspaceNames(store).resolve(reference);
    }

    /** Returns what a workspace is now. */
    public Workspace status(WorkspaceId id) {
        WorkspaceRecord record = store.get(id);
        return access.view(record, access.state(record));
    }

    /** Changes name and labels. */
    public Workspace update(WorkspaceId id, UpdateWorkspace changes) {
        try (InterProcessLock _ = store.lockExisting(id);
                InterProcessLock _ = store.lockNames()) {
            WorkspaceRecord record = store.get(id);
            new WorkspaceNames(store).requireFree(changes.name(), id);
            Map<String, String> labels = new HashMap<>(record.title().labels());
            changes.clearLabels().forEach(labels::remove);
            labels.putAll(changes.labels());
            if (labels.size() > Arguments.MAX_LABELS) {
                throw new PyroException(
                        ErrorCode.INVALID_ARGUMENT,
                        "workspace " + id + " would have " + labels.size() + " labels, and may have "
                                + Arguments.MAX_LABELS + ": clear some");
            }
            String name = changes.clearName()
                    ? null
                    : changes.name() == null ? record.title().name() : changes.name();
            WorkspaceRecord updated = record.withTitle(new Title(name, labels)).withActivity(clock.instant());
            store.put(updated);
        }
        return status(id);
    }

    /** Starts the machine; does nothing when it runs. */
    public Workspace start(WorkspaceId id, Progress.Listener listener) {
        try (InterProcessLock _ = store.lockExisting(id)) {
            WorkspaceRecord record = access.recovered(store.get(id));
            if (access.running(record).isPresent()) {
                if (!(record.life() instanceof Life.Started)) {
                    // A stop that was killed had only announced itself.
                    record = record.withStarted();
                    store.put(record);
                }
                return access.view(record, WorkspaceState.STARTED);
            }
            listener.onProgress(Progress.of(OPERATION, "start", id.value()));
            access.deleteUnneeded(record);
            return access.view(access.start(record, listener).record(), WorkspaceState.STARTED);
        }
    }

    /** Ends the machine in good order and keeps all files; does nothing when it does not run. */
    public Workspace stop(WorkspaceId id) {
        try (InterProcessLock _ = store.lockExisting(id);
                InterProcessLock _ = access.services().lock(id)) {
            WorkspaceRecord record = access.recovered(store.get(id));
            WorkspaceRecord stopped = record.withLife(new Life.Stopped()).withActivity(clock.instant());
            access.adopt(record)
                    // Before its end: whoever talks with it then knows why it went.
                    .ifPresentOrElse(
                            machine -> access.starter().shutDown(machine, agent -> {
                                store.put(stopped);
                                access.services().endAll(record, machine, agent);
                            }),
                            () -> store.put(stopped));
            access.deleteUnneeded(stopped);
            return access.view(stopped, WorkspaceState.STOPPED);
        }
    }

    /** Ends the machine and deletes everything. */
    public WorkspaceDeleted delete(WorkspaceId id) {
        try (InterProcessLock _ = store.lockExisting(id)) {
            store.get(id);
            access.endAndDelete(id);
            return new WorkspaceDeleted(id, true);
        }
    }

    /** Deletes what is expired, and what killed processes left. */
    public void reapExpired() {
        Instant now = clock.instant();
        for (WorkspaceId id : store.ids()) {
            if (Thread.currentThread().isInterrupted()) {
                throw new PyroException(ErrorCode.INTERRUPTED, "interrupted while expired workspaces were deleted");
            }
            // Without the lock first: every command comes here, and must not keep others from their work.
            if (isDue(id, now)) {
                // Where somebody holds the lock, somebody works on the workspace.
                store.tryLock(id).ifPresent(lock -> reap(id, lock, now));
            }
        }
    }

    private void reap(WorkspaceId id, InterProcessLock lock, Instant now) {
        try (lock) {
            if (isDue(id, now)) {
                access.endAndDelete(id);
            }
        } catch (PyroException e) {
            if (e.code() == ErrorCode.INTERRUPTED) {
                throw e;
            }
            // The others must still be reaped.
        }
    }

    private boolean isDue(WorkspaceId id, Instant now) {
        try {
            // A folder without a record is what a killed process left.
            return store.find(id).map(record -> isAbandoned(record, now)).orElse(true);
        } catch (PyroException e) {
            if (e.code() == ErrorCode.INTERRUPTED) {
                throw e;
            }
            // A damaged or newer record is for a person to look at.
            return false;
        }
    }

    private boolean isAbandoned(WorkspaceRecord record, Instant now) {
        if (record.life() instanceof Life.Creating(var creator)) {
            return !creator.isAlive();
        }
        return record.lastActivityAt().plus(record.origin().ttl()).isBefore(now)
                && access.adopt(record).filter(Machine::isInUse).isEmpty();
    }
}
