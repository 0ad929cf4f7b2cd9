package dev.pyro.environment;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class BuildahCommandLineTest {
    @Test
    void writesEverythingToItsStage() {
        Map<String, String> bases = new LinkedHashMap<>();
        bases.put("${BASE}", "/s/base-0:base");
        bases.put("localhost:5000/a:1", "/s/base-1:base");
        BuildahCommandLine commandLine = new BuildahCommandLine(
                Path.of("/usr/bin/buildah"),
                Path.of("/s"),
                Path.of("/c/Dockerfile"),
                Path.of("/c"),
                bases,
                Map.of("VERSION", "a b=c"));

        assertThat(commandLine.toList())
                .containsExactly(
                        "/usr/bin/buildah",
                        "--root",
                        "/s/root",
                        "--runroot",
                        "/s/run",
                        "--storage-driver",
                        "vfs",
                        "bud",
                        "--isolation",
                        "chroot",
                        "--format",
                        "oci",
                        "--layers=false",
                        "--build-context",
                        "${BASE}=docker-image://oci:/s/base-0:base",
                        "--build-context",
                        "localhost:5000/a:1=docker-image://oci:/s/base-1:base",
                        "--build-arg",
                        "VERSION=a b=c",
                        "-t",
                        "oci:/s/image:built",
                        "-f",
                        "/c/Dockerfile",
                        "/c");
        assertThat(commandLine.variables())
                .hasSize(6)
                .containsEntry("HOME", "/s")
                .containsEntry("TMPDIR", "/s/tmp")
                .containsEntry("_CONTAINERS_USERNS_CONFIGURED", "done");
    }
}
