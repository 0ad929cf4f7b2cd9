package dev.pyro.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import dev.pyro.model.ArtifactType;
import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import dev.pyro.os.HostCommand;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Reads real images of mke2fs, sound ones and damaged ones. */
class Ext4ReaderIT {
    private static final Duration BOUND = Duration.ofMinutes(1);
    private static final long ROUNDS = 150;
    private static final int MAX_ENTRIES = 20_000;
    private static final int BLOCK = 4096;

    @TempDir
    private static Path made;

    @TempDir
    Path folder;

    private Path image;

    @BeforeAll
    static void makeImage() {
        shell(made, """
                mkdir -p tree/dir/below tree/many
                printf 'in its place' >tree/file
                printf deep >tree/dir/below/deep
                ln -s dir/below tree/link
                ln -s "$(head -c 100 /dev/zero | tr '\\0' l)" tree/long-link
                cd tree/many
                seq -w 1 2000 | xargs touch
                cd ../..
                head -c 300000 /dev/urandom >tree/random
                mke2fs -q -t ext4 -b 4096 -J size=4 -d tree disk.raw 64M
                """);
    }

    @BeforeEach
    void copyImage() {
        image = folder.resolve("disk.raw");
        HostCommand.of(
                        BOUND,
                        List.of(
                                "cp",
                                "--sparse=always",
                                made.resolve("disk.raw").toString(),
                                image.toString()))
                .runOrFail("copy the image");
    }

    private String shell(String script) {
        return shell(folder, script);
    }

    private static String shell(Path folder, String script) {
        return new HostCommand(List.of("sh", "-euc", script), folder, Map.of(), BOUND).runOrFail("run a script");
    }

    private Ext4Reader open() {
        return Ext4Reader.open(List.of(new DiskLayer(image, Qcow2.Format.RAW)));
    }

    /** Returns everything that is there: the paths, with contents and targets. */
    private static Map<String, String> everything(Ext4Reader reader) {
        Map<String, String> found = new TreeMap<>();
        List<Map.Entry<String, Ext4Inode>> pending = new ArrayList<>(List.of(Map.entry("", reader.root())));
        while (!pending.isEmpty() && found.size() < MAX_ENTRIES) {
            Map.Entry<String, Ext4Inode> next = pending.removeLast();
            for (Ext4Reader.Name name : reader.names(next.getValue())) {
                String path = next.getKey() + "/" + name.text();
                Ext4Inode inode = reader.inode(name.inode());
                found.put(path, content(reader, inode));
                reader.xattrs(inode)
                        .forEach((key, value) ->
                                found.put(path + " " + key, new String(value, StandardCharsets.ISO_8859_1)));
                if (inode.type() == ArtifactType.DIRECTORY) {
                    pending.add(Map.entry(path, inode));
                }
            }
        }
        return found;
    }

    private static String content(Ext4Reader reader, Ext4Inode inode) {
        return switch (inode.type()) {
            case SYMLINK -> new String(reader.linkTarget(inode), StandardCharsets.ISO_8859_1);
            case FILE -> {
                ByteBuffer bytes = ByteBuffer.allocate((int) Math.min(1 << 20, inode.size()));
                reader.read(inode, 0, bytes);
                yield StandardCharsets.ISO_8859_1.decode(bytes.flip()).toString();
            }
            case DIRECTORY, OTHER -> "";
        };
    }

    private Map<String, String> everything() {
        try (Ext4Reader reader = open()) {
            return everything(reader);
        }
    }

    @Test
    void readsWhatWasPutThere() throws IOException {
        Map<String, String> found = everything();
        assertThat(found)
                .hasSize(2009)
                .containsEntry("/file", "in its place")
                .containsEntry("/link", "dir/below")
                .containsEntry("/long-link", "l".repeat(100))
                .containsEntry("/dir/below/deep", "deep")
                .containsEntry("/random", Files.readString(made.resolve("tree/random"), StandardCharsets.ISO_8859_1));
    }

    @Test
    void readsOwnersTimesDevicesAndAttributes() {
        shell("""
                head -c 3000 /dev/zero | tr '\\0' v >large
                printf '\\001\\000\\000\\002' >capability
                cat >commands <<'END'
                sif /file uid 4000000000
                sif /file gid 70000
                sif /file mtime @-5
                sif /link mtime @2240610432
                ea_set -f capability /file security.capability
                ea_set /file user.empty ""
                ea_set -f large /file user.large
                ea_set /file trusted.overlay.opaque y
                mknod null c 1 3
                mknod wide b 259 700
                mknod queue p
                END
                debugfs -w -f commands disk.raw
                """);
        Map<String, String> found = everything();
        assertThat(found)
                .containsEntry("/file security.capability", "\1\0\0\2")
                .containsEntry("/file user.empty", "")
                .containsEntry("/file user.large", "v".repeat(3000))
                .containsEntry("/file trusted.overlay.opaque", "y");
        assertThat(found.keySet().stream().filter(path -> path.contains(" "))).hasSize(4);
        try (Ext4Reader reader = open()) {
            Ext4Inode file = top(reader, "file");
            assertThat(file.uid()).isEqualTo(4_000_000_000L);
            assertThat(file.gid()).isEqualTo(70_000);
            assertThat(file.mtimeSeconds()).isEqualTo(-5);
            assertThat(file.links()).isEqualTo(1);
            assertThat(top(reader, "link").mtimeSeconds()).isEqualTo(2_240_610_432L);
            assertThat(top(reader, "null").device()).isEqualTo(new Ext4Inode.Device(1, 3));
            assertThat(top(reader, "null").typeBits()).isEqualTo(0020000);
            assertThat(top(reader, "wide").device()).isEqualTo(new Ext4Inode.Device(259, 700));
            assertThat(top(reader, "queue").typeBits()).isEqualTo(0010000);
        }
    }

    private static Ext4Inode top(Ext4Reader reader, String name) {
        return reader.names(reader.root()).stream()
                .filter(candidate -> candidate.text().equals(name))
                .map(found -> reader.inode(found.inode()))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void damagedAttributesAreAClearError() throws IOException {
        shell("""
                head -c 3000 /dev/zero >large
                debugfs -w -R 'ea_set -f large /file user.large' disk.raw
                """);
        byte[] sound = Files.readAllBytes(image);
        String block = shell("debugfs -R 'stat /file' disk.raw 2>/dev/null | sed -n 's/.*File ACL: //p'")
                .strip();
        int at = (int) Long.parseLong(block) * BLOCK;
        for (int field : List.of(0, 8, 36, 40)) {
            fill(at + field, 4, new Random(5));
            try (Ext4Reader reader = open()) {
                assertThatThrownBy(() -> everything(reader))
                        .as("field at %d", field)
                        .isInstanceOfSatisfying(
                                PyroException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.STORAGE_UNUSABLE))
                        .hasMessageContaining("attribute");
            }
            restore(sound, Map.of(at + field, 4));
        }
    }

    @Test
    void readsThroughAChainOfOverlays() {
        Map<String, String> before = everything();
        shell("""
                cp disk.raw changed
                printf 'of the overlay' >new
                debugfs -w -R 'write new /new' changed
                debugfs -w -R 'rm /file' changed
                qemu-img convert -f raw -O qcow2 -B disk.raw -F raw changed 1.qcow2
                qemu-img create -q -f qcow2 -b 1.qcow2 -F qcow2 2.qcow2
                """);
        List<DiskLayer> chain = List.of(
                new DiskLayer(image, Qcow2.Format.RAW),
                new DiskLayer(folder.resolve("1.qcow2"), Qcow2.Format.QCOW2),
                new DiskLayer(folder.resolve("2.qcow2"), Qcow2.Format.QCOW2));
        Map<String, String> expected = new TreeMap<>(before);
        expected.remove("/file");
        expected.put("/new", "of the overlay");
        try (Ext4Reader reader = Ext4Reader.open(chain)) {
            assertThat(everything(reader)).isEqualTo(expected);
        }
    }

    @Test
    void aHeaderCannotNameOtherFiles() {
        shell("""
                qemu-img create -q -f qcow2 -b disk.raw -F raw 1.qcow2
                qemu-img rebase -u -f qcow2 -F raw -b /etc/passwd 1.qcow2
                """);
        try (Ext4Reader reader = Ext4Reader.open(List.of(
                new DiskLayer(image, Qcow2.Format.RAW),
                new DiskLayer(folder.resolve("1.qcow2"), Qcow2.Format.QCOW2)))) {
            assertThat(everything(reader)).containsEntry("/file", "in its place");
        }
    }

    @Test
    void readsWhatWaitsInTheJournal() {
        String block = shell("debugfs -R 'bmap /file 0' disk.raw 2>/dev/null").strip();
        // The second block of the journal begins like one of the journal's own, and so is written in another form.
        shell("""
                printf 'new and long' >block
                truncate -s 4096 block
                printf 'jo\\njw -b %s block\\njc\\n' >commands
                debugfs -w -f commands disk.raw
                """.replace("%s", block));
        assertThat(shell("dumpe2fs -h disk.raw 2>/dev/null")).contains("needs_recovery");
        assertThat(everything()).containsEntry("/file", "new and long");
        shell("e2fsck -fy disk.raw || [ $? = 1 ]");
        assertThat(everything()).containsEntry("/file", "new and long");
    }

    @Test
    void whatWasRevokedInTheJournalIsNotReplayed() {
        String block = shell("debugfs -R 'bmap /file 0' disk.raw 2>/dev/null").strip();
        shell("""
                printf 'never there!' >block
                truncate -s 4096 block
                printf 'jo\\njw -b %s block\\njw -r %s\\njc\\n' >commands
                debugfs -w -f commands disk.raw
                """.replace("%s", block));
        assertThat(everything()).containsEntry("/file", "in its place");
        shell("e2fsck -fy disk.raw || [ $? = 1 ]");
        assertThat(everything()).containsEntry("/file", "in its place");
    }

    @Test
    void aDamagedSuperblockIsAClearError() throws IOException {
        fill(1024, 1024, new Random(1));
        assertThatThrownBy(this::open)
                .isInstanceOfSatisfying(
                        PyroException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.STORAGE_UNUSABLE))
                .hasMessageContaining("disk.raw")
                .hasMessageContaining("ext4");
    }

    @Test
    void aDamagedDirectoryIsAClearError() throws IOException {
        long block = Long.parseLong(
                shell("debugfs -R 'bmap /dir 0' disk.raw 2>/dev/null").strip());
        fill(block * BLOCK, BLOCK, new Random(2));
        try (Ext4Reader reader = open()) {
            assertThatThrownBy(() -> everything(reader))
                    .isInstanceOfSatisfying(
                            PyroException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.STORAGE_UNUSABLE))
                    .hasMessageContaining("damaged");
        }
    }

    @Test
    void aFileOfOtherContentIsAClearError() throws IOException {
        Files.writeString(image, "short");
        assertThatThrownBy(this::open).isInstanceOf(PyroException.class).hasMessageContaining("ext4");
        Files.delete(image);
        assertThatThrownBy(this::open).isInstanceOf(PyroException.class).hasMessageContaining("missing");
        Files.createSymbolicLink(image, made.resolve("tree/random"));
        assertThatThrownBy(this::open).isInstanceOf(PyroException.class).hasMessageContaining("missing");
    }

    /** Whatever stands in the first mebibytes, where all tables and directories are: it ends soon, with an answer or the error. */
    @Test
    void noDamageHangsItOrMakesItFailInAnotherWay() throws IOException {
        byte[] sound = Files.readAllBytes(image);
        List<Integer> used = new ArrayList<>();
        for (int at = 0; at < sound.length; at += BLOCK) {
            boolean any = false;
            for (int i = at; i < at + BLOCK && !any; i++) {
                any = sound[i] != 0;
            }
            if (any) {
                used.add(at);
            }
        }
        Map<Integer, Integer> damaged = new TreeMap<>();
        for (long seed = 0; seed < ROUNDS; seed++) {
            Random random = new Random(seed);
            for (int i = 0; i < 20; i++) {
                int count = 1 + random.nextInt(8);
                int at = used.get(random.nextInt(used.size()))
                        + random.nextInt(random.nextBoolean() ? 128 : BLOCK - count);
                fill(at, count, random);
                damaged.merge(at, count, Math::max);
            }
            assertTimeoutPreemptively(BOUND, this::readOrRefuse, "seed " + seed);
            if (seed % 5 == 0) {
                restore(sound, damaged);
                damaged.clear();
            }
        }
    }

    private void restore(byte[] sound, Map<Integer, Integer> damaged) throws IOException {
        try (FileChannel channel = FileChannel.open(image, StandardOpenOption.WRITE)) {
            for (Map.Entry<Integer, Integer> place : damaged.entrySet()) {
                channel.write(ByteBuffer.wrap(sound, place.getKey(), place.getValue()), place.getKey());
            }
        }
    }

    private void readOrRefuse() {
        assertThatCode(() -> {
                    try (Ext4Reader reader = open()) {
                        everything(reader);
                    } catch (PyroException e) {
                        assertThat(e.code()).isEqualTo(ErrorCode.STORAGE_UNUSABLE);
                    }
                })
                .doesNotThrowAnyException();
    }

    private void fill(long position, int count, Random random) throws IOException {
        byte[] bytes = new byte[count];
        random.nextBytes(bytes);
        try (FileChannel channel = FileChannel.open(image, StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.wrap(bytes), position);
        }
    }
}
