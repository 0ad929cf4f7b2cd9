package dev.pyro.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pyro.cli.PyroInProcess;
import dev.pyro.e2e.PyroLauncher.Outcome;
import dev.pyro.json.Json;
import dev.pyro.json.JsonReader;
import java.io.IOException;
import java.io.OutputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.junit.jupiter.api.Test;

/**
 * Bad input from the command line: one clear message, a stable code, and nothing has changed. Commands run in this process; where the
 * program's small heap or the locale is part of the matter, the launcher runs them.
 */
class WorkspaceInputIT extends WorkspaceFixture {
    private static final String ESC = "\u001b";
    private static final long BOMB_BYTES = 100L << 20;

    @Override
    protected PyroLauncher open(Path state) {
        return new PyroInProcess(state);
    }

    private PyroLauncher launcher() {
        return new PyroLauncher(pyro.state()).with("PYRO_BACKEND", "namespace");
    }

    private Path tar(String name, TarArchiveEntry... entries) throws IOException {
        Path file = folder.resolve(name);
        try (TarArchiveOutputStream out = new TarArchiveOutputStream(Files.newOutputStream(file))) {
            for (TarArchiveEntry entry : entries) {
                out.putArchiveEntry(entry);
                out.write(new byte[(int) entry.getSize()]);
                out.closeArchiveEntry();
            }
        }
        return file;
    }

    private static TarArchiveEntry file(String name) {
        TarArchiveEntry entry = new TarArchiveEntry(name, true);
        entry.setSize(1);
        return entry;
    }

    private static TarArchiveEntry link(String name, byte kind, String target) {
        TarArchiveEntry entry = new TarArchiveEntry(name, kind);
        entry.setLinkName(target);
        return entry;
    }

    /** Returns archives, each with what the message must say of it. */
    private Map<Path, String> evilArchives() throws IOException {
        Map<Path, String> evil = new LinkedHashMap<>();
        evil.put(tar("absolute.tar", file("fine"), file("/etc/evil")), "`/etc/evil`");
        evil.put(tar("dots.tar", file("fine"), file("a/../../evil")), "`a/../../evil`");
        evil.put(
                tar("through.tar", link("door", TarConstants.LF_SYMLINK, "inside"), file("door/evil")),
                "`door/evil` leads through the link `door`");
        evil.put(tar("symlink.tar", link("door", TarConstants.LF_SYMLINK, "../../etc")), "`door`");
        evil.put(
                tar("hard-link.tar", link("door", TarConstants.LF_LINK, "/etc/passwd")),
                "`door` is a hard link to `/etc/passwd`");
        evil.put(tar("device.tar", file("fine"), new TarArchiveEntry("null", TarConstants.LF_CHR)), "`null`");
        evil.put(tar("fifo.tar", new TarArchiveEntry("pipe", TarConstants.LF_FIFO)), "`pipe`");
        host(folder, "truncate -s 10T huge; tar --create --sparse --file sparse.tar huge; rm huge");
        evil.put(folder.resolve("sparse.tar"), "`huge` has 10995116277760 bytes");
        evil.put(bomb(), "`zeros` has " + BOMB_BYTES + " bytes");
        Path cut = folder.resolve("cut.tgz");
        byte[] whole = Files.readAllBytes(folder.resolve("bomb.tar.gz"));
        Files.write(cut, java.util.Arrays.copyOf(whole, 200));
        evil.put(cut, "cut.tgz");
        return evil;
    }

    private Path bomb() throws IOException {
        Path file = folder.resolve("bomb.tar.gz");
        try (OutputStream gzip = new GZIPOutputStream(Files.newOutputStream(file));
                TarArchiveOutputStream out = new TarArchiveOutputStream(gzip)) {
            TarArchiveEntry entry = new TarArchiveEntry("zeros");
            entry.setSize(BOMB_BYTES);
            out.putArchiveEntry(entry);
            byte[] zeros = new byte[1 << 20];
            for (long written = 0; written < BOMB_BYTES; written += zeros.length) {
                out.write(zeros);
            }
            out.closeArchiveEntry();
        }
        return file;
    }

    @Test
    void archivesThatLeadOutOrAreTooLargeAreRefused() throws IOException {
        String id = create("namespace", "--disk-mib", "64");
        exec(id, "mkdir inside; echo mine > inside/kept");
        String before = pyro.ok("workspace", "file", "list", id, "--recursive", "--json");
        evilArchives()
                .forEach((archive, problem) -> assertThat(pyro.fails(
                                "ARCHIVE_REFUSED",
                                "workspace",
                                "sync",
                                "push",
                                id,
                                archive.toString(),
                                "--dest",
                                "inside"))
                        .contains(archive.toString(), problem));
        assertThat(pyro.machineFolders()).hasSize(1);
        assertThat(pyro.ok("workspace", "file", "list", id, "--recursive", "--json"))
                .isEqualTo(before);
        assertThat(Path.of("/etc/evil")).doesNotExist();
    }

    @Test
    void noWorkspaceStartsWithSuchAnArchive() throws IOException {
        pyro = launcher();
        Map<Path, String> evil = evilArchives();
        // The others go the same way as in a sync.
        evil.keySet()
                .removeIf(archive -> !List.of("through.tar", "sparse.tar", "bomb.tar.gz")
                        .contains(String.valueOf(archive.getFileName())));
        assertThat(evil).hasSize(3);
        evil.forEach((archive, problem) -> assertThat(
                        pyro.fails("ARCHIVE_REFUSED", creation("--disk-mib", "64", "--seed-path", archive.toString())))
                .contains(archive.toString(), problem));
        assertThat(pyro.machineFolders()).isEmpty();
    }

    @Test
    void whatIsNoSeedIsRefused() throws IOException {
        String missing = folder.resolve("missing").toString();
        String text = Files.writeString(folder.resolve("notes.txt"), "text").toString();
        String noTar = Files.writeString(folder.resolve("text.tar"), "text".repeat(500))
                .toString();
        pyro.with("PYRO_BACKEND", "namespace");
        assertThat(pyro.fails("SEED_UNUSABLE", creation("--seed-path", missing)))
                .contains(missing, "no such file");
        assertThat(pyro.fails("SEED_UNUSABLE", creation("--seed-path", text)))
                .contains(text, "neither a directory nor a .tar, .tar.gz or .tgz archive");
        assertThat(pyro.fails("ARCHIVE_REFUSED", creation("--seed-path", noTar)))
                .contains(noTar);
        assertThat(pyro.fails("SEED_UNUSABLE", creation("--seed-path", "/dev/null")))
                .contains("/dev/null");
        host(folder, "mkdir large; head -c 70M /dev/urandom > large/f");
        assertThat(pyro.fails(
                        "SEED_UNUSABLE",
                        creation(
                                "--disk-mib",
                                "64",
                                "--seed-path",
                                folder.resolve("large").toString())))
                .contains("--disk-mib");
        assertThat(pyro.machineFolders()).isEmpty();
    }

    @Test
    void socketsAndFifosAreLeftOutAndReported() throws IOException {
        Path seed = Files.createDirectories(folder.resolve("seed/sub"));
        Files.writeString(seed.resolve("file"), "x");
        host(seed, List.of("mkfifo", "fi\nfo" + ESC + "[31m"));
        try (ServerSocketChannel socket = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            socket.bind(UnixDomainSocketAddress.of(seed.resolve("socket")));
            pyro.with("PYRO_BACKEND", "namespace");
            Outcome created = pyro.run(
                    creation("--json", "--seed-path", folder.resolve("seed").toString()));
            assertThat(created.exitCode()).as(created.stderr()).isZero();
            JsonReader json = Json.parseObject(created.stdout());
            String id = json.string("workspace_id");
            requireReported(created, "[workspace-create] skipped=2 workspace_id=" + id);
            JsonReader reported = json.object("workspace_seed");
            assertThat(reported.integer("skipped_count")).isEqualTo(2);
            assertThat(reported.strings("skipped")).hasSize(2).contains("sub/socket");
            assertThat(reported.integer("entry_count")).isEqualTo(2);
            assertThat(exec(id, "find . -mindepth 1")).isEqualTo("./sub\n./sub/file\n");

            Outcome pushed = pyro.run("workspace", "sync", "push", id, seed.toString(), "--dest", "in");
            assertThat(pushed.exitCode()).as(pushed.stderr()).isZero();
            requireReported(pushed, "[workspace-sync] skipped=2 workspace_id=" + id);
            assertThat(exec(id, "ls in")).isEqualTo("file\n");
        }
    }

    private static void requireReported(Outcome outcome, String start) {
        assertThat(outcome.stderr()).doesNotContain(ESC);
        assertThat(outcome.stderr().lines().filter(line -> line.startsWith(start)))
                .singleElement()
                .asString()
                .contains("socket", "fi");
    }

    @Test
    void aReferenceThatFitsNoneOrSeveralNamesTheNearOnes() {
        String first = create("namespace", "--name", "parser");
        String second = create("namespace");
        assertThat(pyro.fails("WORKSPACE_NOT_FOUND", "workspace", "status", "ws-"))
                .contains("several", first + " (parser)", second);
        for (String near : List.of("parsre", "parsr", "PARSER2")) {
            assertThat(pyro.fails("WORKSPACE_NOT_FOUND", "workspace", "exec", near, "--", "true"))
                    .as(near)
                    .contains(near, "did you mean " + first + " (parser)?");
        }
        assertThat(pyro.fails("WORKSPACE_NOT_FOUND", "workspace", "stop", "lexer" + ESC))
                .contains("\"lexer\\u001b\"", "pyro workspace list")
                .doesNotContain("did you mean");
        String oneDigitOff = first.substring(0, 14) + (first.charAt(14) == '0' ? '1' : '0');
        assertThat(pyro.fails("WORKSPACE_NOT_FOUND", "workspace", "diff", oneDigitOff))
                .contains("did you mean " + first);
        pyro.fails("WORKSPACE_NOT_FOUND", "workspace", "status", "");
        pyro.fails("WORKSPACE_NOT_FOUND", "workspace", "status", "../workspaces/" + first);
        String beginning = first.substring(0, 12);
        if (!second.startsWith(beginning)) {
            assertThat(pyro.json("workspace", "status", beginning).string("workspace_id"))
                    .isEqualTo(first);
        }
    }

    @Test
    void namesAreEscapedWhenPrintedAndWholeInJson() {
        String name = "two\nlines" + ESC + "[2J \u202e\u00e9\ud83d\ude00";
        String key = "k\ney";
        String value = "v" + ESC + "alue=\t";
        PyroLauncher launched = launcher();
        JsonReader json = launched.json(creation("--name", name, "--label", key + "=" + value));
        String id = json.string("workspace_id");
        assertThat(json.string("name")).isEqualTo(name);
        assertThat(json.stringMap("labels")).isEqualTo(Map.of(key, value));
        String printed = "two\\u000alines\\u001b[2J \\u202e\u00e9\ud83d\ude00";
        for (String human : List.of(launched.ok("workspace", "status", id), pyro.ok("workspace", "list"))) {
            assertThat(human)
                    .contains(printed, "k\\u000aey=v\\u001balue=\\u0009")
                    .doesNotContain(ESC, "\nlines");
        }
        assertThat(pyro.json("workspace", "status", name).string("workspace_id"))
                .isEqualTo(id);
        pyro.with("PYRO_BACKEND", "namespace");
        assertThat(pyro.fails("WORKSPACE_NAME_TAKEN", creation("--name", name))).contains(printed, id);
        pyro.fails("INVALID_ARGUMENT", creation("--name", ""));
        pyro.fails("INVALID_ARGUMENT", "workspace", "update", id, "--name", "n".repeat(121));
        assertThat(pyro.machineFolders()).hasSize(1);
        String other = create("namespace", "--name", "other");
        assertThat(pyro.fails("WORKSPACE_NAME_TAKEN", "workspace", "update", other, "--name", name))
                .contains(printed, id);
        assertThat(pyro.json("workspace", "update", other, "--clear-name").nullableString("name"))
                .isNull();
    }

    @Test
    void theWrongStateIsNamedWithTheCommandThatChangesIt() throws IOException {
        String id = create("namespace");
        exec(id, "echo x > f");
        String out = folder.resolve("out").toString();
        for (List<String> command : List.of(
                List.of("disk", "list", id),
                List.of("disk", "read", id, "f"),
                List.of("disk", "export", id, "--output", out))) {
            requireWrongState(command, id + " is running", "`pyro workspace stop " + id + "`");
        }
        pyro.ok("workspace", "stop", id);
        Path push = Files.createDirectory(folder.resolve("push"));
        for (List<String> command : List.of(
                List.of("exec", id, "--", "true"),
                List.of("file", "list", id),
                List.of("file", "read", id, "f"),
                List.of("file", "write", id, "f", "--text", "y"),
                List.of("patch", "apply", id, "--patch", "--- /dev/null\n+++ b/g\n@@ -0,0 +1 @@\n+g\n"),
                List.of("diff", id),
                List.of("export", id, "f", "--output", out),
                List.of("sync", "push", id, push.toString()))) {
            requireWrongState(command, id + " is stopped", "`pyro workspace start " + id + "`");
        }
        assertThat(Path.of(out)).doesNotExist();
        assertThat(pyro.ok("workspace", "disk", "read", id, "f")).isEqualTo("x\n");
        assertThat(pyro.json("workspace", "stop", id).string("state")).isEqualTo("stopped");
    }

    private void requireWrongState(List<String> command, String... parts) {
        List<String> all = new ArrayList<>(List.of("workspace"));
        all.addAll(command);
        assertThat(pyro.fails("WORKSPACE_WRONG_STATE", all.toArray(String[]::new)))
                .as(() -> String.join(" ", command))
                .contains(parts);
    }

    @Test
    void anExportNeverTakesAnExistingPlace() throws IOException {
        String id = create("namespace");
        exec(id, "mkdir d; echo x > d/f; ln -s f d/l");
        Path file = Files.writeString(folder.resolve("file"), "mine");
        Path directory = Files.createDirectory(folder.resolve("directory"));
        Path dangling = Files.createSymbolicLink(folder.resolve("dangling"), Path.of("nowhere"));
        for (Path taken : List.of(file, directory, dangling)) {
            assertThat(pyro.fails("OUTPUT_UNUSABLE", "workspace", "export", id, "d", "--output", taken.toString()))
                    .contains(taken.toString(), "already exists");
        }
        pyro.fails(
                "OUTPUT_UNUSABLE",
                "workspace",
                "export",
                id,
                "d",
                "--output",
                folder.resolve("no/folder").toString());
        pyro.fails(
                "FILE_NOT_FOUND",
                "workspace",
                "export",
                id,
                "nothing",
                "--output",
                folder.resolve("new").toString());
        assertThat(file).hasContent("mine");
        assertThat(directory).isEmptyDirectory();
        assertThat(Files.exists(folder.resolve("nowhere"), LinkOption.NOFOLLOW_LINKS))
                .isFalse();
        try (var left = Files.list(folder)) {
            assertThat(left.map(path -> path.getFileName().toString()))
                    .as("nothing half is left")
                    .containsExactlyInAnyOrder("state", "file", "directory", "dangling");
        }
        pyro.ok(
                "workspace",
                "export",
                id,
                "d/l",
                "--output",
                folder.resolve("link").toString());
        assertThat(Files.readSymbolicLink(folder.resolve("link"))).isEqualTo(Path.of("f"));
    }

    @Test
    void aPatchThatIsRefusedChangesNothing() throws IOException {
        Path seed = Files.createDirectory(folder.resolve("seed"));
        Files.writeString(seed.resolve("a"), "one\ntwo\n");
        Files.writeString(seed.resolve("b"), "bee\n");
        Files.createSymbolicLink(seed.resolve("out"), Path.of("../outside"));
        String id = create("namespace", "--seed-path", seed.toString());
        exec(id, "echo three >> a");
        String before = pyro.ok("workspace", "diff", id, "--json");
        String good = "--- a/b\n+++ b/b\n@@ -1 +1 @@\n-bee\n+wasp\n";
        String binary = """
                diff --git a/bin b/bin
                new file mode 100644
                index 0000000..eaf36c1
                GIT binary patch
                literal 4
                LcmZQzWMXFk0Oo)a0ssI2

                """;
        String rename = "diff --git a/a b/c\nsimilarity index 100%\nrename from a\nrename to c\n";
        String mode = "diff --git a/a b/a\nold mode 100644\nnew mode 100755\n";
        Map<String, List<String>> refused = new LinkedHashMap<>();
        refused.put(good + binary, List.of("PATCH_REFUSED", "binary"));
        refused.put(good + rename, List.of("PATCH_REFUSED", "renames"));
        refused.put(good + mode, List.of("PATCH_REFUSED", "mode"));
        refused.put(good + added("../evil"), List.of("PATCH_REFUSED", "../evil"));
        refused.put(good + "--- /dev/null\n+++ /etc/evil\n@@ -0,0 +1 @@\n+x\n", List.of("PATCH_REFUSED", "/etc/evil"));
        refused.put(good + added("out/evil"), List.of("PATCH_DOES_NOT_APPLY", "symbolic link"));
        refused.put(
                good + "--- a/a\n+++ b/a\n@@ -1,2 +1,2 @@\n one\n-zwei\n+two\n",
                List.of("PATCH_DOES_NOT_APPLY", "hunk 1"));
        refused.put(good + "--- a/c\n+++ b/c\n@@ -1 +1 @@\n-x\n+y\n", List.of("PATCH_DOES_NOT_APPLY", "c"));
        refused.put(good + added("a"), List.of("PATCH_DOES_NOT_APPLY", "a"));
        refused.put(good + added("a/below"), List.of("PATCH_DOES_NOT_APPLY", "a"));
        refused.put(good + good, List.of("PATCH_REFUSED", "b"));
        refused.put("no patch at all", List.of("PATCH_REFUSED", "patch"));
        refused.forEach((patch, expected) -> assertThat(
                        pyro.fails(expected.getFirst(), "workspace", "patch", "apply", id, "--patch=" + patch))
                .as(patch)
                .contains(expected.getLast(), "nothing was changed"));
        assertThat(pyro.ok("workspace", "diff", id, "--json")).isEqualTo(before);
        pyro.ok("workspace", "patch", "apply", id, "--patch=" + good);
        assertThat(exec(id, "cat b")).isEqualTo("wasp\n");
    }

    private static String added(String path) {
        return "--- /dev/null\n+++ b/" + path + "\n@@ -0,0 +1 @@\n+x\n";
    }
}
