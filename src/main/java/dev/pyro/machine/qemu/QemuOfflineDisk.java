package dev.pyro.machine.qemu;

import dev.pyro.disk.DiskLayer;
import dev.pyro.disk.Ext4Export;
import dev.pyro.disk.Qcow2;
import dev.pyro.machine.OfflineDisk;
import dev.pyro.machine.OfflineFiles;
import dev.pyro.machine.WorkVolumes.Offline;
import dev.pyro.os.BuildNamespace;
import dev.pyro.os.HostTools;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Opens the disks of machines that do not run. Immutable. */
final class QemuOfflineDisk {
    /** In an ordinary user's build namespace, and where ids are too few for one of its own: nobody. */
    private static final int NOBODY = 65_534;

    private final HostTools tools;
    private final BuildNamespace namespace;

    QemuOfflineDisk(HostTools tools, BuildNamespace namespace) {
        this.tools = tools;
        this.namespace = namespace;
    }

    /** Opens a machine's disks, or a volume alone. Nothing is read before it is asked for. */
    OfflineDisk open(Offline offline) {
        return new OfflineFiles(
                new OfflineDiskTree(offline.root().map(QemuOfflineDisk::rootDisk), workDisk(offline), this::export));
    }

    private void export(List<DiskLayer> disk, Path image) {
        int user = Confinement.fresh().identity().orElse(NOBODY);
        new Ext4Export(tools, namespace).write(disk, image, user);
    }

    /** A machine that never ran has no disk of its own yet. */
    private static List<DiskLayer> rootDisk(Offline.Root root) {
        List<DiskLayer> layers = new ArrayList<>();
        layers.add(new DiskLayer(root.environment().image(), Qcow2.Format.RAW));
        Path own = new MachineFolder(root.machineFolder()).rootDisk();
        if (Files.exists(own, LinkOption.NOFOLLOW_LINKS)) {
            layers.add(new DiskLayer(own, Qcow2.Format.QCOW2));
        }
        return layers;
    }

    private static List<DiskLayer> workDisk(Offline offline) {
        LayerFiles files = new LayerFiles(offline.folder());
        return offline.chain().stream()
                .map(layer -> new DiskLayer(files.file(layer), LayerFiles.format(layer.id())))
                .toList();
    }
}
