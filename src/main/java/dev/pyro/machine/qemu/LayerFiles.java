package dev.pyro.machine.qemu;

import dev.pyro.disk.Qcow2;
import dev.pyro.json.Json;
import dev.pyro.json.JsonFormatException;
import dev.pyro.json.JsonReader;
import dev.pyro.json.JsonValue.JsonObject;
import dev.pyro.machine.WorkVolumes;
import dev.pyro.machine.WorkVolumes.Layer;
import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import dev.pyro.os.FileStatus;
import dev.pyro.os.Host;
import dev.pyro.store.AtomicFiles;
import dev.pyro.store.AtomicFiles.Durability;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
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
 * machine's may read them; the head is the machine's own. {@code pending.json} names the layer that a running machine is being moved
 * to.
 */
record LayerFiles(Path folder) {
    private static final Pattern NAME = Pattern.compile("(0)\\.raw|([1-9][0-9]{0,8})\\.qcow2");
    private static final long FORMAT = 1;

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

    private Path pendingFile() {
        return folder.resolve("pending.json");
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

    /** Gives a new layer to the user who writes the head. */
    void giveToOwnerOf(Layer head, Layer fresh) throws IOException {
        if (Host.isRoot()) {
            FileStatus owner = FileStatus.of(file(head));
            Files.setAttribute(file(fresh), "unix:uid", owner.uid());
            Files.setAttribute(file(fresh), "unix:gid", owner.gid());
        }
        Files.setAttribute(file(fresh), "unix:mode", OWNER_READ_WRITE);
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

    /** Notes, durably, that a machine is about to be moved to a layer. */
    void writePending(Layer fresh, Layer head) {
        AtomicFiles.write(
                pendingFile(),
                Json.writePretty(JsonObject.builder()
                                .put("format_version", FORMAT)
                                .put("layer", fresh.id())
                                .put("parent", head.id())
                                .build())
                        + "\n",
                Durability.POWER);
    }

    void clearPending() {
        AtomicFiles.deleteTree(pendingFile());
    }

    /** Returns the layer that a machine was to be moved to, if that lies on the given head and is there. */
    Optional<Layer> pendingOver(Layer head) {
        try {
            JsonReader json = Json.parseObject(Files.readString(pendingFile()));
            if (json.number("format_version") > FORMAT) {
                throw new PyroException(
                        ErrorCode.RECORD_TOO_NEW,
                        pendingFile() + " was written by a newer version of Pyro; use that version");
            }
            Layer fresh = new Layer(json.integer("layer"), json.integer("parent"));
            return Optional.of(fresh)
                    .filter(layer -> Integer.valueOf(head.id()).equals(layer.parent()) && Files.exists(file(layer)));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw AtomicFiles.failure("read", pendingFile(), e);
        } catch (JsonFormatException e) {
            throw new PyroException(
                    ErrorCode.RECORD_CORRUPT,
                    pendingFile() + " is damaged (" + e.getMessage() + "); restore it, or delete the workspace",
                    e);
        }
    }
}
