package dev.pyro.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.pyro.model.Progress;
import dev.pyro.model.PyroException;
import dev.pyro.oci.LocalImage;
import dev.pyro.os.BuildNamespace;
import dev.pyro.os.Host;
import dev.pyro.os.HostCommand;
import dev.pyro.os.HostTools;
import dev.pyro.tar.Tar;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Images in the hands of an ordinary user with subordinate ids; run by root, who becomes one in a process of its own with a small heap. */
class ImageUnpackerOrdinaryUserIT {
    private static final Duration BOUND = Duration.ofMinutes(3);

    @TempDir
    Path base;

    @Test
    void whatAnOrdinaryUserMakesIsWhatRootMakes() throws Exception {
        assumeThat(Host.isRoot()).as("only root can make another user").isTrue();
        Files.setPosixFilePermissions(base, PosixFilePermissions.fromString("rwxr-xr-x"));
        Path mine = Files.createDirectory(base.resolve("mine"));
        String digest = Scenario.unpack(everything(mine), mine).digest();
        String user = "pyroimage" + ProcessHandle.current().pid() % 100_000;
        Path home = base.resolve("home");
        run(List.of("useradd", "--create-home", "--home-dir", home.toString(), user));
        try {
            if (!Files.readString(Path.of("/etc/subuid")).contains(user + ":")) {
                run(List.of("usermod", "--add-subuids", "900000-965535", "--add-subgids", "900000-965535", user));
            }
            String classPath = String.join(
                    ":",
                    Stream.of(ImageUnpacker.class, ImageUnpackerOrdinaryUserIT.class)
                            .map(this::copyForEverybody)
                            .toList());
            String output = run(List.of(
                    "setpriv",
                    "--reuid",
                    user,
                    "--regid",
                    user,
                    "--init-groups",
                    "env",
                    "USER=" + user,
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-XX:+UseSerialGC",
                    "-Xmx128m",
                    "-cp",
                    classPath,
                    Scenario.class.getName(),
                    home.toString()));
            assertThat(output.lines())
                    .contains("everything: " + digest)
                    .contains("su: 100755 of " + user + " with 2 names")
                    .anyMatch(line -> line.startsWith("owner: HOST_UNSUPPORTED") && line.contains("70000"))
                    .contains("left: 0");
        } finally {
            HostCommand.of(BOUND, List.of("userdel", user)).run();
        }
    }

    private static LocalImage everything(Path folder) throws IOException {
        byte[][] plain = ImageUnpackerIT.everything(true);
        return Layers.image(folder, null, plain[0], ImageUnpackerIT.zstd(folder, plain[1]), Tar.gzip(plain[2]));
    }

    private static String run(List<String> command) {
        return HostCommand.of(BOUND, command).runOrFail("run " + command);
    }

    /** The test's own folders may be closed to others. */
    private String copyForEverybody(Class<?> type) {
        try {
            Path source = Path.of(
                    type.getProtectionDomain().getCodeSource().getLocation().toURI());
            Path target = base.resolve("class-path-" + source.toString().hashCode() + "-" + source.getFileName());
            run(List.of("cp", "-r", source.toString(), target.toString()));
            run(List.of("chmod", "-R", "a+rX", target.toString()));
            return target.toString();
        } catch (java.net.URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    /** What the ordinary user does; it prints what it saw. */
    static final class Scenario {
        private Scenario() {}

        public static void main(String[] arguments) throws IOException {
            Path home = Path.of(arguments[0]);
            Path folder = Files.createDirectory(home.resolve("images"));
            Unpacked unpacked = unpack(everything(folder), folder);
            System.out.println("everything: " + unpacked.digest());
            Path tree = home.resolve("tree");
            OwnedTree.unpack(unpacked.rootfsImage(), tree, OptionalInt.empty());
            Path su = tree.resolve("usr/bin/su");
            System.out.println("su: " + Integer.toOctalString((int) Files.getAttribute(su, "unix:mode")) + " of "
                    + Files.getOwner(su) + " with " + Files.getAttribute(su, "unix:nlink") + " names");
            Path other = Files.createDirectory(home.resolve("other"));
            try {
                byte[] layer = new Tar().pax("uid=70000").file("f", "x").end();
                System.out.println("owner: " + unpack(Layers.image(other, null, layer), other));
            } catch (PyroException e) {
                System.out.println("owner: " + e.code() + " " + e.getMessage());
            }
            try (Stream<Path> left = Files.list(other.resolve("stage"))) {
                System.out.println("left: " + left.count());
            }
        }

        static Unpacked unpack(LocalImage image, Path folder) throws IOException {
            return new ImageUnpacker(new HostTools(), BuildNamespace.ofThisUser(), Map.of())
                    .unpack(image, Files.createDirectory(folder.resolve("stage")), Progress.Listener.NONE);
        }
    }
}
