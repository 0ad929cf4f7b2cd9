package dev.pyro.machine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pyro.machine.OfflineDisk.Content;
import dev.pyro.machine.OfflineDisk.Entry;
import dev.pyro.model.ArtifactType;
import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import dev.pyro.os.HostCommand;
import dev.pyro.store.AtomicFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** What the files of a machine that does not run look like, whatever the machine is made of. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
public abstract class OfflineDiskContractTest {
    private static final Duration BOUND = Duration.ofMinutes(1);
    private static final int LIMIT = 100_000;
    private static final int MANY = 10_000;

    /** Made by any shell, in a root that holds {@code etc/original}. */
    protected static final String ROOT_BASE = """
            mkdir -p etc/deleted-folder workspace
            printf 'as it was' >etc/original
            printf 'old' >etc/changed
            printf 'old' >etc/deleted
            printf 'old' >etc/deleted-folder/file
            printf 'old' >etc/becomes-folder
            """;

    protected static final String ROOT_CHANGES = """
            printf 'new' >etc/changed
            printf 'new' >etc/added
            rm -r etc/deleted etc/deleted-folder etc/becomes-folder
            mkdir etc/becomes-folder
            printf 'inside' >etc/becomes-folder/file
            ln -s /workspace/dir/file etc/into-workspace
            """;

    protected static final String WORK_BASE = """
            mkdir -p dir/empty 'with space' many replaced gone/deep
            printf hello >dir/file
            chmod 640 dir/file
            printf old >changed
            printf old >gone/deep/file
            printf old >replaced/file
            printf '#!/bin/sh\\n' >executable
            chmod 755 executable
            printf newline >"$(printf 'new\\nline')"
            printf bytes >"$(printf 'bad\\377byte')"
            printf umlaut >"$(printf '\\303\\244')"
            printf quote >'quo"te'"'"'s $x'
            printf dash >-n
            ln -s dir/file relative
            ln -s /workspace/dir absolute
            ln -s loop2 loop1
            ln -s loop1 loop2
            ln -s /etc out
            ln -s ../../../../../etc/original up
            ln -s missing dangling
            ln -s ./././././././././././././././././././././././././././././././././././././././dir/file long
            mkfifo fifo
            printf end | dd of=sparse bs=1 seek=1073741824 2>/dev/null
            head -c 3000000 /dev/zero | tr '\\0' x >big
            : >empty-file
            deep=.
            i=0
            while [ $i -lt 60 ]; do deep=$deep/d; i=$((i + 1)); done
            mkdir -p "$deep"
            printf bottom >"$deep/file"
            cd many
            seq -w 1 10000 | xargs touch
            cd ..
            """;

    protected static final String WORK_CHANGES = """
            printf new >changed
            rm -r gone replaced
            printf file >replaced
            printf added >added
            printf inside >'with space/added'
            """;

    private final Path base = MachineSite.createFolder();

    private OfflineDisk disk;

    /** Makes the machine's files below a folder, in the way of one back end, and opens them. */
    protected abstract OfflineDisk prepare(Path base) throws IOException;

    @BeforeAll
    void open() throws IOException {
        disk = prepare(base);
    }

    @AfterAll
    void delete() {
        disk.close();
        AtomicFiles.deleteTree(base);
    }

    /** Runs a script in a folder. */
    protected static void shell(Path folder, String script) {
        new HostCommand(List.of("sh", "-euc", "umask 022\n" + script), folder, Map.of(), BOUND)
                .runOrFail("run a script");
    }

    private String text(String path) {
        return text(disk.read(path, LIMIT));
    }

    private static String text(Content content) {
        return StandardCharsets.UTF_8.decode(content.bytes().duplicate()).toString();
    }

    private List<String> paths(String path, boolean recursive) {
        return disk.list(path, recursive, LIMIT).stream().map(Entry::path).toList();
    }

    private static Entry found(Map<String, Entry> entries, String path) {
        return Objects.requireNonNull(entries.get(path), path);
    }

    private Entry only(String path) {
        List<Entry> entries = disk.list(path, false, LIMIT);
        assertThat(entries).hasSize(1);
        return entries.getFirst();
    }

    private void assertNotFound(String path) {
        assertThatThrownBy(() -> disk.read(path, LIMIT))
                .isInstanceOfSatisfying(
                        PyroException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.FILE_NOT_FOUND))
                .hasMessageContaining(path);
        assertThatThrownBy(() -> disk.list(path + "/x", false, LIMIT)).isInstanceOf(PyroException.class);
    }

    private void assertUnsuitable(String path) {
        assertThatThrownBy(() -> disk.read(path, LIMIT))
                .isInstanceOfSatisfying(
                        PyroException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.FILE_UNSUITABLE))
                .hasMessageContaining(path);
    }

    @Test
    void readsWhatTheMachineWroteOverWhatItStartedFrom() {
        assertThat(text("/etc/original")).isEqualTo("as it was");
        assertThat(text("/etc/changed")).isEqualTo("new");
        assertThat(text("/etc/added")).isEqualTo("new");
        assertThat(text("/workspace/changed")).isEqualTo("new");
        assertThat(text("/workspace/with space/added")).isEqualTo("inside");
        assertThat(text("/workspace/replaced")).isEqualTo("file");
        assertThat(text("/etc/becomes-folder/file")).isEqualTo("inside");
    }

    @Test
    void whatWasDeletedIsGone() {
        assertNotFound("/etc/deleted");
        assertNotFound("/etc/deleted-folder/file");
        assertNotFound("/workspace/gone/deep/file");
        assertNotFound("/workspace/replaced/file");
        assertThat(paths("/etc", true))
                .contains("/etc/added", "/etc/becomes-folder", "/etc/becomes-folder/file", "/etc/into-workspace")
                .doesNotContain("/etc/deleted", "/etc/deleted-folder", "/etc/deleted-folder/file");
    }

    @Test
    void listsADirectoryWithTypesModesSizesAndTargets() {
        Map<String, Entry> entries = new TreeMap<>();
        disk.list("/workspace", false, LIMIT).forEach(entry -> entries.put(entry.path(), entry));
        assertThat(entries).doesNotContainKey("/workspace/lost+found");
        assertThat(found(entries, "/workspace/relative"))
                .isEqualTo(new Entry("/workspace/relative", ArtifactType.SYMLINK, 0777, 8, "dir/file"));
        assertThat(found(entries, "/workspace/long").linkTarget())
                .hasSizeGreaterThan(60)
                .endsWith("/dir/file");
        assertThat(found(entries, "/workspace/big"))
                .isEqualTo(new Entry("/workspace/big", ArtifactType.FILE, 0644, 3_000_000, ""));
        assertThat(found(entries, "/workspace/executable").mode()).isEqualTo(0755);
        assertThat(found(entries, "/workspace/dir").type()).isEqualTo(ArtifactType.DIRECTORY);
        assertThat(found(entries, "/workspace/fifo").type()).isEqualTo(ArtifactType.OTHER);
        assertThat(found(entries, "/workspace/sparse").sizeBytes()).isEqualTo((1L << 30) + 3);
        assertThat(disk.list("/workspace/dir/empty", true, LIMIT)).isEmpty();
        assertThat(paths("/workspace/dir", false)).containsExactly("/workspace/dir/empty", "/workspace/dir/file");
    }

    @Test
    void listsTheTopWithTheWorkspaceInIt() {
        assertThat(paths("/", false)).contains("/etc", "/workspace").doesNotContain("/lost+found");
        assertThat(paths("/", true)).contains("/etc/original", "/workspace/dir/file");
    }

    @Test
    void namesMayHoldAnyBytes() {
        assertThat(paths("/workspace", false))
                .contains(
                        "/workspace/new\nline",
                        "/workspace/bad\uDCFFbyte",
                        "/workspace/\u00e4",
                        "/workspace/quo\"te's $x",
                        "/workspace/-n");
        assertThat(text("/workspace/new\nline")).isEqualTo("newline");
        assertThat(text("/workspace/bad\uDCFFbyte")).isEqualTo("bytes");
        assertThat(text("/workspace/\u00e4")).isEqualTo("umlaut");
        assertThat(text("/workspace/quo\"te's $x")).isEqualTo("quote");
        assertThat(text("/workspace/-n")).isEqualTo("dash");
    }

    @Test
    void followsLinksWithinTheMachine() {
        assertThat(text("/workspace/relative")).isEqualTo("hello");
        assertThat(text("/workspace/long")).isEqualTo("hello");
        assertThat(text("/workspace/absolute/file")).isEqualTo("hello");
        assertThat(text("/workspace/out/original")).isEqualTo("as it was");
        assertThat(text("/workspace/up")).isEqualTo("as it was");
        assertThat(text("/etc/into-workspace")).isEqualTo("hello");
        assertThat(text("/workspace/./dir//../dir/file")).isEqualTo("hello");
        assertThat(text("/../../workspace/../etc/original")).isEqualTo("as it was");
        assertThat(paths("/workspace/absolute", false)).contains("/workspace/dir/file");
    }

    @Test
    void linksThatLeadNowhereAreShownAndNotRead() {
        assertNotFound("/workspace/loop1");
        assertNotFound("/workspace/dangling");
        assertThat(only("/workspace/loop1").linkTarget()).isEqualTo("loop2");
        assertThat(only("/workspace/dangling").type()).isEqualTo(ArtifactType.SYMLINK);
        assertThat(only("/workspace/relative").path()).isEqualTo("/workspace/relative");
        assertNotFound("/workspace/dir/file/below");
        assertNotFound("/nothing");
    }

    @Test
    void readsOnlyRegularFiles() {
        assertUnsuitable("/workspace/dir");
        assertUnsuitable("/workspace/fifo");
        assertUnsuitable("/workspace");
        assertUnsuitable("/");
        assertThatThrownBy(() -> disk.read("relative", LIMIT))
                .isInstanceOfSatisfying(
                        PyroException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT));
    }

    @Test
    void readsTheBeginningOfALargeFile() {
        Content content = disk.read("/workspace/big", 70_000);
        assertThat(content.sizeBytes()).isEqualTo(3_000_000);
        assertThat(content.bytes().remaining()).isEqualTo(70_000);
        assertThat(text(content)).isEqualTo("x".repeat(70_000));
        assertThat(text(disk.read("/workspace/big", LIMIT * 100))).isEqualTo("x".repeat(3_000_000));
        Content sparse = disk.read("/workspace/sparse", 1000);
        assertThat(sparse.sizeBytes()).isEqualTo((1L << 30) + 3);
        assertThat(text(sparse)).isEqualTo("\0".repeat(1000));
        assertThat(disk.read("/workspace/empty-file", 10)).satisfies(empty -> {
            assertThat(empty.sizeBytes()).isZero();
            assertThat(empty.bytes().remaining()).isZero();
        });
        assertThat(disk.read("/workspace/big", 0).bytes().remaining()).isZero();
    }

    @Test
    void goesDownDeepTrees() {
        String bottom = "/workspace" + "/d".repeat(60) + "/file";
        assertThat(text(bottom)).isEqualTo("bottom");
        assertThat(paths("/workspace/d", true)).contains(bottom).hasSize(60);
    }

    @Test
    void listsTenThousandEntriesSortedAndRefusesMore() {
        List<String> expected = IntStream.rangeClosed(1, MANY)
                .mapToObj(i -> String.format("/workspace/many/%05d", i))
                .toList();
        assertThat(paths("/workspace/many", false)).isEqualTo(expected);
        assertThat(disk.list("/workspace/many", true, MANY)).hasSize(MANY);
        assertThatThrownBy(() -> disk.list("/workspace/many", false, MANY - 1))
                .isInstanceOfSatisfying(
                        PyroException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.FILE_UNSUITABLE));
        assertThatThrownBy(() -> disk.list("/workspace", true, 100)).isInstanceOf(PyroException.class);
    }

    @Test
    void readsManyFilesAtOnceAndLeavesOutWhatIsNoFile() {
        Map<String, Content> contents = disk.readAll(
                List.of(
                        "/workspace/dir/file",
                        "/workspace/new\nline",
                        "/workspace/big",
                        "/workspace/relative",
                        "/workspace/missing",
                        "/workspace/fifo",
                        "/workspace/dir"),
                5);
        assertThat(contents.entrySet().stream()
                        .collect(Collectors.toMap(Map.Entry::getKey, content -> text(content.getValue()))))
                .isEqualTo(Map.of(
                        "/workspace/dir/file", "hello", "/workspace/new\nline", "newli", "/workspace/big", "xxxxx"));
        assertThat(disk.readAll(List.of(), 5)).isEmpty();
    }

    @Test
    void exportsOneSoundSparseImage() {
        Path image = base.resolve("export.ext4");
        OfflineDisk.Exported exported = disk.export(image);
        shell(base, "e2fsck -fn export.ext4");
        assertThat(onImage("/etc/changed")).isEqualTo("new");
        assertThat(onImage("/etc/becomes-folder/file")).isEqualTo("inside");
        shell(base, "[ $(stat -c %b export.ext4) -lt 1000000 ]");
        shell(base, "[ $(stat -c %U-%a export.ext4) = $(id -un)-600 ]");
        if (exported == OfflineDisk.Exported.WHOLE) {
            assertThat(onImage("/workspace/dir/file")).isEqualTo("hello");
            assertThat(onImage("/workspace/with space/added")).isEqualTo("inside");
        }
    }

    private String onImage(String path) {
        return new HostCommand(
                        List.of("sh", "-c", "debugfs -R 'cat \"'\"$1\"'\"' export.ext4 2>/dev/null", "sh", path),
                        base,
                        Map.of(),
                        BOUND)
                .runOrFail("look at the image");
    }
}
