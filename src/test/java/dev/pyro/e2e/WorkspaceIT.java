package dev.pyro.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pyro.cli.PyroInProcess;
import dev.pyro.e2e.PyroLauncher.Outcome;
import dev.pyro.e2e.PyroLauncher.Running;
import dev.pyro.json.JsonReader;
import dev.pyro.json.JsonValue.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Workspaces as a user meets them: through the launcher, on both back ends, from a real repository. */
class WorkspaceIT {
    @TempDir
    Path folder;

    private PyroLauncher pyro;

    @BeforeEach
    void openFolder() throws IOException {
        // Root's QEMU runs as an unprivileged user, which must pass through.
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        pyro = new PyroLauncher(folder.resolve("state"));
    }

    @AfterEach
    void nothingIsLeft() {
        for (Path workspace : pyro.machineFolders()) {
            pyro.ok("workspace", "delete", workspace.getFileName().toString());
        }
        pyro.awaitNothingLeft();
    }

    private String create(String backend, String... more) {
        if (backend.equals("namespace")) {
            // The starts of JVMs would take most of these tests' time; the same command lines start them before the
            // other back end.
            pyro = new PyroInProcess(folder.resolve("state"));
        }
        pyro.with("PYRO_BACKEND", backend);
        List<String> command = new ArrayList<>(List.of("workspace", "create", "debian:12", "--allow-host-compat"));
        command.addAll(List.of(more));
        return pyro.json(command.toArray(String[]::new)).string("workspace_id");
    }

    /** A repository with a program, its test, a binary file, links, odd names and an empty directory. */
    private Path repository() throws IOException, InterruptedException {
        Path seed = Files.createDirectories(folder.resolve("seed"));
        Files.writeString(seed.resolve("calc.py"), "def add(a, b):\n    return a - b\n");
        Files.writeString(seed.resolve("test_calc.py"), """
                import unittest
                from calc import add
                class T(unittest.TestCase):
                    def test_add(self):
                        self.assertEqual(add(2, 3), 5)
                if __name__ == '__main__':
                    unittest.main()
                """);
        // Without -B, what is compiled of a file passes for what was written into it in the same second, with the same
        // length.
        Files.writeString(seed.resolve("run.sh"), "#!/bin/sh\nexec python3 -B test_calc.py\n");
        Files.setPosixFilePermissions(seed.resolve("run.sh"), PosixFilePermissions.fromString("rwxr-xr-x"));
        Files.writeString(seed.resolve("dos.txt"), "one\r\ntwo\r\n");
        Files.writeString(seed.resolve("no-newline"), "the end");
        Files.write(seed.resolve("data.bin"), new byte[] {0, 1, 2, (byte) 0xff});
        Files.writeString(seed.resolve("with space \u00e9"), "odd\n");
        Files.createSymbolicLink(seed.resolve("link"), Path.of("calc.py"));
        Files.createDirectories(seed.resolve("empty/below"));
        host(seed, "git", "init", "-q");
        host(seed, "git", "add", "-A");
        host(seed, "git", "-c", "user.name=t", "-c", "user.email=t@t", "commit", "-qm", "seed");
        return seed;
    }

    private static String host(Path directory, String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
        return output;
    }

    @ParameterizedTest
    @ValueSource(strings = {"qemu", "namespace"})
    void aBugIsFixedInARepository(String backend) throws IOException, InterruptedException {
        Path seed = repository();
        String id = create(backend, "--seed-path", seed.toString(), "--name", "fix " + backend, "--label", "job=7");

        Outcome failing = pyro.run("workspace", "exec", id, "--", "./run.sh");
        assertThat(failing.exitCode()).isEqualTo(1);
        assertThat(failing.stderr()).contains("AssertionError", "[workspace-exec] workspace_id=" + id + " sequence=1");
        assertThat(pyro.ok(
                        "workspace",
                        "exec",
                        id,
                        "--",
                        "sh",
                        "-c",
                        "stat -c '%U %a' run.sh; pwd; readlink link; ls -d empty/below"))
                .isEqualTo("root 755\n/workspace\ncalc.py\nempty/below\n");

        String fix =
                "--- a/calc.py\n+++ b/calc.py\n@@ -1,2 +1,2 @@\n def add(a, b):\n-    return a - b\n+    return a + b\n";
        assertThat(pyro.ok("workspace", "patch", "apply", id, "--patch", fix))
                .contains("[workspace-patch] workspace_id=" + id + " total=1 added=0 modified=1 deleted=0");
        assertThat(pyro.run("workspace", "exec", id, "--", "./run.sh").exitCode())
                .isZero();
        pyro.ok(
                "workspace",
                "exec",
                id,
                "--",
                "sh",
                "-c",
                "printf 'x\\r\\ny' >> dos.txt; printf more >> no-newline; printf '\\0' >> data.bin; rm link;"
                        + " printf '#!/bin/sh\\n' > new.sh; chmod +x new.sh; mkdir -p a/b; printf deep > a/b/c");

        JsonReader diff = pyro.json("workspace", "diff", id);
        assertThat(diff.bool("changed")).isTrue();
        assertThat(diff.object("summary").integer("non_text")).isEqualTo(3);
        assertThat(diff.string("patch"))
                .contains("+    return a + b", "new file mode 100755", "\\ No newline at end of file");
        Path copy = folder.resolve("copy");
        host(folder, "cp", "-a", seed.toString(), copy.toString());
        Path patch = Files.writeString(folder.resolve("fix.patch"), diff.string("patch"));
        host(copy, "git", "apply", patch.toString());

        pyro.ok("workspace", "snapshot", "create", id, "fixed");
        assertThat(pyro.run("workspace", "exec", id, "--", "sh", "-c", "rm -rf /workspace/* /usr/bin/python3; ls")
                        .exitCode())
                .isZero();
        assertThat(pyro.ok("workspace", "reset", id, "--snapshot", "fixed"))
                .contains("Reset workspace ID: " + id, "Reset source: fixed (named)");
        assertThat(pyro.run("workspace", "exec", id, "--", "./run.sh").exitCode())
                .isZero();
        assertThat(pyro.json("workspace", "logs", id).integer("count")).isEqualTo(1);

        Path exported = folder.resolve("exported");
        pyro.ok("workspace", "export", id, ".", "--output", exported.toString());
        Files.write(copy.resolve("data.bin"), new byte[] {0, 1, 2, (byte) 0xff, 0});
        host(
                folder,
                "rm",
                "-rf",
                copy.resolve(".git").toString(),
                exported.resolve(".git").toString());
        host(folder, "diff", "-r", "--no-dereference", copy.toString(), exported.toString());

        pyro.ok("workspace", "stop", id);
        assertThat(pyro.ok("workspace", "disk", "read", id, "calc.py")).isEqualTo("def add(a, b):\n    return a + b\n");
        assertThat(pyro.ok("workspace", "disk", "list", id, "a", "--recursive")).contains("a/b/c [file] size=4");
        assertThat(pyro.fails("WORKSPACE_WRONG_STATE", "workspace", "exec", id, "--", "true"))
                .contains("is stopped", "pyro workspace start " + id);
        pyro.ok("workspace", "start", id);
        assertThat(pyro.run("workspace", "exec", "fix " + backend, "--", "./run.sh")
                        .exitCode())
                .isZero();
        assertThat(pyro.fails("WORKSPACE_WRONG_STATE", "workspace", "disk", "read", id, "calc.py"))
                .contains("pyro workspace stop");

        String fresh = create(backend, "--seed-path", seed.toString());
        pyro.ok("workspace", "patch", "apply", fresh, "--patch", diff.string("patch"));
        assertThat(pyro.json("workspace", "diff", fresh).string("patch")).isEqualTo(diff.string("patch"));
        assertThat(pyro.ok("workspace", "delete", id)).isEqualTo("Deleted workspace: " + id + "\n");
        assertThat(pyro.fails("WORKSPACE_NOT_FOUND", "workspace", "status", id)).contains(id);
    }

    @ParameterizedTest
    @ValueSource(strings = {"qemu", "namespace"})
    void manyProcessesExecuteAtOnceWithoutGapsInTheHistory(String backend) {
        String id = create(backend);
        List<Running> running = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            running.add(pyro.start("workspace", "exec", id, "--", "sh", "-c", "echo " + i + "; sleep 0.1"));
        }
        for (int i = 0; i < 10; i++) {
            assertThat(running.get(i).await().stdout()).isEqualTo(i + "\n");
        }
        List<Long> sequences = pyro.json("workspace", "logs", id).array("entries").stream()
                .map(entry -> new JsonReader((JsonObject) entry).number("sequence"))
                .toList();
        assertThat(sequences).isEqualTo(LongStream.rangeClosed(1, 10).boxed().toList());
    }

    @ParameterizedTest
    @ValueSource(strings = {"qemu", "namespace"})
    void aCrashIsToldAndStartRecovers(String backend) throws IOException {
        String id = create(backend);
        pyro.ok("workspace", "exec", id, "--", "sh", "-c", "echo kept > kept; sync");
        pyro.ok("workspace", "snapshot", "create", id, "one");
        pyro.killMachines();
        org.awaitility.Awaitility.await()
                .atMost(java.time.Duration.ofSeconds(20))
                .untilAsserted(
                        () -> assertThat(pyro.json("workspace", "status", id).string("state"))
                                .isEqualTo("crashed"));
        assertThat(pyro.fails("WORKSPACE_WRONG_STATE", "workspace", "exec", id, "--", "true"))
                .contains("crashed");
        assertThat(pyro.ok("workspace", "disk", "read", id, "kept")).isEqualTo("kept\n");
        pyro.ok("workspace", "start", id);
        assertThat(pyro.ok("workspace", "exec", id, "--", "sh", "-c", "cat kept"))
                .isEqualTo("kept\n");
        pyro.ok("workspace", "reset", id, "--snapshot", "one");
        assertThat(pyro.ok("workspace", "exec", id, "--", "sh", "-c", "cat kept"))
                .isEqualTo("kept\n");
        pyro.ok("workspace", "reset", id);
        assertThat(pyro.ok("workspace", "exec", id, "--", "ls")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"qemu", "namespace"})
    void snapshotsStayReadableWhenOthersGo(String backend) {
        String id = create(backend);
        for (int i = 1; i <= 4; i++) {
            pyro.ok("workspace", "exec", id, "--", "sh", "-c", "echo " + i + " > state");
            pyro.ok("workspace", "snapshot", "create", id, "s" + i);
        }
        pyro.ok("workspace", "exec", id, "--", "sh", "-c", "rm state");
        pyro.ok("workspace", "snapshot", "delete", id, "s2");
        assertThat(pyro.fails("SNAPSHOT_NOT_FOUND", "workspace", "reset", id, "--snapshot", "s2"))
                .contains("s1, s3, s4");
        assertThat(pyro.fails("SNAPSHOT_NAME_TAKEN", "workspace", "snapshot", "create", id, "s1"))
                .contains("s1");
        for (int i : new int[] {3, 1, 4}) {
            pyro.ok("workspace", "reset", id, "--snapshot", "s" + i);
            assertThat(pyro.ok("workspace", "exec", id, "--", "sh", "-c", "cat state"))
                    .isEqualTo(i + "\n");
        }
        pyro.ok("workspace", "stop", id);
        pyro.ok("workspace", "snapshot", "create", id, "stopped");
        pyro.ok("workspace", "snapshot", "delete", id, "s4");
        pyro.ok("workspace", "start", id);
        assertThat(pyro.ok("workspace", "exec", id, "--", "sh", "-c", "cat state; echo 5 > state"))
                .isEqualTo("4\n");
        pyro.ok("workspace", "reset", id, "--snapshot", "stopped");
        assertThat(pyro.ok("workspace", "exec", id, "--", "sh", "-c", "cat state"))
                .isEqualTo("4\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"qemu", "namespace"})
    void aWorkspaceThatIsDeletedTakesItsCommandsAlong(String backend) {
        String id = create(backend);
        Running sleeping = pyro.start("workspace", "exec", id, "--", "sh", "-c", "sleep 600");
        org.awaitility.Awaitility.await()
                .atMost(java.time.Duration.ofSeconds(30))
                .until(() -> pyro.run("workspace", "exec", id, "--", "sh", "-c", "pgrep -x sleep")
                                .exitCode()
                        == 0);
        pyro.ok("workspace", "delete", id);
        Outcome outcome = sleeping.await();
        assertThat(outcome.exitCode()).isEqualTo(1);
        assertThat(outcome.stderr()).contains("[error] workspace " + id + " was deleted");
    }

    @ParameterizedTest
    @ValueSource(strings = {"qemu", "namespace"})
    void filesAreListedReadWrittenAndPushed(String backend) throws IOException {
        String id = create(backend);
        assertThat(pyro.ok("workspace", "file", "list", id)).endsWith("No workspace entries found.\n");
        pyro.ok("workspace", "file", "write", id, "src/a.txt", "--text", "hello\n");
        assertThat(pyro.ok("workspace", "file", "read", id, "/workspace/src/a.txt"))
                .isEqualTo("hello\n");
        pyro.fails("PATH_OUTSIDE", "workspace", "file", "read", id, "../etc/passwd");
        pyro.fails("PATH_OUTSIDE", "workspace", "file", "write", id, "/etc/motd", "--text", "x");
        pyro.ok("workspace", "exec", id, "--", "sh", "-c", "ln -s /etc/passwd out; printf '\\377' > bin");
        pyro.fails("PATH_OUTSIDE", "workspace", "file", "read", id, "out");
        pyro.fails("FILE_UNSUITABLE", "workspace", "file", "read", id, "bin");
        pyro.fails("FILE_NOT_FOUND", "workspace", "file", "read", id, "nothing");
        Path source = Files.createDirectories(folder.resolve("push/sub"));
        Files.writeString(source.resolve("b"), "b");
        JsonReader pushed = pyro.json(
                "workspace", "sync", "push", id, folder.resolve("push").toString(), "--dest", "src/in");
        assertThat(pushed.object("workspace_sync").string("destination")).isEqualTo("/workspace/src/in");
        assertThat(pyro.ok("workspace", "exec", id, "--", "sh", "-c", "cat src/in/sub/b; stat -c %U src/in/sub/b"))
                .isEqualTo("broot\n");
        Path taken = Files.createFile(folder.resolve("taken"));
        pyro.fails("OUTPUT_UNUSABLE", "workspace", "export", id, "src", "--output", taken.toString());
        pyro.ok(
                "workspace",
                "export",
                id,
                "src/a.txt",
                "--output",
                folder.resolve("a").toString());
        assertThat(folder.resolve("a")).hasContent("hello\n");
        assertThat(pyro.fails(
                        "PATCH_DOES_NOT_APPLY",
                        "workspace",
                        "patch",
                        "apply",
                        id,
                        "--patch",
                        "--- a/src/a.txt\n+++ b/src/a.txt\n@@ -1 +1 @@\n-bye\n+hi\n"))
                .contains("src/a.txt", "hunk");
    }
}
