package dev.pyro.runtime;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.cpio.CpioArchiveEntry;
import org.apache.commons.compress.archivers.cpio.CpioArchiveOutputStream;
import org.apache.commons.compress.archivers.cpio.CpioConstants;

/** Writes the initial RAM disk: the same content gives the same bytes. */
final class Initramfs {
    private static final int DIRECTORY = CpioConstants.C_ISDIR | 0b111_101_101;
    private static final int PROGRAM = CpioConstants.C_ISREG | 0b111_101_101;
    private static final int FILE = CpioConstants.C_ISREG | 0b110_100_100;
    private static final int CONSOLE = CpioConstants.C_ISCHR | 0b110_000_000;
    private static final int NULL = CpioConstants.C_ISCHR | 0b110_110_110;
    private static final int CPIO_BLOCK = 512;
    private static final List<String> DIRECTORIES =
            List.of("bin", "dev", "etc", "modules", "newroot", "proc", "run", "sys", "tmp");

    /** An entry: a device when it has no content and is no directory. */
    private record Node(int mode, int deviceMajor, int deviceMinor, Content content) {
        static Node directory() {
            return new Node(DIRECTORY, 0, 0, stream -> {});
        }

        static Node device(int mode, int major, int minor) {
            return new Node(mode, major, minor, stream -> {});
        }

        static Node file(int mode, byte[] bytes) {
            return new Node(mode, 0, 0, stream -> stream.write(bytes));
        }
    }

    /** Writes an entry's bytes. */
    private interface Content {
        void writeTo(OutputStream stream) throws IOException;
    }

    private Initramfs() {}

    /**
     * Writes the archive.
     *
     * @param modules in the order in which they are to be loaded
     */
    static void write(Path file, byte[] agent, byte[] busybox, List<ModuleFile> modules) throws IOException {
        Map<String, Node> nodes = new LinkedHashMap<>();
        DIRECTORIES.forEach(directory -> nodes.put(directory, Node.directory()));
        nodes.put("dev/console", Node.device(CONSOLE, 5, 1));
        nodes.put("dev/null", Node.device(NULL, 1, 3));
        nodes.put("init", Node.file(PROGRAM, agent));
        nodes.put("bin/busybox", Node.file(PROGRAM, busybox));
        StringBuilder order = new StringBuilder();
        for (ModuleFile module : modules) {
            nodes.put("modules/" + module.fileName(), Node.file(FILE, module.content()));
            order.append(module.fileName()).append('\n');
        }
        nodes.put("modules/order", Node.file(FILE, order.toString().getBytes(StandardCharsets.UTF_8)));
        try (OutputStream stored = new BufferedOutputStream(Files.newOutputStream(file));
                OutputStream packed = new GZIPOutputStream(stored);
                CpioArchiveOutputStream archive = new CpioArchiveOutputStream(
                        packed, CpioConstants.FORMAT_NEW, CPIO_BLOCK, StandardCharsets.UTF_8.name())) {
            for (Map.Entry<String, Node> node : new TreeMap<>(nodes).entrySet()) {
                write(archive, node.getKey(), node.getValue());
            }
        }
    }

    private static void write(CpioArchiveOutputStream archive, String name, Node node) throws IOException {
        java.io.ByteArrayOutputStream bytes = new java.io.ByteArrayOutputStream();
        node.content().writeTo(bytes);
        CpioArchiveEntry entry = new CpioArchiveEntry(CpioConstants.FORMAT_NEW, name, bytes.size());
        entry.setMode(node.mode());
        entry.setRemoteDeviceMaj(node.deviceMajor());
        entry.setRemoteDeviceMin(node.deviceMinor());
        entry.setTime(0);
        archive.putArchiveEntry(entry);
        bytes.writeTo(archive);
        archive.closeArchiveEntry();
    }
}
