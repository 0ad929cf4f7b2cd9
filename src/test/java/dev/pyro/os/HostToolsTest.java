package dev.pyro.os;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.pyro.model.ErrorCode;
import dev.pyro.model.Progress;
import dev.pyro.model.PyroException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HostToolsTest {
    private static final Duration BOUND = Duration.ofSeconds(20);

    @TempDir
    Path folder;

    private Path programs;
    private Path lists;
    private Path calls;
    private final List<String> progress = new ArrayList<>();
    private final Progress.Listener listener =
            step -> progress.add(step.operation() + " " + step.phase() + " " + step.subject() + " " + step.detail());

    @BeforeEach
    void makeFakeHost() throws IOException {
        programs = Files.createDirectory(folder.resolve("programs"));
        lists = Files.createDirectory(folder.resolve("lists"));
        calls = folder.resolve("calls");
        Files.writeString(calls, "");
    }

    @Test
    void findsProgramsOnThePathThatItIsGiven() throws IOException {
        Path passt = program("passt", "exit 0");

        assertThat(tools(true).find(HostTool.PASST)).contains(passt);
        assertThat(tools(true).path(HostTool.PASST)).isEqualTo(passt);
    }

    @Test
    void requiringWhatIsThereRunsNothing() throws IOException {
        program("passt", "echo ran >>" + calls);
        program("bwrap", "echo ran >>" + calls);

        tools(true).require(List.of(HostTool.PASST, HostTool.BWRAP), listener);

        assertThat(calls).isEmptyFile();
        assertThat(progress).isEmpty();
    }

    @Test
    void installsWhatIsMissingAndSaysWhy() throws IOException {
        freshLists();
        fakeApt("printf '#!/bin/sh\\n' >" + programs + "/faketool; chmod 755 " + programs + "/faketool");

        assertThat(installer(true).install(Set.of("fake"), () -> true, listener))
                .isEmpty();

        assertThat(Files.readString(calls)).isEqualTo("""
                        noninteractive -o DPkg::Lock::Timeout=600 install --download-only --yes --no-install-recommends fake
                        noninteractive -o DPkg::Lock::Timeout=600 install --yes --no-install-recommends fake
                        """);
    }

    @Test
    void updatesFirstWhenThereAreNoLists() throws IOException {
        fakeApt("exit 0");

        installer(true).install(Set.of("a", "b"), () -> true, listener);

        assertThat(Files.readAllLines(calls)).hasSize(3).first().asString().endsWith(" update");
        assertThat(progress).singleElement().asString().startsWith("setup update apt ");
    }

    @Test
    void updatesOnceWhenTheInstallationFails() throws IOException {
        freshLists();
        fakeApt("case \"$*\" in *install*) echo 'E: Unable to fetch'; exit 100;; esac");

        assertThat(installer(true).install(Set.of("a"), () -> false, listener))
                .hasValueSatisfying(reason -> assertThat(reason).contains("100").contains("E: Unable to fetch"));

        assertThat(Files.readAllLines(calls)).hasSize(3);
    }

    @Test
    void triesAgainWhileAnotherProcessHoldsALockThatAptDoesNotWaitFor() throws IOException {
        freshLists();
        Path once = folder.resolve("once");
        fakeApt("[ -e " + once + " ] || { touch " + once
                + "; echo 'E: Could not get lock /var/lib/apt/lists/lock'; exit 100; }");

        assertThat(installer(true).install(Set.of("a"), () -> false, listener)).isEmpty();

        assertThat(Files.readAllLines(calls)).hasSize(3);
    }

    @Test
    void anInterruptionEndsADownloadAndNoInstallation() throws Exception {
        freshLists();
        Path step = folder.resolve("step");
        Path go = folder.resolve("go");
        fakeApt("case \"$*\" in *--download-only*) exit 0;; esac; : >" + step + "; while [ ! -e " + go
                + " ]; do sleep 0.05; done; echo installed >>" + step);
        CompletableFuture<Boolean> flagged = new CompletableFuture<>();
        Thread caller = Thread.ofPlatform().start(() -> {
            assertThat(installer(true).install(Set.of("a"), () -> true, listener))
                    .isEmpty();
            flagged.complete(Thread.currentThread().isInterrupted());
        });
        await().atMost(BOUND).until(() -> Files.exists(step));

        caller.interrupt();
        Files.createFile(go);

        assertThat(flagged.get(BOUND.toSeconds(), TimeUnit.SECONDS)).isTrue();
        assertThat(step).hasContent("installed");
        Thread.currentThread().interrupt();
        assertThatThrownBy(() -> installer(true).install(Set.of("a"), () -> true, listener))
                .isInstanceOfSatisfying(
                        PyroException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INTERRUPTED));
        assertThat(Thread.interrupted()).isTrue();
    }

    @Test
    void anOrdinaryUserHearsThatWhatSudoRunsGoesOn() throws IOException {
        freshLists();
        program("sudo", "shift; exec \"$@\"");
        fakeApt("exit 0");
        Thread.currentThread().interrupt();

        assertThatThrownBy(() -> installer(false).install(Set.of("a"), () -> true, listener))
                .isInstanceOfSatisfying(
                        PyroException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INTERRUPTED))
                .hasMessageContaining("under sudo")
                .hasMessageContaining("goes on until it is done");
        assertThat(Thread.interrupted()).isTrue();
    }

    @Test
    void anOrdinaryUserInstallsThroughSudo() throws IOException {
        freshLists();
        program("sudo", "shift; exec \"$@\"");
        fakeApt("exit 0");

        assertThat(installer(false).obstacle()).isEmpty();
        installer(false).install(Set.of("a"), () -> true, listener);

        assertThat(Files.readAllLines(calls)).hasSize(2);
    }

    @Test
    void namesTheObstacle() throws IOException {
        program("apt-get", "exit 0");
        program("sudo", "echo 'a password is required'; exit 1");

        assertThat(installer(false).obstacle())
                .hasValueSatisfying(text -> assertThat(text).contains("password"));
        Map<String, String> forbidden = Map.of("PATH", programs.toString(), HostTools.NO_INSTALL, "1");
        assertThat(new PackageInstaller(forbidden, true, lists).obstacle()).contains("PYRO_NO_INSTALL is 1");
    }

    @Test
    void whatCannotBeInstalledIsNamedWithThePurposeAndTheCommand() throws IOException {
        program("passt", "exit 0");
        Map<String, String> forbidden = Map.of("PATH", programs.toString(), HostTools.NO_INSTALL, "1");
        HostTools tools = new HostTools(this::inFakeFolder, new PackageInstaller(forbidden, false, lists));

        assertThatThrownBy(() -> tools.require(
                        List.of(HostTool.MKE2FS, HostTool.DEBUGFS, HostTool.PASST, HostTool.MMDEBSTRAP), listener))
                .isInstanceOfSatisfying(
                        PyroException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.HOST_TOOL_MISSING))
                .hasMessageContaining("mke2fs (builds file systems)")
                .hasMessageContaining("debugfs (sets modes in file systems)")
                .hasMessageContaining("`sudo apt-get install --no-install-recommends e2fsprogs mmdebstrap`")
                .hasMessageContaining("PYRO_NO_INSTALL is 1");
    }

    @Test
    void requireInstallsThePackagesOfMissingToolsOnce() throws IOException {
        freshLists();
        fakeApt("for p in mke2fs debugfs; do printf '#!/bin/sh\n' >" + programs + "/$p; chmod 755 " + programs
                + "/$p; done");

        HostTools tools = new HostTools(this::inFakeFolder, installer(true));
        tools.require(List.of(HostTool.MKE2FS, HostTool.DEBUGFS), listener);

        assertThat(progress).containsExactly("setup install e2fsprogs builds file systems");
        assertThat(Files.readAllLines(calls)).hasSize(2).allMatch(line -> line.endsWith(" e2fsprogs"));
    }

    @Test
    void aFailedInstallationIsInTheMessage() throws IOException {
        freshLists();
        fakeApt("echo 'E: held broken packages'; exit 100");

        HostTools tools = new HostTools(this::inFakeFolder, installer(true));

        assertThatThrownBy(() -> tools.require(List.of(HostTool.MKE2FS), listener))
                .hasMessageContaining("held broken packages")
                .hasMessageContaining("`apt-get install --no-install-recommends e2fsprogs`");
    }

    @Test
    void aDynamicBusyboxIsNoBusybox() throws IOException {
        Files.copy(Path.of("/bin/true").toRealPath(), programs.resolve("busybox"));
        Path script = program("script", "exit 0");

        assertThat(HostTools.isStatic(programs.resolve("busybox"))).isFalse();
        assertThat(HostTools.isStatic(script)).isFalse();
        assertThat(HostTools.isStatic(folder.resolve("nothing"))).isFalse();
    }

    @Test
    void readsVersionsAndComparesThem() {
        assertThat(HostTools.version("QEMU emulator version 7.2.22 (Debian 1:7.2+dfsg-7)"))
                .contains("7.2.22");
        assertThat(HostTools.version("passt unknown version\nGNU Affero GPL version 3.0"))
                .isEmpty();
        assertThat(HostTools.compareVersions("7.2.22", "7.2")).isPositive();
        assertThat(HostTools.compareVersions("10.0", "7.2")).isPositive();
        assertThat(HostTools.compareVersions("1.46.6", "1.47")).isNegative();
        assertThat(HostTools.compareVersions("1.47.0", "1.47")).isZero();
    }

    @Test
    void tellsATooOldToolAndOneThatIsMissing() throws IOException {
        program("mke2fs", "echo 'mke2fs 1.44.5 (15-Dec-2018)' >&2");

        HostTools.Status old = tools(true).status(HostTool.MKE2FS);

        assertThat(old.version()).contains("1.44.5");
        assertThat(old.problem())
                .hasValueSatisfying(problem -> assertThat(problem.description()).contains("1.44.5", "1.47"));
    }

    @Test
    void onlyAToolThatFewNeedMayBeMissingWithoutAProblem() {
        HostTools tools = new HostTools(name -> Optional.empty(), installer(true));

        assertThat(tools.status(HostTool.QEMU).problem()).isPresent();
        assertThat(tools.status(HostTool.BUILDAH).path()).isEmpty();
        assertThat(tools.status(HostTool.BUILDAH).problem()).isEmpty();
        assertThatThrownBy(() -> tools.path(HostTool.BUILDAH))
                .isInstanceOfSatisfying(
                        PyroException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.HOST_TOOL_MISSING))
                .hasMessageContaining("buildah (builds environments from Dockerfiles)");
    }

    private HostTools tools(boolean root) {
        return new HostTools(name -> Host.findProgram(name, variables()), installer(root));
    }

    private Optional<Path> inFakeFolder(String name) {
        return Optional.of(programs.resolve(name)).filter(Files::isExecutable);
    }

    private PackageInstaller installer(boolean root) {
        return new PackageInstaller(variables(), root, lists);
    }

    private Map<String, String> variables() {
        return Map.of("PATH", programs + ":/usr/bin:/bin");
    }

    private void freshLists() throws IOException {
        Files.writeString(lists.resolve("a_dists_b_binary-amd64_Packages"), "");
    }

    private void fakeApt(String script) throws IOException {
        program("apt-get", "echo \"$DEBIAN_FRONTEND $*\" >>" + calls + "\n" + script);
    }

    private Path program(String name, String script) throws IOException {
        Path file = programs.resolve(name);
        Files.writeString(file, "#!/bin/sh\n" + script + "\n");
        assertThat(file.toFile().setExecutable(true)).isTrue();
        return file;
    }
}
