package dev.pyro.machine.namespace;

import dev.pyro.machine.Machine;
import dev.pyro.machine.OfflineDisk;
import dev.pyro.machine.WorkVolumes;
import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import dev.pyro.os.BuildNamespace;
import dev.pyro.os.HostCommand;
import dev.pyro.os.HostTool;
import dev.pyro.store.AtomicFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Function;

/**
 * Workspaces as folders. Each layer holds everything: it is a copy, which takes as long as the tree is large, except on file systems that
 * let files share their blocks.
 */
final class NamespaceVolumes implements WorkVolumes {
    private static final Duration COPY_TIMEOUT = Duration.ofMinutes(20);
    private static final String TOP_FOLDER = "rwxr-xr-x";

    private final BuildNamespace namespace = BuildNamespace.ofThisUser();
    private final OptionalInt hostUser;
    private final NamespaceOfflineDisk disks;

    /**
     * Makes the files of machines.
     *
     * @param hostUser whom they run as, or empty for this user
     * @param programs finds a program of the host by its name
     */
    NamespaceVolumes(OptionalInt hostUser, Function<String, Optional<Path>> programs) {
        this.hostUser = hostUser;
        this.disks = new NamespaceOfflineDisk(programs, hostUser);
    }

    @Override
    public Set<HostTool> tools() {
        return EnumSet.copyOf(namespace.tools());
    }

    @Override
    public Layer createBaseline(Path folder, Path tree, long entries, long contentBytes, long diskBytes, Owner owner) {
        // Its machines have no user but root, so there is nobody else to give it to.
        Path target = new LayerFolders(folder).path(BASELINE);
        copy(tree.toAbsolutePath(), target);
        try {
            Files.setPosixFilePermissions(target, PosixFilePermissions.fromString(TOP_FOLDER));
        } catch (IOException e) {
            throw AtomicFiles.failure("prepare", target, e);
        }
        return new Layer(BASELINE, null);
    }

    @Override
    public Layer createHead(Path folder, int id, Layer frozen) {
        LayerFolders folders = new LayerFolders(folder);
        Layer head = new Layer(id, null);
        boolean whole = false;
        try {
            copy(folders.path(frozen), folders.path(id));
            whole = true;
            return head;
        } finally {
            if (!whole) {
                delete(folder, head);
            }
        }
    }

    @Override
    public Frozen freeze(Path folder, Layer head, int freshId, Optional<Machine> running, Stillness agent) {
        LayerFolders folders = new LayerFolders(folder);
        WorkVolumes.requireRoom(folders.list());
        Layer fresh = new Layer(freshId, null);
        boolean frozen = false;
        try {
            if (running.isPresent()) {
                agent.during(() -> copy(folders.path(head), folders.path(fresh)));
            } else {
                copy(folders.path(head), folders.path(fresh));
            }
            Path copy = folders.path(fresh);
            Frozen result = new Frozen(fresh, head, measure(copy, "--inodes"), measure(copy, "--block-size=1"));
            frozen = true;
            return result;
        } finally {
            if (!frozen) {
                delete(folder, fresh);
            }
        }
    }

    @Override
    public Layer currentHead(Path folder, Layer head, int pending, Optional<Machine> running) {
        // A machine writes to its head for ever.
        return head;
    }

    @Override
    public void delete(Path folder, Layer layer) {
        Path path = new LayerFolders(folder).path(layer);
        if (Files.exists(path)) {
            namespace.deleteTree(path, COPY_TIMEOUT);
        }
    }

    @Override
    public List<Integer> layers(Path folder) {
        return new LayerFolders(folder).list();
    }

    @Override
    public OfflineDisk open(Offline offline) {
        return disks.open(offline);
    }

    private void copy(Path source, Path target) {
        HostCommand.Result result = namespace.run(
                HostCommand.of(COPY_TIMEOUT, new CopyCommandLine(source, target, hostUser).tokens()), line -> {});
        if (result.exitCode() != 0) {
            boolean full = result.output().contains("No space left on device")
                    || result.output().contains("Disk quota exceeded");
            throw new PyroException(
                    full ? ErrorCode.DISK_FULL : ErrorCode.HOST_TOOL_FAILED,
                    "cannot copy " + source + " to " + target + ": "
                            + (full
                                    ? "the disk is full; free some room (`pyro env prune` helps) and try again"
                                    : result.output().strip()));
        }
    }

    private long measure(Path tree, String unit) {
        HostCommand.Result result = namespace.run(
                HostCommand.of(COPY_TIMEOUT, List.of("du", "--summarize", unit, "--", tree.toString())), line -> {});
        String output = result.output();
        try {
            return Long.parseLong(output.substring(0, Math.max(0, output.indexOf('\t'))));
        } catch (NumberFormatException e) {
            throw new PyroException(ErrorCode.HOST_TOOL_FAILED, "cannot measure " + tree + ": " + output.strip(), e);
        }
    }
}
