package dev.pyro.workspace.seed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pyro.model.ArtifactType;
import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import dev.pyro.os.Host;
import dev.pyro.os.HostCommand;
import dev.pyro.tar.Tar;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class TreeExportIT {
    private static final Duration BOUND = Duration.ofMinutes(1);

    @TempDir
    Path folder;

    @Test
    void makesADirectory() throws IOException {
        byte[] archive = new Tar()
                .directory("top/")
                .file("top/bad\u00ff\nname", "one")
                .directory("top/sub")
                .symlink("top/out", "/etc/passwd")
                .symlink("top/up", "../../x")
                .pax("path=top/sub/" + "n".repeat(200))
                .header("x", '0', 3, "")
                .bytes("two")
                .end();

        assertThat(export("out put", "top", archive)).isEqualTo(new TreeExport.Result(ArtifactType.DIRECTORY, 6, 6));

        String listing = sh("cd \"$1\" && find . -printf '%p %y %m %l %U\\n' | LC_ALL=C sort && cat bad* sub/*");
        String uid = Integer.toString(Host.effectiveUid());
        assertThat(listing)
                .contains(
                        "./out l 777 /etc/passwd " + uid, "./up l 777 ../../x " + uid, "./sub d 755  " + uid, "onetwo");
        assertThat(children()).containsExactly("out put");
    }

    private String sh(String script) {
        return HostCommand.of(
                        BOUND,
                        List.of(
                                "sh",
                                "-euc",
                                script,
                                "sh",
                                folder.resolve("out put").toString()))
                .runOrFail("look");
    }

    @Test
    void makesAFileAndALink() throws IOException {
        byte[] file = new Tar().header("f", '0', 2, "").bytes("hi").end();
        assertThat(export("-file", "f", file)).isEqualTo(new TreeExport.Result(ArtifactType.FILE, 1, 2));
        assertThat(folder.resolve("-file")).hasContent("hi");
        assertThat(export("link", "f", new Tar().symlink("f", "/nowhere").end()))
                .isEqualTo(new TreeExport.Result(ArtifactType.SYMLINK, 1, 0));
        assertThat(Files.readSymbolicLink(folder.resolve("link"))).isEqualTo(Path.of("/nowhere"));
        assertThat(children()).containsExactlyInAnyOrder("-file", "link");
    }

    static Stream<Arguments> refused() {
        return Stream.of(
                Arguments.of("another name", new Tar().file("other", "x").end()),
                Arguments.of(
                        "absolute",
                        new Tar().directory("top").file("/top/x", "x").end()),
                Arguments.of(
                        "up",
                        new Tar().directory("top").file("top/../../x", "x").end()),
                Arguments.of(
                        "beside", new Tar().directory("top").file("topp", "x").end()),
                Arguments.of(
                        "two files", new Tar().file("top", "x").file("top", "y").end()),
                Arguments.of(
                        "through a link",
                        new Tar()
                                .directory("top")
                                .symlink("top/l", "/tmp")
                                .file("top/l/x", "x")
                                .end()),
                Arguments.of(
                        "the top a link",
                        new Tar().symlink("top", "/tmp").file("top/x", "x").end()),
                Arguments.of(
                        "no folder",
                        new Tar().directory("top").file("top/d/x", "x").end()),
                Arguments.of(
                        "twice",
                        new Tar()
                                .directory("top")
                                .file("top/x", "x")
                                .symlink("top/x", "y")
                                .end()),
                Arguments.of(
                        "hard link",
                        new Tar().directory("top").hardLink("top/x", "top").end()),
                Arguments.of(
                        "device",
                        new Tar().directory("top").header("top/x", '3', 0, "").end()),
                Arguments.of(
                        "too much", new Tar().header("top", '0', 5_000_000, "").end()),
                Arguments.of("cut off", new Tar().directory("top").cutOff()),
                Arguments.of("nothing", new byte[0]),
                Arguments.of("an empty archive", new Tar().end()));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("refused")
    void refusesWhatAGuestMustNotSend(String name, byte[] archive) throws IOException {
        assertThatThrownBy(() -> export("output", "top", archive))
                .isInstanceOfSatisfying(
                        PyroException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.ARCHIVE_REFUSED))
                .hasMessageContaining("nothing was written");
        assertThat(children()).isEmpty();
    }

    @Test
    void takesNobodysPlace() throws IOException {
        for (boolean early : List.of(true, false)) {
            for (String kind : List.of("file", "folder", "link")) {
                Path output = folder.resolve(kind + early);
                if (early) {
                    occupy(output, kind);
                }
                assertThatThrownBy(() -> {
                            try (TreeExport export = TreeExport.begin(output, "top", 100, 100)) {
                                export.sink().write(new Tar().directory("top").end());
                                occupy(output, kind);
                                export.commit();
                            }
                        })
                        .isInstanceOfSatisfying(
                                PyroException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.OUTPUT_UNUSABLE))
                        .hasMessageContaining("already exists");
            }
        }
        assertThat(children()).hasSize(6);
        assertThatThrownBy(() -> TreeExport.begin(folder.resolve("no/such"), "top", 1, 1))
                .hasMessageContaining("there is no folder");
    }

    private static void occupy(Path output, String kind) throws IOException {
        switch (kind) {
            case "file" -> Files.createFile(output);
            case "folder" -> Files.createDirectory(output);
            default -> Files.createSymbolicLink(output, Path.of("/nowhere"));
        }
    }

    @Test
    void aRefusalReachesTheWriter() throws IOException {
        try (TreeExport export = TreeExport.begin(folder.resolve("output"), "top", 1 << 20, 100)) {
            export.sink().write(new Tar().file("other", "x").end());
            byte[] more = new byte[1 << 16];
            assertThatThrownBy(() -> {
                        while (true) {
                            export.sink().write(more);
                        }
                    })
                    .isInstanceOf(PyroException.class)
                    .hasMessageContaining("does not lie in what was asked for");
        }
        assertThat(children()).isEmpty();
    }

    @Test
    void whatIsNotCommittedIsRemoved() throws IOException {
        try (TreeExport export = TreeExport.begin(folder.resolve("output"), "top", 1 << 20, 100)) {
            export.sink().write(new Tar().directory("top").file("top/x", "x").end());
            assertThat(Files.exists(folder.resolve("output"), LinkOption.NOFOLLOW_LINKS))
                    .isFalse();
        }
        assertThat(children()).isEmpty();
    }

    private TreeExport.Result export(String output, String top, byte[] archive) throws IOException {
        try (TreeExport export = TreeExport.begin(folder.resolve(output), top, 1 << 20, 100)) {
            export.sink().write(archive);
            return export.commit();
        }
    }

    private List<String> children() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> String.valueOf(file.getFileName())).toList();
        }
    }
}
