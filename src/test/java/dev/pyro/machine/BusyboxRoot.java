package dev.pyro.machine;

import dev.pyro.os.Host;
import dev.pyro.os.HostCommand;
import dev.pyro.store.AtomicFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;

/**
 * A root file system of one static program, for machines that need no distribution.
 *
 * @param base the folder of the tree and of the image
 */
public record BusyboxRoot(Path base) implements EnvironmentRoot {
    private static final Duration BOUND = Duration.ofSeconds(60);
    private static final List<String> FOLDERS =
            List.of("bin", "dev", "etc", "proc", "root", "run", "sys", "tmp", "usr", "workspace");

    /** Makes the tree and the image. */
    public void create() throws IOException {
        Path busybox = Host.findProgram("busybox").orElseThrow();
        for (String folder : FOLDERS) {
            Files.createDirectories(tree().resolve(folder));
        }
        Files.copy(busybox, tree().resolve("bin/busybox"));
        String names =
                HostCommand.of(BOUND, List.of(busybox.toString(), "--list")).runOrFail("list busybox's programs");
        for (String name : names.lines().filter(line -> !line.equals("busybox")).toList()) {
            Files.createSymbolicLink(tree().resolve("bin").resolve(name), Path.of("busybox"));
        }
        Files.writeString(tree().resolve("etc/machine-id"), "");
        Files.setPosixFilePermissions(tree().resolve("tmp"), PosixFilePermissions.fromString("rwxrwxrwx"));
        Path image = image();
        HostCommand.of(
                        BOUND,
                        List.of(
                                Host.findProgram("mke2fs").orElseThrow().toString(),
                                "-q",
                                "-t",
                                "ext4",
                                "-d",
                                tree().toString(),
                                image.toString(),
                                "64M"))
                .runOrFail("make the image of a root");
        Files.setPosixFilePermissions(image, PosixFilePermissions.fromString("r--r--r--"));
    }

    @Override
    public String digest() {
        return "sha256:" + "0".repeat(64);
    }

    @Override
    public Path image() {
        return base.resolve("rootfs.ext4");
    }

    @Override
    public Path tree(int uid) {
        return tree();
    }

    private Path tree() {
        return AtomicFiles.createDirectories(base.resolve("tree"));
    }
}
