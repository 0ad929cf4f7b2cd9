package dev.pyro.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pyro.disk.DiskUsage;
import dev.pyro.disk.Ext4Images;
import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import dev.pyro.os.BuildNamespace;
import dev.pyro.os.Host;
import dev.pyro.os.HostCommand;
import dev.pyro.os.HostTools;
import dev.pyro.tar.EntryKind;
import dev.pyro.tar.TarEntry;
import dev.pyro.tar.TarReader;
import dev.pyro.tar.TarWriter;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Unpacks real images, as whichever user runs the tests. */
class OwnedTreeIT {
    private static final Duration BOUND = Duration.ofMinutes(1);

    /** A little of everything; owners as the build namespace sees them. */
    private static final String MAKE_TREE = """
            umask 022
            mkdir -p "$1/bin" "$1/closed" "$1/tmp dir" "$1/many"
            echo hello >"$1/bin/hello"
            cp "$1/bin/hello" "$1/bin/setuid" && chown 0:42 "$1/bin/setuid" && chmod 6755 "$1/bin/setuid"
            ln "$1/bin/hello" "$1/bin/hardlink"
            ln -s /etc/passwd "$1/bin/symlink"
            ln "$1/bin/symlink" "$1/bin/symlink2"
            echo bytes >"$1/$(printf 'caf\\351')"
            mkfifo "$1/fifo" && ln "$1/fifo" "$1/fifo2"
            echo secret >"$1/closed/secret" && chmod 0000 "$1/closed/secret"
            chown -R 33:33 "$1/closed" && chmod 0000 "$1/closed"
            chmod 1777 "$1/tmp dir"
            echo begin >"$1/many/0" && truncate -s 30M "$1/many/0" && echo end >>"$1/many/0" && truncate -s 60M "$1/many/0"
            for name in $(seq 1 300); do ln "$1/many/0" "$1/many/$name"; done
            truncate -s 30M "$1/nothing"
            python3 -c 'import os, sys
            f = os.open(sys.argv[1], os.O_CREAT | os.O_WRONLY, 0o644)
            for i in range(0, 500):
                os.pwrite(f, b"x%d" % i, i << 13)' "$1/comb"
            find "$1" -exec touch -h -d @1600000000 {} +
            """;

    private static final BuildNamespace NAMESPACE = BuildNamespace.ofThisUser();

    @TempDir
    private static Path made;

    @TempDir
    Path folder;

    private static Path tree;
    private static Path image;
    private Path unpacked;

    @BeforeAll
    static void build() {
        tree = made.resolve("tree");
        image = made.resolve("image.ext4");
        HostCommand.Result result = NAMESPACE.run(
                HostCommand.of(BOUND, List.of("sh", "-euc", MAKE_TREE, "sh", tree.toString())), line -> {});
        assertThat(result.exitCode()).as(result.output()).isZero();
        new Ext4Images(new HostTools(), NAMESPACE)
                .build(tree, new Ext4Images.Content(8 << 20, 400), image, Ext4Images.Top.usual(1_700_000_000));
    }

    @AfterAll
    static void delete() {
        NAMESPACE.deleteTree(tree, BOUND);
    }

    @BeforeEach
    void nameTheCopy() {
        unpacked = folder.resolve("un packed");
    }

    private static OptionalInt owner() {
        return Host.isRoot() ? OptionalInt.of(65534) : OptionalInt.empty();
    }

    @Test
    void unpacksForOneOwnerWithoutAnythingDangerous() throws IOException {
        OwnedTree.unpack(image, unpacked, owner());

        int uid = owner().orElse(Host.effectiveUid());
        try (Stream<Path> files = Files.walk(unpacked)) {
            for (Path file : files.toList()) {
                assertThat(Files.getAttribute(file, "unix:uid", LinkOption.NOFOLLOW_LINKS))
                        .as(file.toString())
                        .isEqualTo(uid);
                if (!Files.isSymbolicLink(file)) {
                    assertThat(Files.isDirectory(file) || Files.isRegularFile(file))
                            .as(file.toString())
                            .isTrue();
                    int mode = (int) Files.getAttribute(file, "unix:mode", LinkOption.NOFOLLOW_LINKS);
                    assertThat(mode & 07022).as(file.toString()).isZero();
                    assertThat(mode & 0600).as(file.toString()).isEqualTo(0600);
                }
            }
        }
        assertThat(unpacked.resolve("bin/hello")).hasContent("hello\n");
        assertThat(unpacked.resolve("closed/secret")).hasContent("secret\n");
        assertThat(unpacked.resolve("lost+found")).doesNotExist();
        assertThat(unpacked.resolve("fifo")).doesNotExist();
        assertThat(unpacked.resolve("fifo2")).doesNotExist();
        assertThat(Files.readSymbolicLink(unpacked.resolve("bin/symlink2"))).hasToString("/etc/passwd");
        assertThat(Files.getLastModifiedTime(unpacked.resolve("closed")))
                .isEqualTo(FileTime.from(Instant.ofEpochSecond(1_600_000_000)));
    }

    @Test
    void namesOfTheSameFileAndHolesTakeNoRoom() throws IOException {
        OwnedTree.unpack(image, unpacked, owner());

        assertThat(Files.getAttribute(unpacked.resolve("bin/hello"), "unix:nlink"))
                .isEqualTo(2);
        assertThat(Files.getAttribute(unpacked.resolve("many/300"), "unix:nlink"))
                .isEqualTo(301);
        assertThat(DiskUsage.allocatedBytes(unpacked)).isLessThan(6 << 20);
        // What is in them is what was: names are bytes, and no path of ours.
        String same = NAMESPACE
                .run(
                        HostCommand.of(
                                BOUND,
                                List.of(
                                        "sh",
                                        "-c",
                                        "cd \"$1\"; for f in many/7 nothing comb caf*; do cmp \"$1/$f\" \"$2/$f\" && echo same; done",
                                        "sh",
                                        tree.toString(),
                                        unpacked.toString())),
                        line -> {})
                .output();
        assertThat(same.lines()).hasSize(4).containsOnly("same");
    }

    @Test
    void aDamagedImageIsAnError() throws IOException {
        Path damaged = Files.write(folder.resolve("damaged.ext4"), new byte[4096]);

        assertThatThrownBy(() -> OwnedTree.unpack(damaged, unpacked, OptionalInt.empty()))
                .isInstanceOfSatisfying(
                        PyroException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.STORAGE_UNUSABLE))
                .hasMessageContaining(damaged.toString());
    }

    @Test
    void symbolicLinksComeLast() throws IOException {
        ByteArrayOutputStream written = new ByteArrayOutputStream();
        try (Ext4Walk walk = Ext4Walk.open(image)) {
            TarWriter out = new TarWriter(written);
            OwnedTree.write(walk, out, 12);
            out.end();
        }
        List<String> links = new ArrayList<>();
        int others = 0;
        TarReader reader = new TarReader(new ByteArrayInputStream(written.toByteArray()));
        for (TarEntry entry = reader.next(); entry != null; entry = reader.next()) {
            if (entry.kind() == EntryKind.SYMLINK) {
                links.add(entry.path() + " -> " + entry.target());
            } else {
                others++;
                assertThat(links).as(entry.path()).isEmpty();
            }
        }
        assertThat(links).containsExactly("./bin/symlink -> /etc/passwd", "./bin/symlink2 -> /etc/passwd");
        assertThat(others).isGreaterThan(300);
    }

    @Test
    void anInterruptionEndsIt() throws IOException {
        Files.createDirectory(unpacked);
        Thread unpacking = Thread.currentThread();
        Path begun = unpacked.resolve("bin/hello");
        Thread.ofVirtual().start(() -> {
            while (!Files.exists(begun)) {
                LockSupport.parkNanos(1_000_000);
            }
            unpacking.interrupt();
        });

        // An archive without end: tar surely runs when the interruption comes.
        try (Ext4Walk walk = Ext4Walk.open(image)) {
            assertThatThrownBy(() -> TarProgram.unpack(OwnedTree.commandLine(unpacked, owner()), "a tree", out -> {
                        while (true) {
                            write(walk, out);
                        }
                    }))
                    .isInstanceOfSatisfying(
                            PyroException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INTERRUPTED));
        }
        assertThat(Thread.interrupted()).isTrue();
    }

    private static void write(Ext4Walk walk, TarWriter out) throws TarProgram.EndedException {
        try {
            OwnedTree.write(walk, out, owner().orElse(0));
        } catch (TarProgram.EndedException e) {
            throw e;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
