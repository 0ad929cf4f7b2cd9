package dev.pyro.workspace;

import dev.pyro.agent.AgentClient;
import dev.pyro.agent.AgentRefusal;
import dev.pyro.agent.GuestLocation;
import dev.pyro.agent.WalkRequest;
import dev.pyro.machine.OfflineDisk;
import dev.pyro.machine.OfflineDisk.Content;
import dev.pyro.model.PyroException;
import dev.pyro.workspace.diff.FileContents;
import dev.pyro.workspace.diff.Suspect;
import dev.pyro.workspace.diff.TreeDiff;
import java.io.ByteArrayOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Where a diff gets contents from: the baseline's from the host, in batches; those of now from the guest, one by one. */
final class WorkspaceContents implements FileContents {
    /** How many files of the baseline are in memory at a time. */
    private static final int BATCH = 256;

    private static final long MAX_DIGESTED_BYTES = 32 << 20;

    private static final long BATCH_BYTES = 16 << 20;

    private final AgentClient client;
    private final GuestLocation top;
    private final OfflineDisk disk;
    private final List<Suspect> suspects;
    private Map<String, Content> batch = Map.of();

    WorkspaceContents(AgentClient client, GuestLocation top, OfflineDisk disk, List<Suspect> suspects) {
        this.client = client;
        this.top = top;
        this.disk = disk;
        this.suspects = suspects.stream().filter(Suspect::readsBaseline).toList();
    }

    @Override
    public Optional<byte[]> baseline(String path, int limit) {
        Content content = batch.get("/" + path);
        if (content == null) {
            loadFrom(path);
            content = batch.get("/" + path);
        }
        if (content == null
                || content.sizeBytes() > limit
                || content.sizeBytes() > content.bytes().remaining()) {
            return Optional.empty();
        }
        byte[] bytes = new byte[content.bytes().remaining()];
        content.bytes().duplicate().get(bytes);
        return Optional.of(bytes);
    }

    /** The comparison asks in the order of the suspects. */
    private void loadFrom(String path) {
        Map<String, Boolean> wanted = new HashMap<>();
        long bytes = 0;
        boolean found = false;
        for (Suspect suspect : suspects) {
            found |= suspect.path().equals(path);
            if (found && suspect.before() != null) {
                wanted.put("/" + suspect.path(), true);
                bytes += suspect.before().sizeBytes();
                if (wanted.size() >= BATCH || bytes >= BATCH_BYTES) {
                    break;
                }
            }
        }
        wanted.put("/" + path, true);
        batch = disk.readAll(wanted.keySet(), TreeDiff.MAX_TEXT_BYTES);
    }

    @Override
    public Optional<byte[]> current(String path, int limit) {
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        try {
            client.read(
                    new GuestLocation(top.base(), path),
                    0,
                    (long) limit + 1,
                    bytes -> WorkspaceFileAccess.append(content, bytes));
        } catch (PyroException e) {
            if (e.getCause() instanceof AgentRefusal) {
                // It is gone, or something else by now.
                return Optional.empty();
            }
            throw e;
        }
        return content.size() > limit ? Optional.empty() : Optional.of(content.toByteArray());
    }

    /** Beyond what is read into memory a file whose times have changed counts as modified. */
    @Override
    public boolean sameContent(String path) {
        Content content = disk.readAll(List.of("/" + path), MAX_DIGESTED_BYTES).get("/" + path);
        if (content == null || content.sizeBytes() > content.bytes().remaining()) {
            return false;
        }
        String[] digest = {""};
        client.walk(
                new WalkRequest(new GuestLocation(top.base(), path), 0, true, 1), entry -> digest[0] = entry.sha256());
        try {
            MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
            sha256.update(content.bytes().duplicate());
            return HexFormat.of().formatHex(sha256.digest()).equals(digest[0]);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
