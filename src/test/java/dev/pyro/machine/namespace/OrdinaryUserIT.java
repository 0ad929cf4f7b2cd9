package dev.pyro.machine.namespace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.pyro.machine.Machine;
import dev.pyro.os.Host;
import dev.pyro.os.HostCommand;
import dev.pyro.store.AtomicFiles;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.core.json.JsonFactory;

/** The back end in the hands of an ordinary user; run by root, who becomes one in a process of its own. */
class OrdinaryUserIT {
    private static final int USER = 61_001;

    @TempDir
    Path base;

    @BeforeEach
    void onlyRootCanBecomeAnotherUser() throws IOException {
        assumeTrue(Host.isRoot(), "an ordinary user runs all other tests of the back end as such");
        Files.setPosixFilePermissions(base, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    @Test
    void runsMachinesAndCanDeleteThem() throws IOException, URISyntaxException {
        List<String> command =
                new ArrayList<>(List.of("setpriv", "--reuid", "" + USER, "--regid", "" + USER, "--clear-groups", "--"));
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        assumeTrue(
                HostCommand.of(Duration.ofSeconds(30), plus(command, "-version"))
                                .run()
                                .exitCode()
                        == 0,
                "the JDK lies where only root can read it");
        Path own = Files.createDirectory(base.resolve("own"));
        Files.setAttribute(own, "unix:uid", USER);

        List<String> classPath = new ArrayList<>();
        for (Class<?> one : List.of(NamespaceBackend.class, OrdinaryUserIT.class, JsonFactory.class)) {
            classPath.add(copyForEverybody(Path.of(one.getProtectionDomain()
                            .getCodeSource()
                            .getLocation()
                            .toURI()))
                    .toString());
        }
        command.addAll(List.of("-cp", String.join(":", classPath), Scenario.class.getName(), own.toString()));

        HostCommand.Result result =
                HostCommand.of(Duration.ofMinutes(2), command).run();

        assertThat(result.output()).contains("uid inside: 0", "uid outside: " + USER, "kept: yes", "deleted: yes");
        assertThat(result.exitCode()).as(result.output()).isZero();
    }

    /** The test's own folders may be closed to others. */
    private Path copyForEverybody(Path source) throws IOException {
        Path target = base.resolve("class-path-" + source.toString().hashCode() + "-" + source.getFileName());
        try (Stream<Path> files = Files.walk(source)) {
            for (Path file : files.toList()) {
                Path copy = target.resolve(source.relativize(file).toString());
                Files.copy(file, copy);
                Files.setPosixFilePermissions(copy, PosixFilePermissions.fromString("rwxr-xr-x"));
            }
        }
        return target;
    }

    private static List<String> plus(List<String> command, String argument) {
        return Stream.concat(command.stream(), Stream.of(argument)).toList();
    }

    /** What the ordinary user does; it prints what it saw. */
    static final class Scenario {
        private Scenario() {}

        public static void main(String[] arguments) throws IOException {
            Path base = Path.of(arguments[0]);
            NamespaceSite site = NamespaceSite.create(base);
            System.out.println(site.backend().probe());
            Machine machine = site.start("vm-000000000001", true);
            System.out.println("uid inside: "
                    + GuestShell.runIn(
                                    machine,
                                    "echo x > /etc/original; mkdir -m 0 /closed /etc/closed; rm -r /usr; id -u")
                            .output());
            System.out.println("uid outside: "
                    + Files.readAllLines(Path.of("/proc/" + machine.process().pid() + "/status")).stream()
                            .filter(line -> line.startsWith("Uid:"))
                            .findFirst()
                            .orElseThrow()
                            .split("\t")[1]);
            machine.stop();
            Machine again = site.start("vm-000000000001", false);
            System.out.println("kept: "
                    + GuestShell.runIn(again, "ls -d /closed && echo yes")
                            .output()
                            .lines()
                            .toList()
                            .getLast());
            again.process().kill();
            Path folder = site.directory("vm-000000000001");
            while (site.backend().adopt(folder).isPresent()) {
                Thread.onSpinWait();
            }
            // Nobody stopped it, and still its folder can go.
            AtomicFiles.deleteTree(folder);
            System.out.println("deleted: " + (Files.exists(folder) ? "no" : "yes"));
        }
    }
}
