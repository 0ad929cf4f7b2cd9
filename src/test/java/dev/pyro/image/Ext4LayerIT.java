package dev.pyro.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pyro.disk.Ext4Images;
import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import dev.pyro.os.BuildNamespace;
import dev.pyro.os.HostCommand;
import dev.pyro.os.HostTools;
import dev.pyro.tar.EntryKind;
import dev.pyro.tar.TarEntry;
import dev.pyro.tar.TarReader;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A layer of a real image, held to the tree that the image was made of, as whichever user runs the tests. */
class Ext4LayerIT {
    private static final Duration BOUND = Duration.ofMinutes(1);

    private static final String MAKE_TREE = """
            umask 022
            mkdir -p "$1/bin" "$1/b" "$1/closed" "$1/lost+found/no" "$1/b/lost+found"
            rmdir "$1/lost+found/no" "$1/lost+found"
            echo hello >"$1/bin/hello"
            head -c 700000 /dev/urandom >"$1/bin/large" && truncate -s 3M "$1/bin/large"
            cp "$1/bin/hello" "$1/bin/setuid" && chown 1234:42 "$1/bin/setuid" && chmod 6755 "$1/bin/setuid"
            python3 -c 'import os, sys; os.setxattr(sys.argv[1], "security.capability", \
                bytes.fromhex("0100000200200000000000000000000000000000"))' "$1/bin/hello"
            ln "$1/bin/hello" "$1/a-hardlink"
            ln -s /etc/passwd "$1/symlink"
            ln -s "$(head -c 200 /dev/zero | tr '\\0' t)" "$1/long-symlink"
            echo deep >"$1/b/$(head -c 200 /dev/zero | tr '\\0' n)"
            echo bytes >"$1/$(printf 'caf\\351')"
            mkfifo "$1/fifo"
            chown -R 33:33 "$1/closed" && chmod 0711 "$1/closed"
            chown 33:44 "$1" && chmod 1775 "$1" && python3 -c 'import os, sys; os.setxattr(sys.argv[1], "user.top", b"t")' "$1"
            find "$1" -exec touch -h -d @1600000000 {} +
            touch -d @-100000 "$1/bin/large"
            """;

    /** The same command as where environments are measured; prints the digest. */
    private static final String MEASURE = """
            cd "$1"
            tar --create --file=- --sort=name --format=posix \
                --pax-option=exthdr.name=%d/PaxHeaders/%f,delete=atime,delete=ctime \
                --numeric-owner --xattrs --xattrs-include='*' --one-file-system . | sha256sum
            """;

    /** The same without reading the holes. */
    private static final String MEASURE_HOLES = MEASURE.replace("--create", "--create --sparse");

    private static final String UNPACK = """
            mkdir "$2"
            tar --extract --file="$1" --numeric-owner --same-owner --preserve-permissions --xattrs \
                --xattrs-include=security.capability --xattrs-include='user.*' --delay-directory-restore -C "$2"
            """;

    @TempDir
    Path folder;

    private final BuildNamespace namespace = BuildNamespace.ofThisUser();
    private Path tree;
    private Path image;

    @BeforeEach
    void build() {
        tree = folder.resolve("tree");
        image = folder.resolve("image.ext4");
        run(MAKE_TREE, tree);
        // The time of the top folder is that of the file system itself.
        new Ext4Images(new HostTools(), namespace)
                .build(
                        tree,
                        new Ext4Images.Content(8 << 20, 40),
                        image,
                        new Ext4Images.Top(33, 44, 01775, 1_600_000_000));
    }

    @AfterEach
    void delete() {
        namespace.deleteTree(tree, BOUND);
        namespace.deleteTree(folder.resolve("unpacked"), BOUND);
    }

    private String run(String script, Path... arguments) {
        List<String> command = new ArrayList<>(List.of("sh", "-euc", script, "sh"));
        for (Path argument : arguments) {
            command.add(argument.toString());
        }
        HostCommand.Result result = namespace.run(HostCommand.of(BOUND, command), line -> {});
        assertThat(result.exitCode()).as(result.output()).isZero();
        return result.output();
    }

    @Test
    void unpackedItIsTheTreeThatTheImageWasMadeOf() throws IOException {
        Path gzip = folder.resolve("layer");
        AtomicLong heard = new AtomicLong();

        Ext4Layer.Layer layer = Ext4Layer.write(image, gzip, heard::set);

        assertThat(heard.get()).isGreaterThan(3 << 20).isLessThan(4 << 20);
        assertThat(layer.size()).isEqualTo(Files.size(gzip));
        assertThat(run("sha256sum \"$1\"", gzip)).startsWith(layer.digest().substring("sha256:".length()));
        assertThat(run("gzip -dc \"$1\" | sha256sum", gzip))
                .startsWith(layer.diffId().substring("sha256:".length()));
        run(UNPACK, gzip, folder.resolve("unpacked"));
        assertThat(run(MEASURE, folder.resolve("unpacked"))).isEqualTo(run(MEASURE, tree));
        assertThat(run("tar -tzf \"$1\" | head -n 3", gzip).lines()).containsExactly("./", "./a-hardlink", "./b/");

        Ext4Layer.Layer again = Ext4Layer.write(image, folder.resolve("again"), bytes -> {});
        assertThat(again).isEqualTo(layer);
    }

    @Test
    void longHolesTakeNoRoomInIt() throws IOException {
        namespace.deleteTree(tree, BOUND);
        run("""
            umask 022
            mkdir "$1"
            echo begin >"$1/file" && truncate -s 1100M "$1/file" && echo middle >>"$1/file"
            truncate -s 2200M "$1/file"
            truncate -s 1G "$1/nothing"
            head -c 40M /dev/zero >"$1/short"
            ln "$1/file" "$1/link"
            cp --sparse=always "$1/file" "$1/$(printf '%0150d\\377' 0)"
            chown 1234:42 "$1/nothing"
            find "$1" -exec touch -h -d @1600000000 {} +
            """, tree);
        Files.delete(image);
        new Ext4Images(new HostTools(), namespace)
                .build(tree, new Ext4Images.Content(64 << 20, 40), image, Ext4Images.Top.usual(1_600_000_000));
        Path gzip = folder.resolve("layer");
        AtomicLong heard = new AtomicLong();

        Ext4Layer.write(image, gzip, heard::set);

        assertThat(heard.get()).isGreaterThan(40 << 20).isLessThan(41 << 20);
        run(UNPACK, gzip, folder.resolve("unpacked"));
        assertThat(run(MEASURE_HOLES, folder.resolve("unpacked"))).isEqualTo(run(MEASURE_HOLES, tree));
        assertThat(run("tar -tvzf \"$1\" | grep -c '^-.* 2306867200 '", gzip)).isEqualTo("2\n");
        // What sorts entries by their type takes them for files.
        assertThat(run("""
            python3 -c 'import sys, tarfile
            for entry in tarfile.open(sys.argv[1]):
                if entry.size > 0:
                    print(entry.type.decode(), entry.size, entry.issparse())' "$1"
            """, gzip).lines())
                .containsExactly("0 2306867200 True", "0 2306867200 True", "0 1073741824 True", "0 41943040 False");
        List<Long> stored = new ArrayList<>();
        try (InputStream stream = new GZIPInputStream(Files.newInputStream(gzip))) {
            TarReader reader = new TarReader(stream);
            for (TarEntry entry = reader.next(); entry != null; entry = reader.next()) {
                if (entry.kind() == EntryKind.FILE) {
                    assertThat(entry.path()).hasSizeLessThan(160);
                    stored.add(entry.storedBytes());
                }
            }
        }
        assertThat(stored).containsExactly(8192L, 8192L, 0L, 40L << 20);
    }

    @Test
    void anInterruptionEndsIt() {
        Thread.currentThread().interrupt();
        assertThatThrownBy(() -> Ext4Layer.write(image, folder.resolve("layer"), bytes -> {}))
                .isInstanceOfSatisfying(
                        PyroException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INTERRUPTED));
        assertThat(Thread.interrupted()).isTrue();
    }
}
