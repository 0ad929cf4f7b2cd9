package dev.pyro.environment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.pyro.model.ErrorCode;
import dev.pyro.model.Progress;
import dev.pyro.model.PyroException;
import dev.pyro.os.BuildNamespace;
import dev.pyro.os.HostTools;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How a build fails: real namespaces around an mmdebstrap that is a script of the test's. */
class LocalEnvironmentSourceIT {
    private static final CatalogueEntry ENTRY =
            new CatalogueEntry("debian:12-x", "1", "", "debian", "12", "bookworm", List.of("apt"));
    private static final long BOUND_SECONDS = 30;

    @TempDir
    Path folder;

    private Path packages;
    private Path staged;

    @BeforeEach
    void prepare() throws IOException {
        packages = Files.createDirectory(folder.resolve("packages"));
        Files.writeString(packages.resolve("a.deb"), "x");
        staged = Files.createDirectory(folder.resolve("staged"));
    }

    @Test
    void aFullDiskIsNamedAndTheDownloadsStay() throws IOException {
        mmdebstrap("echo 'tar: ./usr: Cannot write: No space left on device'; exit 1");

        assertFails(ErrorCode.DISK_FULL, "the disk is full");
        assertThat(packages.resolve("a.deb")).exists();
    }

    @Test
    void aMissingNetworkIsNamedAndTheDownloadsStay() throws IOException {
        mmdebstrap("echo \"E: Failed to fetch http://x  Temporary failure resolving 'x'\"; exit 100");

        assertFails(ErrorCode.ENVIRONMENT_BUILD_FAILED, "PYRO_DEBIAN_MIRROR");
        assertThat(packages.resolve("a.deb")).exists();
    }

    @Test
    void anUnknownFailureDropsTheDownloads() throws IOException {
        mmdebstrap("echo 'dpkg: error processing archive a.deb'; exit 2");

        assertFails(ErrorCode.ENVIRONMENT_BUILD_FAILED, "dpkg: error processing archive a.deb");
        assertThat(packages).doesNotExist();
    }

    @Test
    void aToolThatClaimsSuccessAndDidNothingIsAFailure() throws IOException {
        mmdebstrap("exit 0");

        assertFails(ErrorCode.ENVIRONMENT_BUILD_FAILED, ENTRY.name());
    }

    @Test
    void anInterruptEndsTheWholeBuild() throws Exception {
        Path started = folder.resolve("started");
        mmdebstrap("touch " + started + "; sh -c 'sleep 61; :' " + folder + " & sleep 61");
        CompletableFuture<Throwable> outcome = new CompletableFuture<>();
        Thread builder = Thread.ofVirtual().start(() -> {
            try {
                source().build(ENTRY, staged, Progress.Listener.NONE);
                outcome.complete(new AssertionError("it ended"));
            } catch (PyroException e) {
                outcome.complete(e);
            }
        });
        await().atMost(Duration.ofSeconds(BOUND_SECONDS)).until(() -> Files.exists(started));

        builder.interrupt();

        assertThat(outcome.get(BOUND_SECONDS, TimeUnit.SECONDS))
                .isInstanceOfSatisfying(
                        PyroException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INTERRUPTED));
        await().atMost(Duration.ofSeconds(BOUND_SECONDS))
                .until(() -> ProcessHandle.allProcesses()
                        .noneMatch(process ->
                                process.info().commandLine().orElse("").contains(folder.toString())));
        assertThat(staged).isEmptyDirectory();
    }

    private void assertFails(ErrorCode code, String text) {
        assertThatThrownBy(() -> source().build(ENTRY, staged, Progress.Listener.NONE))
                .isInstanceOfSatisfying(
                        PyroException.class, e -> assertThat(e.code()).isEqualTo(code))
                .hasMessageContaining(text);
        assertThat(staged).isEmptyDirectory();
    }

    private LocalEnvironmentSource source() {
        Map<String, String> variables = Map.of("PATH", folder + ":" + System.getenv("PATH"));
        return new LocalEnvironmentSource(new HostTools(variables), BuildNamespace.ofThisUser(), packages, variables);
    }

    private void mmdebstrap(String script) throws IOException {
        Path program = folder.resolve("mmdebstrap");
        Files.writeString(program, "#!/bin/sh\n" + script + "\n");
        assertThat(program.toFile().setExecutable(true)).isTrue();
    }
}
