package dev.pyro.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.pyro.e2e.PyroLauncher.Outcome;
import dev.pyro.e2e.PyroLauncher.Running;
import dev.pyro.json.Json;
import dev.pyro.json.JsonReader;
import dev.pyro.json.JsonValue;
import dev.pyro.json.JsonValue.JsonLong;
import dev.pyro.json.JsonValue.JsonObject;
import dev.pyro.json.JsonValue.JsonString;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Full disks, damaged and foreign records, reboots, time that passes, and Ctrl-C. */
class WorkspaceFaultIT extends WorkspaceFixture {
    private static final Duration BOUND = Duration.ofSeconds(30);

    /** The first start of a build waits for the environment, the kernel and the template. */
    private static final Duration FIRST_START = Duration.ofMinutes(6);

    /** Lets nothing of a machine come to life, so that no start is over before it is interrupted; probes of the host go on. */
    private static final String HOLDING_SETSID = """
            #!/bin/sh
            case "$*" in *pyro-held*) while :; do sleep 0.05; done ;; esac
            exec /usr/bin/setsid "$@"
            """;

    private void edit(String id, Map<String, JsonValue> changes) throws IOException {
        Map<String, JsonValue> members = new TreeMap<>(
                Json.parseObject(Files.readString(record(id))).object().members());
        members.putAll(changes);
        Files.writeString(record(id), Json.write(new JsonObject(members)));
    }

    @Test
    void aFullDiskIsToldAndChangesNothing() throws IOException {
        String id = create("qemu", "--disk-mib", "64");
        Path push = Files.createDirectories(folder.resolve("push/sub"));
        Files.write(push.resolve("large"), new byte[1 << 20]);
        Files.writeString(push.resolve("small"), "x");
        exec(
                id,
                "echo old > file; for size in 32M 4M 512K 64K 4K; do n=0; while fallocate -l $size fill$size-$n 2>/dev/null;"
                        + " do n=$((n + 1)); done; rm -f fill$size-$n; done; sync");
        String look = "cat file; find . -printf '%p %y %s %m\\n' | sort";
        String before = exec(id, look);
        String text = "text".repeat(2000);
        assertThat(pyro.fails("WORKSPACE_DISK_FULL", "workspace", "file", "write", id, "file", "--text", text))
                .contains("\"file\"", "--disk-mib");
        pyro.fails("WORKSPACE_DISK_FULL", "workspace", "file", "write", id, "new/file", "--text", text);
        pyro.fails(
                "WORKSPACE_DISK_FULL",
                "workspace",
                "patch",
                "apply",
                id,
                "--patch=--- a/file\n+++ b/file\n@@ -1 +1 @@\n-old\n+" + text + "\n");
        pyro.fails(
                "WORKSPACE_DISK_FULL",
                "workspace",
                "sync",
                "push",
                id,
                folder.resolve("push").toString());
        assertThat(exec(id, look)).isEqualTo(before);
        assertThat(pyro.run("workspace", "exec", id, "--", "sh", "-c", "echo x > another")
                        .exitCode())
                .isNotZero();
        exec(id, "rm -f fill* another");
        pyro.ok("workspace", "file", "write", id, "file", "--text", text);
        pyro.ok("workspace", "sync", "push", id, folder.resolve("push").toString());
        assertThat(exec(id, "cat file sub/small; stat -c %s sub/large")).isEqualTo(text + "x1048576\n");
        assertThat(pyro.json("workspace", "diff", id).bool("changed")).isTrue();
    }

    @Test
    void aRecordOfANewerVersionIsLeftAlone() throws IOException {
        String id = create("namespace", "--name", "future");
        String other = create("namespace");
        exec(id, "echo kept > f");
        String original = Files.readString(record(id));
        edit(id, Map.of("format_version", new JsonLong(99), "last_activity_at_ms", new JsonLong(0)));
        Files.setLastModifiedTime(activity(id), FileTime.from(Instant.EPOCH));
        String newer = Files.readString(record(id));
        assertThat(ids()).containsExactly(other);
        for (List<String> command :
                List.of(List.of("status", id), List.of("delete", id), List.of("exec", id, "--", "true"))) {
            String[] all =
                    Stream.concat(Stream.of("workspace"), command.stream()).toArray(String[]::new);
            assertThat(pyro.fails("RECORD_TOO_NEW", all)).contains(record(id).toString(), "format 99", "update Pyro");
        }
        pyro.fails("WORKSPACE_NOT_FOUND", "workspace", "status", "future");
        exec(other, "true");
        assertThat(record(id)).hasContent(newer);

        Files.writeString(record(id), original);
        edit(id, Map.of("a_field_of_the_future", new JsonString("x")));
        assertThat(exec("future", "cat f")).isEqualTo("kept\n");
        pyro.ok("workspace", "update", id, "--label", "a=b");
    }

    private Path activity(String id) {
        return record(id).resolveSibling("activity");
    }

    @Test
    void aDamagedRecordIsToldAndHarmsNoOther() throws IOException {
        String id = create("namespace");
        String other = create("namespace");
        String original = Files.readString(record(id));
        for (String damaged : List.of("", original.substring(0, original.length() / 2), "{}")) {
            Files.writeString(record(id), damaged);
            assertThat(pyro.fails("RECORD_CORRUPT", "workspace", "exec", id, "--", "true"))
                    .as(damaged)
                    .contains(record(id).toString());
            assertThat(record(id)).hasContent(damaged);
        }
        assertThat(ids()).containsExactly(other);
        Files.writeString(record(id), original);
        exec(id, "true");
    }

    @ParameterizedTest
    @ValueSource(strings = {"qemu", "namespace"})
    void afterARebootItIsStoppedAndWhole(String backend) throws IOException {
        String id = create(backend);
        exec(id, "echo kept > kept; echo root > /root/kept; sync");
        pyro.ok("workspace", "snapshot", "create", id, "s");
        exec(id, "echo later > later; sync");
        pyro.killMachines();
        pyro.awaitNoProcess();
        edit(id, Map.of("boot_id", new JsonString("00000000-0000-4000-8000-000000000000")));
        assertThat(pyro.json("workspace", "status", id).string("state")).isEqualTo("stopped");
        assertThat(pyro.fails("WORKSPACE_WRONG_STATE", "workspace", "exec", id, "--", "true"))
                .contains("is stopped");
        assertThat(pyro.ok("workspace", "disk", "read", id, "kept")).isEqualTo("kept\n");
        pyro.ok("workspace", "start", id);
        assertThat(exec(id, "cat kept later /root/kept")).isEqualTo("kept\nlater\nroot\n");
        assertThat(pyro.json("workspace", "logs", id).integer("count")).isEqualTo(3);
        pyro.ok("workspace", "reset", id, "--snapshot", "s");
        assertThat(exec(id, "ls")).isEqualTo("kept\n");
    }

    @Test
    void anExpiredWorkspaceGoesWithTheNextCommandUnlessOneRunsInIt() throws IOException {
        for (List<String> command : List.of(List.of("status", "old"), List.of("exec", "old", "--", "true"))) {
            String id = create("namespace", "--ttl-seconds", "60", "--name", "old");
            age(id);
            pyro.run(Stream.concat(Stream.of("workspace"), command.stream()).toArray(String[]::new));
            assertThat(pyro.machineFolders())
                    .as(() -> String.join(" ", command))
                    .isEmpty();
            pyro.awaitNothingLeft();
        }
        String used = create("namespace", "--ttl-seconds", "60");
        Running running = pyro.start(
                "workspace",
                "exec",
                used,
                "--",
                "sh",
                "-c",
                "echo up; until [ -e end ]; do sleep 0.05; done; echo done");
        await().atMost(BOUND)
                .until(() -> running.out().toString(StandardCharsets.UTF_8).contains("up"));
        age(used);
        assertThat(ids()).containsExactly(used);
        age(used);
        pyro.ok("workspace", "file", "write", used, "end", "--text", "x");
        assertThat(running.await().stdout()).isEqualTo("up\ndone\n");
        assertThat(ids()).containsExactly(used);
    }

    /** Sets the last use of a workspace two hours back. */
    private void age(String id) throws IOException {
        Instant past = Instant.now().minus(Duration.ofHours(2));
        edit(id, Map.of("last_activity_at_ms", new JsonLong(past.toEpochMilli())));
        if (Files.exists(activity(id))) {
            Files.setLastModifiedTime(activity(id), FileTime.from(past));
        }
    }

    @Test
    void theHistoryHasNoGapsWhateverHappensToIt() throws IOException {
        String id = create("namespace");
        for (int i = 1; i <= 3; i++) {
            exec(id, "echo " + i + "; echo err >&2");
        }
        Path history = record(id).resolveSibling("history-0").resolve("commands.jsonl");
        Files.writeString(history, "{\"sequence\":4,\"comm", StandardOpenOption.APPEND);
        assertThat(sequences(id)).isEqualTo(LongStream.rangeClosed(1, 3).boxed().toList());
        assertThat(pyro.json("workspace", "status", id).integer("command_count"))
                .isEqualTo(3);
        JsonReader fourth = pyro.json("workspace", "exec", id, "--", "sh", "-c", "echo four; exit 7");
        assertThat(fourth.integer("sequence")).isEqualTo(4);
        pyro.ok("workspace", "stop", id);
        assertThat(sequences(id)).hasSize(4);
        pyro.ok("workspace", "start", id);
        assertThat(pyro.json("workspace", "exec", id, "--", "true").integer("sequence"))
                .isEqualTo(5);
        JsonReader logs = pyro.json("workspace", "logs", id);
        JsonReader kept = new JsonReader((JsonObject) logs.array("entries").get(3));
        assertThat(kept.string("stdout")).isEqualTo("four\n");
        assertThat(kept.integer("exit_code")).isEqualTo(7);
        assertThat(pyro.ok("workspace", "logs", id)).contains("#1 exit_code=0", "err", "#5 exit_code=0");
        pyro.ok("workspace", "reset", id);
        assertThat(sequences(id)).isEmpty();
        assertThat(pyro.json("workspace", "exec", id, "--", "true").integer("sequence"))
                .isEqualTo(1);
    }

    private List<Long> sequences(String id) {
        return pyro.json("workspace", "logs", id).array("entries").stream()
                .map(entry -> new JsonReader((JsonObject) entry).number("sequence"))
                .toList();
    }

    @ParameterizedTest
    @ValueSource(strings = {"qemu", "namespace"})
    void anExportedDiskHoldsRootAndWorkspace(String backend) throws IOException {
        Path seed = Files.createDirectories(folder.resolve("seed/bin"));
        Files.writeString(seed.resolve("run.sh"), "#!/bin/sh\n");
        Files.setPosixFilePermissions(seed.resolve("run.sh"), PosixFilePermissions.fromString("rwxr-x---"));
        Files.createSymbolicLink(seed.resolve("link"), Path.of("run.sh"));
        String id = create(backend, "--seed-path", folder.resolve("seed").toString());
        exec(id, "echo content > bin/new; rm /etc/motd; echo of the machine > /root/note; chmod 600 /root/note");
        pyro.ok("workspace", "stop", id);
        Path image = folder.resolve("image.ext4");
        pyro.ok("workspace", "disk", "export", id, "--output", image.toString());
        host(folder, List.of("e2fsck", "-fn", image.toString()));
        assertThat(debugfs(image, "cat /workspace/bin/new")).isEqualTo("content\n");
        assertThat(debugfs(image, "stat /workspace/bin/run.sh"))
                .contains("Type: regular", "Mode:  0750", "User:     0   Group:     0");
        assertThat(debugfs(image, "stat /workspace/bin/link")).contains("Type: symlink", "\"run.sh\"");
        assertThat(debugfs(image, "cat /root/note")).isEqualTo("of the machine\n");
        assertThat(debugfs(image, "stat /root/note")).contains("Mode:  0600", "User:     0   Group:     0");
        assertThat(debugfs(image, "stat /etc/motd")).contains("File not found");
        assertThat(debugfs(image, "stat /usr/bin/passwd")).contains("Type: regular", "User:     0   Group:     0");
        assertThat(pyro.fails("OUTPUT_UNUSABLE", "workspace", "disk", "export", id, "--output", image.toString()))
                .contains("already exists");
        pyro.ok("workspace", "start", id);
        assertThat(exec(id, "cat bin/new /root/note")).isEqualTo("content\nof the machine\n");
    }

    private String debugfs(Path image, String command) {
        return host(
                folder,
                List.of(
                        "sh",
                        "-c",
                        "debugfs -R \"$1\" \"$2\" 2>&1 | grep -v '^debugfs '",
                        "sh",
                        command,
                        image.toString()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"phase=create", "phase=seed", "phase=start"})
    void aCreateThatIsInterruptedLeavesNothing(String phase) throws IOException, InterruptedException {
        Path seed = Files.createDirectories(folder.resolve("seed"));
        for (int i = 0; i < 200; i++) {
            Files.writeString(seed.resolve("f" + i), "x".repeat(i));
        }
        pyro.with("PYRO_BACKEND", "qemu");
        holdMachines();
        Running running = pyro.start(creation("--name", "short", "--seed-path", seed.toString()));
        assertInterrupted(running, phase);
        pyro.awaitNothingLeft();
        assertThat(ids()).isEmpty();
    }

    @Test
    void aStartThatIsInterruptedIsUndone() throws IOException, InterruptedException {
        String id = create("qemu");
        exec(id, "echo kept > kept; sync");
        pyro.ok("workspace", "stop", id);
        holdMachines();
        assertInterrupted(pyro.start("workspace", "start", id), "phase=start");
        pyro.with("PATH", System.getenv("PATH"));
        pyro.awaitNoProcess();
        assertThat(pyro.json("workspace", "status", id).string("state")).isEqualTo("stopped");
        pyro.ok("workspace", "start", id);
        assertThat(exec(id, "cat kept")).isEqualTo("kept\n");
    }

    private void holdMachines() throws IOException {
        Path programs = Files.createDirectory(folder.resolve("programs"));
        Files.setPosixFilePermissions(
                Files.writeString(programs.resolve("setsid"), HOLDING_SETSID),
                PosixFilePermissions.fromString("rwxr-xr-x"));
        pyro.with("PATH", programs + ":" + System.getenv("PATH"));
    }

    private static void assertInterrupted(Running running, String phase) throws IOException, InterruptedException {
        await().atMost(FIRST_START)
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(2))
                .until(() -> running.err().toString(StandardCharsets.UTF_8).contains("[workspace] " + phase));
        running.signal("INT");
        Outcome outcome = running.await();
        assertThat(outcome.exitCode()).as(outcome.stderr()).isEqualTo(130);
        assertThat(outcome.stdout()).isEmpty();
    }
}
