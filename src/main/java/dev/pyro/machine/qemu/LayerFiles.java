package dev.pyro.machine.qemu;

import dev.pyro.disk.Qcow2;
import dev.pyro.machine.WorkVolumes;
import dev.pyro.machine.WorkVolumes.Layer;
import dev.pyro.os.FileStatus;
import dev.pyro.os.Host;
import dev.pyro.store.AtomicFiles;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The one place that knows the layout of a workspace's folder of layers.
 *
 * <p>{@code 0.raw} is the baseline, {@code N.qcow2} the layer N over another one. Frozen layers belong to Pyro's user, and the
 * machine's may read them; the head is the machine's own.
 */
record LayerFiles(Path folder) {
    private static final Pattern NAME = Pattern.compile("(0)\\.raw|([1-9][0-9]{0,8})\\.qcow2");

    /** Entering, but not listing, for the machine's user. */
    private static final int PASS_THROUGH = 0711;

    private static final int OWNER_READ_WRITE = 0600;
    private static final int OWNER_READ = 0400;
    private static final int GROUP_READ = 0440;

    LayerFiles {
        folder = folder.toAbsolutePath();
    }

    Path file(Layer layer) {
        return folder.resolve(name(layer.id()));
    }

    static String name(int id) {
        return id == WorkVolumes.BASELINE ? "0.raw" : id + ".qcow2";
    }

    static Qcow2.Format format(int id) {
        return id == WorkVolumes.BASELINE ? Qcow2.Format.RAW : Qcow2.Format.QCOW2;
    }

    /** Where a layer is made; under its own name it is always whole. */
    Path unfinished(Layer layer) {
        return folder.resolve("new-" + name(layer.id()));
    }

    /** Returns the virtual size of the disk. */
    long diskBytes() {
        Path baseline = folder.resolve(name(WorkVolumes.BASELINE));
        try {
            return Files.size(baseline);
        } catch (IOException e) {
            throw AtomicFiles.failure("read", baseline, e);
        }
    }

    /** Returns the numbers of the layers that are there. */
    List<Integer> list() {
        List<Integer> ids = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder)) {
            for (Path entry : entries) {
                Matcher name = NAME.matcher(String.valueOf(entry.getFileName()));
                if (name.matches()) {
                    ids.add(Integer.valueOf(name.group(1) == null ? name.group(2) : name.group(1)));
                }
            }
        } catch (IOException e) {
            throw AtomicFiles.failure("list", folder, e);
        }
        ids.sort(null);
        return List.copyOf(ids);
    }

    /** Lets a machine's user open a chain, and write its last layer. */
    void admit(List<Layer> chain, Confinement confinement) {
        try {
            if (confinement.identity().isPresent()) {
                Files.setAttribute(folder, "unix:mode", PASS_THROUGH);
            }
            for (Layer layer : chain.subList(0, chain.size() - 1)) {
                protect(file(layer), confinement.identity());
            }
            MachineFolder.own(file(chain.getLast()), confinement, OWNER_READ_WRITE);
        } catch (IOException e) {
            throw AtomicFiles.failure("open", file(chain.getLast()), e);
        }
        HostAccess.requireReadable(file(chain.getLast()), confinement);
    }

    /** Gives a layer that is finished its name; it belongs to the user who writes the layer below. */
    void finish(Layer layer, Layer below) {
        Path unfinished = unfinished(layer);
        try {
            if (Host.isRoot()) {
                FileStatus owner = FileStatus.of(file(below));
                Files.setAttribute(unfinished, "unix:uid", owner.uid());
                Files.setAttribute(unfinished, "unix:gid", owner.gid());
            }
            Files.setAttribute(unfinished, "unix:mode", OWNER_READ_WRITE);
        } catch (IOException e) {
            throw AtomicFiles.failure("change the owner of", unfinished, e);
        }
        AtomicFiles.publish(unfinished, file(layer));
    }

    /** Takes the right to write from everybody. */
    void freeze(Layer layer) {
        Path file = file(layer);
        try {
            Optional<Integer> reader =
                    Host.isRoot() ? Optional.of(FileStatus.of(file).gid()) : Optional.empty();
            protect(file, reader);
        } catch (IOException e) {
            throw AtomicFiles.failure("freeze", file, e);
        }
    }

    /** An owner could give himself the right to write again; so the machine's user is only in the group. */
    private static void protect(Path file, Optional<Integer> reader) throws IOException {
        if (reader.isPresent()) {
            Files.setAttribute(file, "unix:uid", 0);
            Files.setAttribute(file, "unix:gid", reader.get());
        }
        Files.setAttribute(file, "unix:mode", reader.isPresent() ? GROUP_READ : OWNER_READ);
    }
}
