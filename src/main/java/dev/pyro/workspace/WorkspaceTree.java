package dev.pyro.workspace;

import dev.pyro.agent.AgentClient;
import dev.pyro.agent.GuestFileKind;
import dev.pyro.agent.GuestLocation;
import dev.pyro.agent.WalkRequest;
import dev.pyro.model.Arguments;
import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import dev.pyro.workspace.diff.CurrentFiles;
import dev.pyro.workspace.diff.TreeEntry;
import java.io.ByteArrayOutputStream;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The files that a patch is checked against, as one session with the agent finds them; each directory is listed once. */
final class WorkspaceTree implements CurrentFiles {
    private static final int MAX_DIRECTORY_ENTRIES = 200_000;

    private final AgentClient client;
    private final GuestLocation top;
    private final Map<String, Map<String, TreeEntry>> directories = new HashMap<>();

    WorkspaceTree(AgentClient client, GuestLocation top) {
        this.client = client;
        this.top = top;
    }

    @Override
    public @Nullable TreeEntry entry(String path) {
        int slash = path.lastIndexOf('/');
        String directory = slash < 0 ? "" : path.substring(0, slash);
        if (!directory.isEmpty()) {
            TreeEntry parent = entry(directory);
            // The agent would follow a link.
            if (parent == null || parent.kind() != GuestFileKind.DIRECTORY) {
                return null;
            }
        }
        return directory(directory).get(path);
    }

    @Override
    public List<String> children(String directory) {
        return List.copyOf(directory(directory).keySet());
    }

    private Map<String, TreeEntry> directory(String directory) {
        return directories.computeIfAbsent(directory, this::list);
    }

    private Map<String, TreeEntry> list(String directory) {
        Map<String, TreeEntry> entries = new HashMap<>();
        String prefix = directory.isEmpty() ? "" : directory + "/";
        boolean cut = client.walk(
                        new WalkRequest(new GuestLocation(top.base(), directory), 1, false, MAX_DIRECTORY_ENTRIES),
                        entry -> {
                            if (!entry.path().isEmpty()) {
                                String path = prefix + entry.path();
                                entries.put(path, WorkspaceChanges.entry(path, entry));
                            }
                        })
                .truncated();
        if (cut) {
            throw new PyroException(
                    ErrorCode.FILE_UNSUITABLE,
                    "the directory \"" + Arguments.printable(directory) + "\" holds more than " + MAX_DIRECTORY_ENTRIES
                            + " entries, too many to patch in");
        }
        return entries;
    }

    @Override
    public byte[] content(String path, int limit) {
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        client.read(
                new GuestLocation(top.base(), path),
                0,
                (long) limit + 1,
                bytes -> WorkspaceFileAccess.append(content, bytes));
        return content.toByteArray();
    }
}
