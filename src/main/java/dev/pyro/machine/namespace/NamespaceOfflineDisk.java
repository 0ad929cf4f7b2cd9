package dev.pyro.machine.namespace;

import dev.pyro.disk.Ext4Images;
import dev.pyro.machine.OfflineDisk;
import dev.pyro.machine.OfflineFiles;
import dev.pyro.machine.WorkVolumes.Offline;
import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import dev.pyro.os.Host;
import dev.pyro.os.HostTool;
import dev.pyro.os.PipedCommand;
import dev.pyro.store.AtomicFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Function;

/** Opens the files of machines that do not run. Immutable. */
final class NamespaceOfflineDisk {
    private static final Duration EXPORT_TIMEOUT = Duration.ofMinutes(20);
    private static final long MAX_WORDS_BYTES = 64 << 10;
    private static final String MEASURE = "du -s -B1 . | cut -f1; find . -printf x | wc -c";

    private final Function<String, Optional<Path>> programs;
    private final OptionalInt runAs;

    /**
     * Opens nothing yet.
     *
     * @param programs finds a program of the host by its name
     * @param runAs whom the files belong to, or empty for this user
     */
    NamespaceOfflineDisk(Function<String, Optional<Path>> programs, OptionalInt runAs) {
        this.programs = programs;
        this.runAs = runAs;
    }

    /** Opens a machine's files, or a volume alone. */
    OfflineDisk open(Offline offline) {
        LayerFolders folders = new LayerFolders(offline.folder());
        Path work = folders.path(offline.chain().getLast());
        if (!Files.isDirectory(work, LinkOption.NOFOLLOW_LINKS)) {
            throw new PyroException(
                    ErrorCode.STORAGE_UNUSABLE,
                    "the workspace's folder " + work + " is missing; start from another snapshot");
        }
        try {
            folders.admit(runAs);
        } catch (IOException e) {
            throw AtomicFiles.failure("prepare", folders.folder(), e);
        }
        OfflineView view = new OfflineView(
                NamespaceTools.find(programs),
                offline.root()
                        .map(root -> root.environment()
                                .tree(runAs.orElseGet(Host::effectiveUid))
                                .toAbsolutePath()),
                offline.root().flatMap(NamespaceOfflineDisk::upper),
                work,
                runAs);
        return new OfflineFiles(new NamespaceFileTree(view, image -> export(view, image)));
    }

    /** A machine that never ran has changed nothing. */
    private static Optional<Path> upper(Offline.Root root) {
        Path upper = new NamespacePaths(root.machineFolder().toAbsolutePath()).overlayUpper();
        return Files.isDirectory(upper, LinkOption.NOFOLLOW_LINKS) ? Optional.of(upper) : Optional.empty();
    }

    private void export(OfflineView view, Path image) {
        Path mke2fs = programs.apply(HostTool.MKE2FS.program())
                .orElseThrow(() -> new PyroException(
                        ErrorCode.HOST_TOOL_MISSING,
                        "this host lacks mke2fs; run `apt-get install " + HostTool.MKE2FS.debianPackage() + "`"));
        Ext4Images.Content content = measure(view);
        boolean done = false;
        try {
            Files.createFile(image, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            own(image, runAs);
            // The image is open before the rights to reach it are gone; its folder is not visible inside.
            List<String> line = new ArrayList<>(List.of("sh", "-c", "exec \"$@\" <>\"$0\"", image.toString()));
            line.addAll(view.tokens(
                    Ext4Images.commandLine(mke2fs, Path.of(OfflineView.TOP), content, Path.of("/proc/self/fd/0"))));
            PipedCommand.Result result = PipedCommand.run(line, new byte[0], MAX_WORDS_BYTES, EXPORT_TIMEOUT);
            if (result.exitCode() != 0) {
                throw Ext4Images.failure("export the machine to " + image, result.errors());
            }
            if (runAs.isPresent()) {
                own(image, OptionalInt.of(0));
            }
            done = true;
        } catch (IOException e) {
            throw AtomicFiles.failure("create", image, e);
        } finally {
            if (!done) {
                AtomicFiles.deleteTree(image);
            }
        }
    }

    private static void own(Path image, OptionalInt user) throws IOException {
        if (user.isPresent()) {
            Files.setAttribute(image, "unix:uid", user.getAsInt());
            Files.setAttribute(image, "unix:gid", user.getAsInt());
        }
    }

    private static Ext4Images.Content measure(OfflineView view) {
        PipedCommand.Result result = PipedCommand.run(
                view.tokens(List.of("sh", "-euc", MEASURE)), new byte[0], MAX_WORDS_BYTES, EXPORT_TIMEOUT);
        List<String> numbers = StandardCharsets.ISO_8859_1
                .decode(result.output())
                .toString()
                .strip()
                .lines()
                .toList();
        if (result.exitCode() != 0 || numbers.size() != 2) {
            throw Ext4Images.failure("measure the files of the machine", result.errors());
        }
        return new Ext4Images.Content(Long.parseLong(numbers.getFirst()), Long.parseLong(numbers.getLast()));
    }
}
