package dev.pyro.machine.qemu;

import dev.pyro.machine.EnvironmentRoot;
import dev.pyro.machine.OfflineDisk;
import dev.pyro.machine.OfflineDiskContractTest;
import dev.pyro.machine.WorkVolumes.Layer;
import dev.pyro.machine.WorkVolumes.Offline;
import dev.pyro.os.BuildNamespace;
import dev.pyro.os.HostTools;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** The contract on real disks: images of mke2fs under overlays of qemu-img. */
class QemuOfflineDiskIT extends OfflineDiskContractTest {
    @Override
    protected OfflineDisk prepare(Path base) throws IOException {
        Path machine = Files.createDirectories(base.resolve("machine"));
        Path layers = Files.createDirectories(base.resolve("layers"));
        Path root = Files.createDirectories(base.resolve("root"));
        shell(root, ROOT_BASE);
        Path image = base.resolve("rootfs.ext4");
        image(root, image, "-O ^has_journal");
        shell(root, ROOT_CHANGES);
        overlay(root, image, "raw", machine.resolve("root.qcow2"), "-O ^has_journal");
        Path work = Files.createDirectories(base.resolve("work"));
        shell(work, WORK_BASE);
        image(work, layers.resolve("0.raw"), "");
        shell(work, WORK_CHANGES);
        overlay(work, layers.resolve("0.raw"), "raw", layers.resolve("1.qcow2"), "");
        shell(layers, "qemu-img create -q -f qcow2 -b 1.qcow2 -F qcow2 2.qcow2");
        return new QemuOfflineDisk(new HostTools(), BuildNamespace.ofThisUser())
                .open(new Offline(
                        Optional.of(new Offline.Root(new Environment(image), machine)),
                        layers,
                        List.of(new Layer(0, null), new Layer(1, 0), new Layer(2, 1))));
    }

    /** An environment of which nothing is read but its image. */
    private record Environment(Path image) implements EnvironmentRoot {
        @Override
        public String digest() {
            return "sha256:" + "0".repeat(64);
        }

        @Override
        public Path tree(int uid) {
            throw new AssertionError("a disk needs no tree");
        }
    }

    private static void image(Path tree, Path image, String options) {
        shell(
                tree,
                "mke2fs -q -t ext4 -b 4096 -N 20000 " + options + " -d . " + image
                        + " 4G; debugfs -w -R 'rmdir lost+found' " + image);
    }

    private static void overlay(Path tree, Path below, String format, Path overlay, String options) {
        Path whole = overlay.resolveSibling("whole");
        image(tree, whole, options);
        shell(
                tree,
                "qemu-img convert -f raw -O qcow2 -B " + below + " -F " + format + " " + whole + " " + overlay + "; rm "
                        + whole);
    }
}
