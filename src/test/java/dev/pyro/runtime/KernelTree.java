package dev.pyro.runtime;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A kernel on disk, with an image and a folder of modules, none of which would run. */
record KernelTree(Path image, Path modules) {
    static final String RELEASE = "6.1.0-test-amd64";

    /** A kernel whose drivers are modules, as Debian's is. */
    static KernelTree make(Path folder) throws IOException {
        Path image = Files.write(folder.resolve("vmlinuz"), bzImage(new byte[0]));
        Path modules = Files.createDirectories(folder.resolve("modules"));
        KernelTree tree = new KernelTree(image, modules);
        Files.createDirectories(modules.resolve("kernel/drivers"));
        tree.builtIn("kernel/fs/ext4/ext4.ko", "kernel/lib/crc32c-generic.ko");
        tree.module("virtio_ring.ko", "");
        tree.module("virtio.ko", "virtio_ring");
        tree.module("virtio_mmio.ko", "virtio,virtio_ring");
        tree.module("virtio_blk.ko", "virtio,virtio_ring");
        tree.module("virtio_console.ko", "virtio,virtio_ring");
        tree.module("virtio-rng.ko", "virtio,virtio_ring");
        tree.module("failover.ko", "");
        tree.module("net_failover.ko", "failover");
        tree.module("virtio_net.ko", "virtio_ring,virtio,net-failover");
        return tree;
    }

    void module(String file, String depends) throws IOException {
        Files.write(modules.resolve("kernel/drivers/" + file), Elves.module(depends));
    }

    void remove(String file) throws IOException {
        Files.delete(modules.resolve("kernel/drivers/" + file));
    }

    void builtIn(String... paths) throws IOException {
        Files.write(modules.resolve("modules.builtin"), List.of(paths));
    }

    /** The beginning of a bzImage with this payload. */
    static byte[] bzImage(byte[] payload) {
        int setup = 2 * 512;
        ByteBuffer image = ByteBuffer.allocate(setup + 64 + payload.length).order(ByteOrder.LITTLE_ENDIAN);
        image.put(0x1f1, (byte) 1).putInt(0x202, 0x53726448).putShort(0x206, (short) 0x20f);
        image.putShort(0x20e, (short) 0x100).putInt(0x248, 64).putInt(0x24c, payload.length);
        image.put(0x300, (RELEASE + " (builder) #1 SMP\0").getBytes(StandardCharsets.US_ASCII));
        image.put(setup + 64, payload);
        return image.array();
    }
}
