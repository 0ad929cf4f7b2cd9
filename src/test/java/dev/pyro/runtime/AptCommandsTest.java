package dev.pyro.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class AptCommandsTest {
    private static final String USER = "APT::Sandbox::User=" + System.getProperty("user.name");

    @Test
    void usesTheHostsLists() {
        assertThat(new AptCommands(null).download("linux-image-6"))
                .containsExactly(
                        "apt-get",
                        "-o",
                        "Acquire::Retries=2",
                        "-o",
                        "Acquire::http::Timeout=30",
                        "-o",
                        "Acquire::https::Timeout=30",
                        "-o",
                        USER,
                        "--quiet",
                        "-o",
                        "APT::Status-Fd=1",
                        "download",
                        "linux-image-6");
    }

    @Test
    void usesListsOfItsOwn() {
        assertThat(new AptCommands(Path.of("/s")).show("x"))
                .containsExactly(
                        "apt-cache",
                        "-o",
                        "Dir::State=/s",
                        "-o",
                        "Dir::State::lists=/s/lists",
                        "-o",
                        "Dir::State::status=/dev/null",
                        "-o",
                        "Dir::Cache=/s/cache",
                        "-o",
                        "Acquire::Languages=none",
                        "-o",
                        "APT::Update::Post-Invoke-Success=",
                        "-o",
                        "Acquire::Retries=2",
                        "-o",
                        "Acquire::http::Timeout=30",
                        "-o",
                        "Acquire::https::Timeout=30",
                        "-o",
                        USER,
                        "show",
                        "--no-all-versions",
                        "x");
    }

    @Test
    void readsWhatAptSays() {
        assertThat(DebianCloudKernel.parseDependency(
                        "Package: linux-image-cloud-amd64\nDepends: linux-image-6.1.0-56-cloud-amd64 (= 6.1.192-2)\n"))
                .hasValue("linux-image-6.1.0-56-cloud-amd64");
        assertThat(DebianCloudKernel.parseDependency(
                        "Depends: x, linux-image-6.12.9+deb13-cloud-amd64 (= 6.12.9-1), y\n"))
                .hasValue("linux-image-6.12.9+deb13-cloud-amd64");
        assertThat(DebianCloudKernel.parseDependency("N: Unable to locate package"))
                .isEmpty();
        assertThat(DebianCloudKernel.parseDownloaded("dlstatus:1:25.5:Retrieving"))
                .hasValue(0.255);
        assertThat(DebianCloudKernel.parseDownloaded("dlstatus:1:1e9:x")).isEmpty();
        assertThat(DebianCloudKernel.parseDownloaded("dlstatus:1:1.2.3:x")).isEmpty();
        assertThat(DebianCloudKernel.parseDownloaded("Get:1 http://mirror")).isEmpty();
    }
}
