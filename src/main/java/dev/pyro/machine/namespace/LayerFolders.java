package dev.pyro.machine.namespace;

import dev.pyro.machine.MachineSpec.Work;
import dev.pyro.machine.WorkVolumes.Layer;
import dev.pyro.store.AtomicFiles;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.regex.Pattern;

/** The one place that knows the layout of a workspace's folder of layers: each layer is a folder that has its number for a name. */
record LayerFolders(Path folder) {
    private static final Pattern NAME = Pattern.compile("0|[1-9][0-9]{0,8}");

    LayerFolders {
        folder = folder.toAbsolutePath();
    }

    static LayerFolders of(Work work) {
        return new LayerFolders(work.folder());
    }

    Path path(int id) {
        return folder.resolve(Integer.toString(id));
    }

    Path path(Layer layer) {
        return path(layer.id());
    }

    /** Returns the numbers of the layers that are there. */
    List<Integer> list() {
        List<Integer> ids = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder)) {
            for (Path entry : entries) {
                String name = String.valueOf(entry.getFileName());
                if (NAME.matcher(name).matches()) {
                    ids.add(Integer.valueOf(name));
                }
            }
        } catch (IOException e) {
            throw AtomicFiles.failure("list", folder, e);
        }
        ids.sort(null);
        return List.copyOf(ids);
    }

    /** Lets the machine's user pass through the folder, and nobody else. */
    void admit(OptionalInt user) throws IOException {
        if (user.isPresent()) {
            letThrough(folder, user.getAsInt());
        }
    }

    static void letThrough(Path folder, int user) throws IOException {
        Set<PosixFilePermission> permissions = EnumSet.of(
                PosixFilePermission.OWNER_READ,
                PosixFilePermission.OWNER_WRITE,
                PosixFilePermission.OWNER_EXECUTE,
                PosixFilePermission.GROUP_EXECUTE);
        Files.setAttribute(folder, "unix:gid", user, LinkOption.NOFOLLOW_LINKS);
        Files.setPosixFilePermissions(folder, permissions);
    }
}
