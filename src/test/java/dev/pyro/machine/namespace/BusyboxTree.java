package dev.pyro.machine.namespace;

import dev.pyro.machine.EnvironmentRoot;
import dev.pyro.os.Host;
import dev.pyro.os.HostCommand;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;

/**
 * A root file system of one static program, for machines that need no distribution.
 *
 * @param folder the root
 */
record BusyboxTree(Path folder) implements EnvironmentRoot {
    private static final List<String> FOLDERS = List.of("bin", "etc", "root", "tmp", "sys", "usr");

    /** Makes the tree; when root makes it, it belongs to the user that machines run as. */
    static BusyboxTree create(Path tree) throws IOException {
        Path busybox = Host.findProgram("busybox").orElseThrow();
        Files.createDirectories(tree);
        for (String folder : FOLDERS) {
            Files.createDirectory(tree.resolve(folder));
        }
        Files.copy(busybox, tree.resolve("bin/busybox"));
        String names = HostCommand.of(Duration.ofSeconds(10), List.of(busybox.toString(), "--list"))
                .runOrFail("list busybox's programs");
        for (String name : names.lines().filter(line -> !line.equals("busybox")).toList()) {
            Files.createSymbolicLink(tree.resolve("bin").resolve(name), Path.of("busybox"));
        }
        Files.writeString(tree.resolve("etc/original"), "as it was\n");
        Files.setPosixFilePermissions(tree.resolve("tmp"), PosixFilePermissions.fromString("rwxrwxrwx"));
        if (Host.isRoot()) {
            try (Stream<Path> files = Files.walk(tree)) {
                for (Path file : files.toList()) {
                    for (String id : List.of("unix:uid", "unix:gid")) {
                        Files.setAttribute(file, id, NamespaceBackend.MACHINE_UID, LinkOption.NOFOLLOW_LINKS);
                    }
                }
            }
        }
        return new BusyboxTree(tree);
    }

    /** Returns a digest of every name, owner, mode, size, time and link target in the tree. */
    String fingerprint() throws IOException, NoSuchAlgorithmException {
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted().toList()) {
                String entry = file
                        + " " + Files.readAttributes(file, "unix:uid,gid,mode,size,ctime", LinkOption.NOFOLLOW_LINKS)
                        + (Files.isSymbolicLink(file) ? Files.readSymbolicLink(file) : "");
                digest.update(entry.getBytes(java.nio.charset.StandardCharsets.UTF_8));
            }
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    @Override
    public Path tree(int uid) {
        return folder;
    }

    @Override
    public String digest() {
        return "sha256:" + "0".repeat(64);
    }

    @Override
    public Path image() {
        throw new UnsupportedOperationException("namespaces start from a folder");
    }
}
