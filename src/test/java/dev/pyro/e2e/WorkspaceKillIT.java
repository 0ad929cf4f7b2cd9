package dev.pyro.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pyro.e2e.PyroLauncher.Outcome;
import dev.pyro.e2e.PyroLauncher.Running;
import dev.pyro.json.JsonReader;
import dev.pyro.json.JsonValue.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Commands on workspaces are killed at random moments; after each, whatever is there must be whole. */
class WorkspaceKillIT {
    /** So many that CI stays short; {@code -Dpyro.killRounds=100} is what a release needs. */
    private static final int ROUNDS = Integer.getInteger("pyro.killRounds", 6);

    private static final int LONGEST_NANOS = 1_200_000_000;
    private static final String MARK = "whole";
    private static final int KILLED = 128 + 9;

    @TempDir
    Path folder;

    private PyroLauncher pyro;
    private Path seed;

    @BeforeEach
    void openFolder() throws IOException {
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        pyro = new PyroLauncher(folder.resolve("state"));
        seed = Files.createDirectories(folder.resolve("seed"));
        Files.writeString(seed.resolve("mark"), MARK);
        for (int i = 0; i < 50; i++) {
            Files.writeString(seed.resolve("f" + i), "content " + i);
        }
    }

    @AfterEach
    void nothingIsLeft() {
        ids().forEach(id -> pyro.ok("workspace", "delete", id));
        pyro.awaitNothingLeft();
    }

    private List<String> ids() {
        return pyro.json("workspace", "list").array("workspaces").stream()
                .map(entry -> new JsonReader((JsonObject) entry).string("workspace_id"))
                .toList();
    }

    @Test
    void whateverIsKilledLeavesWholeWorkspaces() throws IOException, InterruptedException {
        long randomSeed = Long.getLong("pyro.killSeed", System.nanoTime());
        Random random = new Random(randomSeed);
        for (int round = 0; round < ROUNDS; round++) {
            // Most rounds in namespaces, where one takes a tenth of the time; the code that is killed is mostly the
            // same.
            pyro.with("PYRO_BACKEND", random.nextInt(5) == 0 ? "qemu" : "namespace");
            List<String> ids = ids();
            Optional<String> id = ids.isEmpty() ? Optional.empty() : Optional.of(ids.getFirst());
            String[] command = id.map(existing -> operation(existing, random)).orElseGet(() -> new String[] {
                "workspace", "create", "debian:12", "--allow-host-compat", "--seed-path", seed.toString()
            });
            String description = "seed " + randomSeed + ", round " + round + ": " + String.join(" ", command);
            Running running = pyro.start(command);
            running.process().waitFor(random.nextInt(LONGEST_NANOS), TimeUnit.NANOSECONDS);
            kill(running);
            running.await();
            check(description);
        }
    }

    /**
     * Each process of a machine starts as {@code setsid}, so one that kills its parent at once hits the moments around which that process is
     * written down; that one which is not yet written down ends too, {@code HeldProcessTest} shows.
     */
    @ParameterizedTest
    @CsvSource({"namespace, off, 1", "qemu, egress+published-ports, 3"})
    void whoDiesAsAProcessOfTheMachineComesToLifeLeavesNone(String backend, String network, int processes)
            throws IOException {
        pyro.with("PYRO_BACKEND", backend);
        String[] create = {"workspace", "create", "debian:12", "--network-policy", network, "--allow-host-compat"};
        String id = pyro.json(create).string("workspace_id");
        for (int fatal = 1; fatal <= processes; fatal++) {
            pyro.ok("workspace", "stop", id);
            dieAtProcess(fatal, "workspace", "start", id);
            pyro.ok("workspace", "start", id);
            assertThat(pyro.ok("workspace", "exec", id, "--", "pwd")).isEqualTo("/workspace\n");
        }
        pyro.ok("workspace", "delete", id);
        dieAtProcess(processes, create);
        assertThat(ids()).isEmpty();
        pyro.awaitNothingLeft();
    }

    private void dieAtProcess(int fatal, String... command) throws IOException {
        Path programs = Files.createTempDirectory(folder, "programs");
        Path deadly = Files.writeString(programs.resolve("setsid"), """
                        #!/bin/sh
                        # Counts without another process: those few milliseconds are what this is about.
                        set -C
                        n=1
                        until true >%s/$n; do n=$((n + 1)); done
                        [ $n != %d ] || kill -9 $PPID
                        exec /usr/bin/setsid "$@"
                        """.formatted(programs, fatal));
        Files.setPosixFilePermissions(deadly, PosixFilePermissions.fromString("rwxr-xr-x"));
        String path = System.getenv("PATH");
        pyro.with("PATH", programs + ":" + path);

        assertThat(pyro.run(command).exitCode()).isEqualTo(KILLED);

        pyro.with("PATH", path);
    }

    /** The launcher becomes the program, so this is the program's process. */
    private static void kill(Running running) {
        running.process().destroyForcibly();
    }

    private String[] operation(String id, Random random) {
        return switch (random.nextInt(8)) {
            case 0, 1 -> new String[] {"workspace", "snapshot", "create", id, "s" + random.nextInt(4)};
            case 2 -> new String[] {"workspace", "snapshot", "delete", id, "s" + random.nextInt(4)};
            case 3 -> new String[] {"workspace", "reset", id};
            case 4 -> new String[] {"workspace", "sync", "push", id, seed.toString(), "--dest", "pushed"};
            case 5 -> new String[] {"workspace", "stop", id};
            case 6 -> new String[] {"workspace", "start", id};
            default -> new String[] {"workspace", "delete", id};
        };
    }

    /** Every workspace that is listed works, with its files, its snapshots and a sync that is there whole or not at all. */
    private void check(String description) {
        for (String id : ids()) {
            Outcome started = pyro.run("workspace", "start", id);
            assertThat(started.exitCode())
                    .as(() -> description + ": " + started.stderr())
                    .isZero();
            Outcome read = pyro.run(
                    "workspace",
                    "exec",
                    id,
                    "--",
                    "sh",
                    "-c",
                    "cat mark; ls | grep -c '^f'; test ! -e pushed || ls pushed | wc -l; ls -A | grep pyro || true");
            assertThat(read.exitCode())
                    .as(() -> description + ": " + read.stderr())
                    .isZero();
            assertThat(read.stdout()).as(description).isIn(MARK + "50\n", MARK + "50\n51\n");
            for (var snapshot : pyro.json("workspace", "snapshot", "list", id).array("snapshots")) {
                String name = new JsonReader((JsonObject) snapshot).string("snapshot_name");
                if (name.equals("s0")) {
                    Outcome reset = pyro.run("workspace", "reset", id, "--snapshot", name);
                    assertThat(reset.exitCode())
                            .as(() -> description + ": " + reset.stderr())
                            .isZero();
                    assertThat(pyro.ok("workspace", "exec", id, "--", "sh", "-c", "cat mark"))
                            .as(description)
                            .isEqualTo(MARK);
                }
            }
        }
        assertThat(pyro.machineFolders().size()).as(description).isEqualTo(ids().size());
    }
}
