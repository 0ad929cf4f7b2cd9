package dev.pyro.workspace.seed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import dev.pyro.model.SeedMode;
import dev.pyro.model.WorkspaceSeed;
import dev.pyro.os.BuildNamespace;
import dev.pyro.os.Host;
import dev.pyro.os.HostCommand;
import dev.pyro.store.PyroPaths;
import dev.pyro.tar.TarEntry;
import dev.pyro.tar.TarReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real trees, find and tar, as whichever user runs the tests. */
class SeedStagingIT {
    private static final Duration BOUND = Duration.ofMinutes(1);
    private static final long BYTES = 64L << 20;

    /** A little of everything, with names that are no text. */
    static final String MAKE_SEED = """
            umask 022
            mkdir -p "$1/bin" "$1/empty" "$1/-dash" "$1/a b"
            printf 'hello\\n' >"$1/bin/hello"; chmod 0755 "$1/bin/hello"
            cp "$1/bin/hello" "$1/bin/setuid"; chmod 4755 "$1/bin/setuid"
            ln "$1/bin/hello" "$1/bin/again"
            ln -s /etc/passwd "$1/bin/absolute"
            ln -s ../../.. "$1/bin/up"
            printf x >"$1/$(printf 'bad\\377\\nname')"
            printf x >"$1/$(printf '%0200d' 7)"
            printf x >"$1/a b/--file=x"
            chmod 0500 "$1/-dash"
            truncate -s 20G "$1/holes"; printf end | dd of="$1/holes" bs=1 seek=5000000 conv=notrunc status=none
            find "$1" -exec touch -h -d @1600000000.5 {} +
            """;

    private static final String LIST =
            "cd \"$1\" && find . -mindepth 1 -printf '%P %y %m %s %T@ %l %U %G\\n' | LC_ALL=C sort";

    @TempDir
    Path folder;

    private final BuildNamespace namespace = BuildNamespace.ofThisUser();
    private Path seed;
    private Path staging;
    private PyroPaths paths;
    private SeedStaging stage;

    @BeforeEach
    void make() throws IOException {
        seed = folder.resolve("seed");
        staging = Files.createDirectory(folder.resolve("staging"));
        paths = new PyroPaths(folder.resolve("own/cache"), folder.resolve("own/state"));
        stage = new SeedStaging(paths, namespace);
        sh(MAKE_SEED, seed);
    }

    @AfterEach
    void delete() {
        namespace.deleteTree(staging, BOUND);
    }

    @Test
    void usesADirectoryOfTheCallersWhereItLies() {
        StagedSeed staged = stage.stage(seed, staging, BYTES, 1000);

        assertThat(staged.tree()).isEqualTo(seed);
        assertThat(staged.summary())
                .returns(SeedMode.DIRECTORY, WorkspaceSeed::mode)
                .returns(seed.toString(), WorkspaceSeed::seedPath)
                .returns(13L, WorkspaceSeed::entryCount);
        staged.requireUnchanged();
        sh("printf y >\"$1/a b/new\"", seed);
        assertThatThrownBy(staged::requireUnchanged).hasMessageContaining("was changed while it was read");
    }

    @Test
    void copiesWithoutWhatCannotBeTaken() {
        sh("mkfifo \"$1/a b/fifo\" \"$1/$(printf 'evil\\033')\"; touch -d @1600000000.5 \"$1/a b\"", seed);

        StagedSeed staged = stage.stage(seed, staging, BYTES, 1000);

        assertThat(staged.tree()).isEqualTo(staging.resolve("tree"));
        assertThat(staged.summary().skippedCount()).isEqualTo(2);
        assertThat(staged.summary().skipped()).containsExactlyInAnyOrder("a b/fifo", "evil?");
        assertThat(staged.summary().entryCount()).isEqualTo(13);
        sh("rm \"$1/a b/fifo\" \"$1/$(printf 'evil\\033')\"; touch -d @1600000000.5 \"$1/a b\"", seed);
        assertSameTree(staged);
    }

    @Test
    void takesFilesOfOthersAsRoots() {
        assumeThat(Host.isRoot()).as("only root can give files away").isTrue();
        sh("chown 1234:5678 \"$1/bin/setuid\" && chmod 4755 \"$1/bin/setuid\"", seed);

        StagedSeed staged = stage.stage(seed, staging, BYTES, 1000);

        assertThat(staged.tree()).isEqualTo(staging.resolve("tree"));
        sh("chown 0:0 \"$1/bin/setuid\" && chmod 4755 \"$1/bin/setuid\"", seed);
        assertSameTree(staged);
    }

    @Test
    void unpacksWhatTarMade() {
        // Holes count as much as they claim in an archive.
        sh(
                "truncate -s 6000000 \"$1/holes\"; touch -d @1600000000.5 \"$1/holes\"; rm \"$1/bin/absolute\" \"$1/bin/up\"",
                seed);
        sh("touch -d @1600000000.5 \"$1/bin\"", seed);
        for (String options : List.of(
                "--format=gnu -S",
                "--format=posix -S",
                "--format=posix -S --sparse-version=0.1 -z",
                "--format=posix -S --sparse-version=0.0")) {
            Path archive = folder.resolve(options.endsWith("-z") ? "s.tgz" : "s.tar");
            sh("tar " + options + " -cf \"$2\" -C \"$1\" .", seed, archive);
            StagedSeed staged = stage.stage(archive, staging, BYTES, 1000);
            assertThat(staged.summary())
                    .returns(SeedMode.TAR_ARCHIVE, WorkspaceSeed::mode)
                    .returns(11L, WorkspaceSeed::entryCount);
            assertThat(staged.diskBytes()).isLessThan(1 << 20);
            assertSameTree(staged);
            namespace.deleteTree(staged.tree(), BOUND);
        }
    }

    /** Compares a tree in the build namespace with the seed, to the second, and the manifest with it. */
    private void assertSameTree(StagedSeed staged) {
        String made = sh(LIST, staged.tree());
        String wanted = sh(LIST, seed);
        assertThat(times(made)).isEqualTo(times(wanted));
        assertThat(sh(
                        "cd \"$1\" && find . -type f ! -name holes -exec sha1sum {} + | sort; tail -c +5000001 holes | head -c 9 | od -c",
                        staged.tree()))
                .isEqualTo(sh(
                        "cd \"$1\" && find . -type f ! -name holes -exec sha1sum {} + | sort; tail -c +5000001 holes | head -c 9 | od -c",
                        seed));
        assertThat(Long.parseLong(
                        sh("du -s -B1 \"$1\" | cut -f1", staged.tree()).strip()))
                .isLessThan(1 << 20);

        Path manifest = folder.resolve("manifest");
        staged.writeManifest(manifest);
        List<ManifestEntry> entries = SeedManifest.read(manifest);
        assertThat(entries).hasSize((int) staged.summary().entryCount());
        assertThat(entries)
                .extracting(ManifestEntry::path)
                .contains("bad\udcff\nname", "-dash", "a b/--file=x", "bin/again");
        assertThat(entries).allMatch(entry -> entry.mtimeSeconds() == 1_600_000_000);
    }

    private static String times(String listing) {
        return listing.replaceAll(" 1600000000\\.\\d+ ", " T ");
    }

    @Test
    void refusesWhatItCannotTake() throws IOException {
        assertRefused(folder.resolve("none"), "there is no such file");
        assertRefused(Files.createFile(folder.resolve("file.zip")), "neither a directory nor a .tar");
        assertRefused(Path.of("/dev/null"), "neither a directory nor a regular file");
        assertThatThrownBy(() -> stage.stage(seed, staging, BYTES, 5)).hasMessageContaining("13 entries, of which 5");
        assertThatThrownBy(() -> stage.stage(seed, staging, 100, 100)).hasMessageContaining("raise --disk-mib");
        Files.createDirectories(paths.state());
        assertRefused(folder, "Pyro's own folder");
        assertRefused(paths.state(), "Pyro's own folder");
        assertThat(staging).isEmptyDirectory();
    }

    @Test
    void namesWhatCannotBeRead() {
        assumeThat(Host.isRoot()).as("root can read everything").isFalse();
        sh("cd \"$1\" && for i in 1 2 3 4 5; do printf x >closed$i; chmod 0 closed$i; done; mkdir -m 0 shut", seed);
        assertRefused(seed, "and 3 more");
    }

    private void assertRefused(Path path, String reason) {
        assertThatThrownBy(() -> stage.stage(path, staging, BYTES, 1000))
                .isInstanceOfSatisfying(
                        PyroException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.SEED_UNUSABLE))
                .hasMessageContainingAll(path.toString(), reason);
    }

    @Test
    void anEmptyOneIsEmpty() {
        StagedSeed staged = stage.stage(null, staging, BYTES, 10);
        assertThat(staged.tree()).isEmptyDirectory();
        assertThat(staged.summary()).isEqualTo(WorkspaceSeed.NONE);
    }

    @Test
    void sendsADirectoryAsAStream() throws IOException {
        sh("truncate -s 6000000 \"$1/holes\"; mkfifo \"$1/fifo\"", seed);
        try (SyncSource source = SyncSource.check(paths, seed, BYTES, 1000)) {
            assertThat(source.entries()).isEqualTo(13);
            byte[] sent;
            try (InputStream stream = source.open()) {
                sent = stream.readAllBytes();
            }
            TarReader reader = new TarReader(new ByteArrayInputStream(sent));
            long count = 0;
            long bytes = 0;
            for (TarEntry entry = reader.next(); entry != null; entry = reader.next()) {
                count++;
                bytes += entry.size();
                assertThat(entry.sparse()).isNull();
            }
            assertThat(count).isEqualTo(source.entries());
            assertThat(bytes).isEqualTo(source.bytes());

            try (InputStream stream = source.open()) {
                assertThat(stream.read()).isPositive();
                sh("printf y >>\"$1/bin/hello\"", seed);
                assertThatThrownBy(stream::readAllBytes).hasMessageContaining("was changed while it was read");
            }
        }
        assertThat(paths.staging()).isEmptyDirectory();
        assertThat(Files.exists(seed, LinkOption.NOFOLLOW_LINKS)).isTrue();
    }

    private static String sh(String script, Path... arguments) {
        List<String> command = new java.util.ArrayList<>(List.of("sh", "-euc", script, "sh"));
        for (Path one : arguments) {
            command.add(one.toString());
        }
        HostCommand.Result result = BuildNamespace.ofThisUser().run(HostCommand.of(BOUND, command), line -> {});
        assertThat(result.exitCode()).as(result.output()).isZero();
        return result.output();
    }
}
