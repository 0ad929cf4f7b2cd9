package dev.pyro.workspace;

import dev.pyro.agent.AgentClient;
import dev.pyro.agent.ExportRequest;
import dev.pyro.agent.ExportResult;
import dev.pyro.agent.GuestFileKind;
import dev.pyro.agent.GuestLocation;
import dev.pyro.agent.ImportRequest;
import dev.pyro.agent.ReadResult;
import dev.pyro.agent.WalkEntry;
import dev.pyro.agent.WalkRequest;
import dev.pyro.agent.WalkResult;
import dev.pyro.agent.WriteRequest;
import dev.pyro.agent.WriteResult;
import dev.pyro.model.Arguments;
import dev.pyro.model.ArtifactType;
import dev.pyro.model.ErrorCode;
import dev.pyro.model.Progress;
import dev.pyro.model.PyroException;
import dev.pyro.model.WorkspaceExport;
import dev.pyro.model.WorkspaceFile;
import dev.pyro.model.WorkspaceFileWrite;
import dev.pyro.model.WorkspaceFiles;
import dev.pyro.model.WorkspaceId;
import dev.pyro.model.WorkspaceSync;
import dev.pyro.store.AtomicFiles;
import dev.pyro.store.PyroPaths;
import dev.pyro.workspace.seed.SyncSource;
import dev.pyro.workspace.seed.TreeExport;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** The files of running workspaces: listed, read, written, pushed and exported. Safe for use by several threads and processes. */
public final class WorkspaceFileAccess {
    /** The longest list of files. */
    static final int MAX_LISTED = 100_000;

    /** The most that is exported or pushed at once. */
    static final long MAX_ENTRIES = 1_000_000;

    private static final String OPERATION = "workspace";

    private final WorkspaceAccess access;
    private final PyroPaths paths;

    public WorkspaceFileAccess(WorkspaceContext context) {
        this.access = context.workspaces();
        this.paths = context.paths();
    }

    /** Lists a directory's entries, or a file itself. */
    public WorkspaceFiles list(WorkspaceId id, String path, boolean recursive) {
        GuestLocation location = GuestPaths.inWorkspace(path);
        WorkspaceRecord record = access.store().get(id);
        List<WorkspaceFiles.Entry> entries = new ArrayList<>();
        long depth = recursive ? WalkRequest.EVERYTHING : 1;
        WalkResult result = with(
                record,
                path,
                "a file or directory",
                client -> client.walk(
                        new WalkRequest(location, depth, false, MAX_LISTED), entry -> add(entries, entry, location)));
        if (result.truncated()) {
            throw new PyroException(
                    ErrorCode.FILE_UNSUITABLE,
                    "\"" + Arguments.printable(path) + "\" holds more than " + MAX_LISTED
                            + " entries: list one of its directories, or use `find` with workspace exec");
        }
        return new WorkspaceFiles(id, location.toString(), recursive, entries);
    }

    private static void add(List<WorkspaceFiles.Entry> entries, WalkEntry entry, GuestLocation location) {
        boolean top = entry.path().isEmpty();
        if (top && entry.kind() == GuestFileKind.DIRECTORY) {
            return;
        }
        entries.add(new WorkspaceFiles.Entry(
                top ? location.toString() : location + "/" + entry.path(),
                type(entry.kind()),
                entry.sizeBytes(),
                entry.kind() == GuestFileKind.SYMLINK ? entry.linkTarget() : null));
    }

    static ArtifactType type(GuestFileKind kind) {
        return switch (kind) {
            case FILE -> ArtifactType.FILE;
            case DIRECTORY -> ArtifactType.DIRECTORY;
            case SYMLINK -> ArtifactType.SYMLINK;
            case OTHER -> ArtifactType.OTHER;
        };
    }

    /** Reads a text file. */
    public WorkspaceFile read(WorkspaceId id, String path, int maxBytes) {
        TextFiles.requireMaxBytes(maxBytes);
        GuestLocation location = GuestPaths.inWorkspace(path);
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        ReadResult result = with(
                access.store().get(id),
                path,
                "a regular file",
                client -> client.read(location, 0, maxBytes, bytes -> append(content, bytes)));
        return TextFiles.text(
                id, location.toString(), result.fileSizeBytes(), maxBytes, ByteBuffer.wrap(content.toByteArray()));
    }

    private static void write(OutputStream out, ByteBuffer bytes) throws IOException {
        byte[] chunk = new byte[bytes.remaining()];
        bytes.get(chunk);
        out.write(chunk);
    }

    static void append(ByteArrayOutputStream content, ByteBuffer bytes) {
        byte[] chunk = new byte[bytes.remaining()];
        bytes.get(chunk);
        content.writeBytes(chunk);
    }

    /** Writes a text file; missing directories above it are made. */
    public WorkspaceFileWrite write(WorkspaceId id, String path, String text) {
        GuestLocation location = GuestPaths.inWorkspace(path);
        if (location.path().isEmpty() || path.endsWith("/")) {
            throw new PyroException(
                    ErrorCode.FILE_UNSUITABLE,
                    "\"" + Arguments.printable(path) + "\" is a directory: name a file in it");
        }
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        if (bytes.length > WorkspaceFile.LARGEST_MAX_BYTES) {
            throw new PyroException(
                    ErrorCode.INVALID_ARGUMENT,
                    "text has " + bytes.length + " bytes, and may have " + WorkspaceFile.LARGEST_MAX_BYTES
                            + ": use `workspace sync push` for larger files");
        }
        WorkspaceRecord record = access.store().get(id);
        WriteResult result = with(
                record,
                path,
                "a regular file",
                client -> client.write(
                        new WriteRequest(location, WriteRequest.STANDARD_MODE, true), new ByteArrayInputStream(bytes)));
        return new WorkspaceFileWrite(
                id, location.toString(), result.bytesWritten(), record.origin().executionMode());
    }

    /** Puts files of the host into a workspace, all of them or none. */
    public WorkspaceSync push(WorkspaceId id, Path source, String destination, Progress.Listener listener) {
        GuestLocation location = GuestPaths.inWorkspace(destination);
        WorkspaceRecord record = access.store().get(id);
        access.requireRunning(record);
        listener.onProgress(Progress.of(OPERATION, "sync", id.value()));
        long maxBytes = record.origin().diskBytes();
        try (SyncSource files = SyncSource.check(paths, source, maxBytes, MAX_ENTRIES)) {
            with(record, destination, "a directory", client -> {
                // Closed when the guest has not taken all of it, too: a program of the host may be writing it.
                try (InputStream archive = files.open()) {
                    return client.importTree(ImportRequest.staged(location, MAX_ENTRIES, maxBytes), archive);
                } catch (IOException e) {
                    throw AtomicFiles.failure("close", source, e);
                }
            });
            return new WorkspaceSync(id, record.origin().executionMode(), files.summary(), location.toString());
        }
    }

    /** Copies a file, directory or link to the host. */
    public WorkspaceExport export(WorkspaceId id, String path, Path output) {
        GuestLocation location = GuestPaths.inWorkspace(path);
        WorkspaceRecord record = access.store().get(id);
        access.requireRunning(record);
        Path target = WorkspaceDisks.requireNewOutput(output);
        try (TreeExport export = TreeExport.begin(
                target,
                location.toString().substring(location.toString().lastIndexOf('/') + 1),
                record.origin().diskBytes(),
                MAX_ENTRIES)) {
            ExportResult told = with(
                    record,
                    path,
                    "a file, directory or link",
                    client -> client.exportTree(
                            new ExportRequest(location, record.origin().diskBytes()),
                            bytes -> write(export.sink(), bytes)));
            TreeExport.Result result = export.commit();
            if (result.type() != type(told.kind())) {
                throw new PyroException(
                        ErrorCode.GUEST_PROTOCOL, "the guest of workspace " + id + " sent something else than it says");
            }
            return new WorkspaceExport(
                    id,
                    location.toString(),
                    target,
                    result.type(),
                    result.entries(),
                    result.bytes(),
                    record.origin().executionMode());
        }
    }

    private <T> T with(WorkspaceRecord record, String path, String wanted, Function<AgentClient, T> conversation) {
        try {
            return access.withAgent(record, conversation);
        } catch (PyroException e) {
            throw GuestPaths.explain(e, path, wanted);
        }
    }
}
