package dev.pyro.workspace;

import dev.pyro.agent.AgentClient;
import dev.pyro.agent.ChangeRequest;
import dev.pyro.agent.FileChange;
import dev.pyro.agent.FileContent;
import dev.pyro.agent.GuestFileKind;
import dev.pyro.agent.GuestLocation;
import dev.pyro.agent.WalkEntry;
import dev.pyro.agent.WalkRequest;
import dev.pyro.machine.OfflineDisk;
import dev.pyro.machine.WorkVolumes.Offline;
import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import dev.pyro.model.Workspace;
import dev.pyro.model.WorkspaceDiff;
import dev.pyro.model.WorkspaceId;
import dev.pyro.model.WorkspacePatch;
import dev.pyro.workspace.diff.Patch;
import dev.pyro.workspace.diff.PatchPlan;
import dev.pyro.workspace.diff.Suspect;
import dev.pyro.workspace.diff.TreeComparison;
import dev.pyro.workspace.diff.TreeDiff;
import dev.pyro.workspace.diff.TreeEntry;
import dev.pyro.workspace.seed.ManifestEntry;
import dev.pyro.workspace.seed.SeedManifest;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** What changed in running workspaces, and changes brought in as patches. Safe for use by several threads and processes. */
public final class WorkspaceChanges {
    private static final GuestLocation TOP = new GuestLocation(Workspace.PATH, "");
    private static final int MAX_ENTRIES = 1_000_000;

    private final WorkspaceAccess access;

    public WorkspaceChanges(WorkspaceContext context) {
        this.access = context.workspaces();
    }

    /** Returns what differs from the baseline. */
    public WorkspaceDiff diff(WorkspaceId id) {
        WorkspaceRecord record = access.store().get(id);
        access.requireRunning(record);
        List<TreeEntry> baseline = new ArrayList<>();
        SeedManifest.forEach(access.store().manifest(id), entry -> baseline.add(baselineEntry(entry)));
        TreeDiff diff = access.withAgent(record, client -> compare(record, baseline, client));
        return new WorkspaceDiff(
                id,
                diff.entries().stream()
                        .map(entry -> new WorkspaceDiff.Entry(
                                entry.path(),
                                entry.status(),
                                WorkspaceFileAccess.type(entry.kind()),
                                entry.textPatch()))
                        .toList(),
                diff.patch());
    }

    private TreeDiff compare(WorkspaceRecord record, List<TreeEntry> baseline, AgentClient client) {
        LayerTree files = record.requireFiles();
        List<TreeEntry> current = new ArrayList<>();
        boolean cut = client.walk(
                        new WalkRequest(TOP, WalkRequest.EVERYTHING, false, MAX_ENTRIES),
                        entry -> current.add(entry(entry.path(), entry)))
                .truncated();
        if (cut) {
            throw new PyroException(
                    ErrorCode.FILE_UNSUITABLE,
                    "workspace " + record.id() + " holds more than " + MAX_ENTRIES + " entries, too many for a diff:"
                            + " delete what is not needed, such as build products");
        }
        List<Suspect> suspects = TreeComparison.suspects(baseline, current, nanos(files.sealedAt()));
        Offline layer = new Offline(
                Optional.empty(),
                access.layers(record),
                files.chain(files.baseline().layer()));
        try (OfflineDisk disk = access.volumes(record).open(layer)) {
            return TreeDiff.of(suspects, new WorkspaceContents(client, TOP, disk, suspects));
        }
    }

    /** Applies a patch, all of it or nothing. */
    public WorkspacePatch applyPatch(WorkspaceId id, String patchText, boolean allowModeOnly) {
        Patch patch = Patch.parse(
                patchText.getBytes(StandardCharsets.UTF_8),
                allowModeOnly ? Patch.ModeOnly.ALLOWED : Patch.ModeOnly.REFUSED);
        WorkspaceRecord record = access.store().get(id);
        return access.withAgent(record, client -> {
            WorkspaceTree tree = new WorkspaceTree(client, TOP);
            PatchPlan plan = PatchPlan.of(patch, tree);
            List<FileChange> changes = new ArrayList<>();
            for (dev.pyro.workspace.diff.FileChange change : plan.changes()) {
                agentChange(change, tree).ifPresent(changes::add);
            }
            try {
                client.change(new ChangeRequest(TOP, changes, PatchPlan.MAX_RESULT_BYTES));
            } catch (PyroException e) {
                throw GuestPaths.explain(e, Workspace.PATH, "what the patch takes it for");
            }
            return new WorkspacePatch(
                    id,
                    record.origin().executionMode(),
                    plan.entries().stream()
                            .map(entry -> new WorkspacePatch.Entry(entry.path(), entry.status()))
                            .toList());
        });
    }

    /** The agent itself removes the directories that become empty. */
    private static Optional<FileChange> agentChange(dev.pyro.workspace.diff.FileChange change, WorkspaceTree tree) {
        return switch (change) {
            case dev.pyro.workspace.diff.FileChange.Write write ->
                Optional.of(new FileChange.Write(write.path(), write.mode(), FileContent.of(write.content())));
            case dev.pyro.workspace.diff.FileChange.Link link ->
                Optional.of(new FileChange.Link(link.path(), link.target()));
            case dev.pyro.workspace.diff.FileChange.Mode mode ->
                Optional.of(new FileChange.Write(
                        mode.path(), mode.mode(), FileContent.of(tree.content(mode.path(), PatchPlan.MAX_FILE_BYTES))));
            case dev.pyro.workspace.diff.FileChange.Delete delete ->
                delete.directory() ? Optional.empty() : Optional.of(new FileChange.Delete(delete.path()));
        };
    }

    private static TreeEntry baselineEntry(ManifestEntry entry) {
        GuestFileKind kind = switch (entry.type()) {
            case FILE -> GuestFileKind.FILE;
            case DIRECTORY -> GuestFileKind.DIRECTORY;
            case SYMLINK -> GuestFileKind.SYMLINK;
            case OTHER -> GuestFileKind.OTHER;
        };
        return new TreeEntry(
                entry.path(),
                kind,
                entry.mode(),
                entry.size(),
                entry.mtimeSeconds(),
                0,
                entry.linkTarget() == null ? "" : entry.linkTarget());
    }

    static TreeEntry entry(String path, WalkEntry entry) {
        return new TreeEntry(
                path,
                entry.kind(),
                entry.mode(),
                entry.sizeBytes(),
                Math.floorDiv(entry.modifiedNanos(), TimeUnit.SECONDS.toNanos(1)),
                entry.changedNanos(),
                entry.linkTarget());
    }

    private static long nanos(Instant at) {
        return TimeUnit.SECONDS.toNanos(at.getEpochSecond()) + at.getNano();
    }
}
