package dev.pyro.machine.qemu;

import dev.pyro.disk.Ext4Images;
import dev.pyro.disk.Qcow2;
import dev.pyro.machine.Machine;
import dev.pyro.machine.OfflineDisk;
import dev.pyro.machine.WorkVolumes;
import dev.pyro.os.BuildNamespace;
import dev.pyro.os.HostTool;
import dev.pyro.os.HostTools;
import dev.pyro.store.AtomicFiles;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Workspaces as disks: a raw ext4 image, and qcow2 overlays over it. A frozen layer costs nothing but the fresh one over it, whatever
 * it holds.
 */
final class QemuVolumes implements WorkVolumes {
    private final Ext4Images images;
    private final Qcow2 overlays;
    private final BuildNamespace namespace;
    private final QemuOfflineDisk disks;

    QemuVolumes(HostTools tools, BuildNamespace namespace) {
        this.images = new Ext4Images(tools, namespace);
        this.overlays = new Qcow2(tools);
        this.namespace = namespace;
        this.disks = new QemuOfflineDisk(tools, namespace);
    }

    @Override
    public Set<HostTool> tools() {
        Set<HostTool> tools = EnumSet.of(HostTool.MKE2FS, HostTool.DEBUGFS, HostTool.E2FSCK, HostTool.QEMU_IMG);
        tools.addAll(namespace.tools());
        return tools;
    }

    @Override
    public Layer createBaseline(Path folder, Path tree, long entries, long contentBytes, long diskBytes, Owner owner) {
        LayerFiles files = new LayerFiles(folder);
        Layer baseline = new Layer(BASELINE, null);
        AtomicFiles.deleteTree(files.file(baseline));
        images.buildDisk(
                tree.toAbsolutePath(),
                new Ext4Images.Content(contentBytes, entries),
                files.file(baseline),
                diskBytes,
                owner.uid(),
                owner.gid());
        files.freeze(baseline);
        return baseline;
    }

    @Override
    public Layer createHead(Path folder, int id, Layer frozen) {
        LayerFiles files = new LayerFiles(folder);
        Layer head = new Layer(id, frozen.id());
        createOverlay(files, head, frozen);
        return head;
    }

    @Override
    public Frozen freeze(Path folder, Layer head, int freshId, Optional<Machine> running, Stillness agent) {
        LayerFiles files = new LayerFiles(folder);
        WorkVolumes.requireRoom(files.list());
        Layer fresh = new Layer(freshId, head.id());
        createOverlay(files, fresh, head);
        Usage usage = running.isPresent()
                ? new LiveSnapshot(files, head, fresh, qemu(running.get())).take(agent)
                : Usage.UNKNOWN;
        files.freeze(head);
        return new Frozen(head, fresh, usage.entries(), usage.bytes());
    }

    @Override
    public Layer currentHead(Path folder, Layer head, int pending, Optional<Machine> running) {
        LayerFiles files = new LayerFiles(folder);
        Layer fresh = new Layer(pending, head.id());
        if (!Files.exists(files.file(fresh))) {
            return head;
        }
        if (running.isPresent() && !new LiveSnapshot(files, head, fresh, qemu(running.get())).settle()) {
            return head;
        }
        // A machine that has ended may have written to the fresh layer. If it never did, that one is empty, and as
        // good.
        files.freeze(head);
        return fresh;
    }

    @Override
    public void delete(Path folder, Layer layer) {
        LayerFiles files = new LayerFiles(folder);
        AtomicFiles.deleteTree(files.unfinished(layer));
        AtomicFiles.deleteTree(files.file(layer));
    }

    @Override
    public List<Integer> layers(Path folder) {
        return new LayerFiles(folder).list();
    }

    @Override
    public OfflineDisk open(Offline offline) {
        return disks.open(offline);
    }

    private void createOverlay(LayerFiles files, Layer overlay, Layer base) {
        AtomicFiles.deleteTree(files.file(overlay));
        overlays.createSibling(
                files.unfinished(overlay), LayerFiles.name(base.id()), LayerFiles.format(base.id()), files.diskBytes());
        files.finish(overlay, base);
    }

    private static QemuMachine qemu(Machine machine) {
        if (machine instanceof QemuMachine qemu) {
            return qemu;
        }
        throw new IllegalArgumentException(machine.id() + " is no machine of this back end");
    }
}
