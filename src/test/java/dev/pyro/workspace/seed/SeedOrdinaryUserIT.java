package dev.pyro.workspace.seed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.pyro.model.PyroException;
import dev.pyro.os.BuildNamespace;
import dev.pyro.os.Host;
import dev.pyro.os.HostCommand;
import dev.pyro.store.PyroPaths;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.apache.commons.compress.compressors.gzip.GzipCompressorInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Seeds in the hands of an ordinary user with subordinate ids; run by root, who becomes one in a process of its own. */
class SeedOrdinaryUserIT {
    private static final Duration BOUND = Duration.ofMinutes(2);

    private static final String MAKE = """
            cd "$1"; mkdir own own/d mixed fifo shut
            echo x >own/d/f; echo y >fifo/f; mkfifo fifo/p; tar -czf own.tgz -C own .
            for i in 1 2 3 4 5; do echo x >shut/c$i; chmod 0 shut/c$i; done
            """;

    @TempDir
    Path base;

    @Test
    void everythingIsRootsInTheNamespace() throws Exception {
        assumeThat(Host.isRoot()).as("only root can make another user").isTrue();
        Files.setPosixFilePermissions(base, PosixFilePermissions.fromString("rwxr-xr-x"));
        String user = "pyroseed" + ProcessHandle.current().pid() % 100_000;
        Path home = base.resolve("home");
        run(List.of("useradd", "--create-home", "--home-dir", home.toString(), user));
        try {
            if (!Files.readString(Path.of("/etc/subuid")).contains(user + ":")) {
                run(List.of("usermod", "--add-subuids", "800000-865535", "--add-subgids", "800000-865535", user));
            }
            List<String> as =
                    List.of("setpriv", "--reuid", user, "--regid", user, "--init-groups", "env", "USER=" + user);
            run(join(as, List.of("sh", "-euc", MAKE, "sh", home.toString())));
            Files.writeString(home.resolve("mixed/roots"), "z");
            String classPath = String.join(
                    ":",
                    Stream.of(
                                    SeedStaging.class,
                                    SeedOrdinaryUserIT.class,
                                    GzipCompressorInputStream.class,
                                    org.apache.commons.io.input.BoundedInputStream.class)
                            .map(this::copyForEverybody)
                            .toList());
            String java =
                    Path.of(System.getProperty("java.home"), "bin", "java").toString();
            String output = run(join(
                    as, List.of(java, "-cp", classPath, SeedOrdinaryUserIT.Scenario.class.getName(), home.toString())));
            assertThat(output.lines())
                    .contains(
                            "own: where it lies: d 0 0 d/f 0 0 ",
                            "own.tgz: staged: d 0 0 d/f 0 0 ",
                            "fifo: staged: f 0 0 ",
                            "mixed: staged: roots 0 0 ")
                    .anyMatch(line -> line.startsWith("shut: SEED_UNUSABLE") && line.contains("and 2 more"));
        } finally {
            HostCommand.of(BOUND, List.of("userdel", user)).run();
        }
    }

    private static String run(List<String> command) {
        return HostCommand.of(BOUND, command).runOrFail("run " + command);
    }

    private static List<String> join(List<String> first, List<String> second) {
        return Stream.concat(first.stream(), second.stream()).toList();
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
            BuildNamespace namespace = BuildNamespace.ofThisUser();
            PyroPaths paths = new PyroPaths(home.resolve("pyro/cache"), home.resolve("pyro/state"));
            SeedStaging stage = new SeedStaging(paths, namespace);
            for (String name : List.of("own", "own.tgz", "fifo", "mixed", "shut")) {
                Path staging = Files.createTempDirectory(home, "staging");
                try {
                    StagedSeed staged = stage.stage(home.resolve(name), staging, 1 << 20, 100);
                    String where = staged.tree().startsWith(staging) ? "staged" : "where it lies";
                    HostCommand look = HostCommand.of(
                            BOUND, List.of("find", staged.tree().toString(), "-mindepth", "1", "-printf", "%P %U %G "));
                    System.out.println(name + ": " + where + ": "
                            + namespace.run(look, line -> {}).output());
                } catch (PyroException e) {
                    System.out.println(name + ": " + e.code() + " " + e.getMessage());
                } finally {
                    namespace.deleteTree(staging, BOUND);
                }
            }
        }
    }
}
