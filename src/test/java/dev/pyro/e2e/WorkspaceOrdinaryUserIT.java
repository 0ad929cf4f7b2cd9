package dev.pyro.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.pyro.e2e.PyroLauncher.Outcome;
import dev.pyro.json.Json;
import dev.pyro.os.Host;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Workspaces in the hands of an ordinary user with subordinate ids; run by root, who becomes one. */
class WorkspaceOrdinaryUserIT {
    private static final String USER = "pyrows" + ProcessHandle.current().pid() % 100_000;

    /** Takes over what root has built: without its stamp, a copy counts as whole. */
    private static final String COPY_CACHE = """
            mkdir -p "$2/environments"
            cp -a --sparse=always "$1/environments/names" "$1/runtimes" "$2"
            mv "$2/names" "$2/environments"
            for from in "$1"/environments/*/environment.json; do
                to=$2/environments/$(basename "$(dirname "$from")")
                mkdir -p "$to"
                sed '/"image_stamp"/d' "$from" >"$to/environment.json"
                cp --sparse=always "$(dirname "$from")/rootfs.ext4" "$to"
            done
            for record in "$2"/runtimes/current-*.json; do sed -i '/"files": {/,/}/d' "$record"; done
            chown -R "$3:" "$2"
            """;

    @TempDir
    Path base;

    private Path home;
    private PyroLauncher pyro;

    @BeforeEach
    void becomeAnotherUser() throws IOException {
        assumeTrue(Host.isRoot(), "only root can make another user");
        assumeTrue(
                PyroLauncher.isPassable(PyroLauncher.PROJECT)
                        && PyroLauncher.isPassable(Path.of(System.getProperty("java.home"))),
                "the checkout or the JDK lies where only root can pass");
        Files.setPosixFilePermissions(base, PosixFilePermissions.fromString("rwxr-xr-x"));
        // Whatever is missing is built before its copy is made.
        new PyroLauncher(base.resolve("root")).ok("run", "debian:12", "--", "true");
        home = base.resolve("home");
        WorkspaceFixture.host(base, List.of("useradd", "--create-home", "--home-dir", home.toString(), USER));
        if (!Files.readString(Path.of("/etc/subuid")).contains(USER + ":")) {
            WorkspaceFixture.host(
                    base, List.of("usermod", "--add-subuids", "900000-965535", "--add-subgids", "900000-965535", USER));
        }
        Path cache = home.resolve("cache");
        WorkspaceFixture.host(
                base,
                List.of(
                        "sh",
                        "-euc",
                        COPY_CACHE,
                        "sh",
                        PyroLauncher.sharedCache().toString(),
                        cache.toString(),
                        USER));
        pyro = new PyroLauncher(home.resolve("state"))
                .with("PYRO_CACHE_DIR", cache.toString())
                .with("PYRO_BACKEND", "qemu")
                .with("HOME", home.toString())
                .with("USER", USER);
        assertThat(run("--version").exitCode()).isZero();
    }

    @AfterEach
    void nothingIsLeft() throws IOException {
        if (pyro != null) {
            for (Path workspace : pyro.machineFolders()) {
                ok("workspace", "delete", workspace.getFileName().toString());
            }
            pyro.awaitNothingLeft();
        }
        if (home != null) {
            new ProcessBuilder("userdel", USER).start().onExit().join();
        }
    }

    private Outcome run(String... arguments) {
        List<String> command = new ArrayList<>(List.of(
                "setpriv",
                "--reuid",
                USER,
                "--regid",
                USER,
                "--init-groups",
                PyroLauncher.PROJECT.resolve("pyro").toString()));
        command.addAll(List.of(arguments));
        return pyro.startProgram(command).await();
    }

    private String ok(String... arguments) {
        Outcome outcome = run(arguments);
        assertThat(outcome.exitCode())
                .as(() -> String.join(" ", arguments) + ": " + outcome.stdout() + outcome.stderr())
                .isZero();
        return outcome.stdout();
    }

    private String exec(String id, String script) {
        return ok("workspace", "exec", id, "--", "sh", "-c", script);
    }

    @Test
    void workspacesNeedNoRoot() throws IOException {
        Path seed = Files.createDirectories(home.resolve("seed"));
        Files.writeString(seed.resolve("file"), "one\n");
        Files.writeString(seed.resolve("shut"), "x");
        WorkspaceFixture.host(
                home,
                List.of(
                        "sh",
                        "-euc",
                        "mkfifo seed/fifo; mkdir seed/roots; echo r > seed/roots/f; chown -R " + USER
                                + ": seed; chown -R 0:0 seed/roots; chmod 000 seed/shut"));
        Outcome refused = run(WorkspaceFixture.creation("--json", "--seed-path", seed.toString()));
        assertThat(refused.exitCode()).isEqualTo(1);
        assertThat(Json.parseObject(refused.stdout()).string("code")).isEqualTo("SEED_UNUSABLE");
        assertThat(Json.parseObject(refused.stdout()).string("error"))
                .contains(seed.toString(), "permission denied", "shut");
        assertThat(pyro.machineFolders()).isEmpty();

        Files.delete(seed.resolve("shut"));
        Outcome created = run(WorkspaceFixture.creation("--json", "--seed-path", seed.toString()));
        assertThat(created.exitCode()).as(created.stderr()).isZero();
        assertThat(created.stderr()).contains("[workspace-create] skipped=1");
        assertThat(Json.parseObject(created.stdout()).string("execution_mode")).isEqualTo("guest_virtio");
        String id = Json.parseObject(created.stdout()).string("workspace_id");
        assertThat(exec(id, "id -u; stat -c %U:%G . file roots/f; echo two >> file"))
                .isEqualTo("0\nroot:root\nroot:root\nroot:root\n");
        assertThat(ok("workspace", "diff", id)).contains("+two");
        ok("workspace", "snapshot", "create", id, "s");
        exec(id, "rm file");
        ok("workspace", "reset", id, "--snapshot", "s");
        assertThat(exec(id, "cat file; echo three >> file")).isEqualTo("one\ntwo\n");
        Path exported = home.resolve("exported");
        ok("workspace", "export", id, "file", "--output", exported.toString());
        assertThat(exported).hasContent("one\ntwo\nthree\n");
        ok("workspace", "stop", id);
        assertThat(ok("workspace", "disk", "read", id, "file")).isEqualTo("one\ntwo\nthree\n");
        assertThat(ok("workspace", "disk", "list", id)).contains("/workspace/file");
        ok("workspace", "delete", id);
        try (Stream<Path> left = Files.list(home.resolve("state/workspaces"))) {
            assertThat(left).isEmpty();
        }
    }
}
