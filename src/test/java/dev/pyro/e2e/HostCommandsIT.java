package dev.pyro.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.pyro.e2e.PyroLauncher.Outcome;
import dev.pyro.e2e.PyroLauncher.Running;
import dev.pyro.json.Json;
import dev.pyro.json.JsonReader;
import dev.pyro.json.JsonValue.JsonObject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code doctor} and {@code env} as a user meets them, against the lines and fields of the interface contract. */
class HostCommandsIT {
    private static final String ENVIRONMENT = "debian:12";
    private static final Duration GUEST_STARTS = Duration.ofMinutes(6);

    @TempDir
    Path folder;

    private PyroLauncher pyro;

    @BeforeEach
    void openFolder() throws IOException {
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        pyro = new PyroLauncher(folder.resolve("state"));
    }

    @AfterEach
    void nothingIsLeft() {
        pyro.awaitNothingLeft();
    }

    private JsonReader json(String... arguments) {
        Outcome outcome = pyro.run(arguments);
        assertThat(outcome.exitCode()).as(outcome.stderr()).isZero();
        return Json.parseObject(outcome.stdout());
    }

    @Test
    void doctorTellsWhatThisHostCanDo() {
        Outcome outcome = pyro.run("doctor");
        assertThat(outcome.exitCode()).as(outcome.stdout()).isZero();
        assertThat(outcome.stdout().lines().toList())
                .contains("Platform: linux-x86_64", "Runtime: PASS")
                .anyMatch(line -> line.matches("KVM: exists=(yes|no) readable=(yes|no) writable=(yes|no)"))
                .anyMatch(line -> line.startsWith("Environment cache: " + PyroLauncher.sharedCache()))
                .anyMatch(line -> line.matches("Capabilities: vm_boot=yes guest_exec=yes guest_network=(yes|no)"))
                .anyMatch(line -> line.matches("Networking: tun=(yes|no) ip_forward=(yes|no)"));
    }

    @Test
    void doctorHasEveryFieldOfTheContract() {
        JsonReader report = json("doctor", "--json");
        assertThat(report.string("platform")).isEqualTo("linux-x86_64");
        assertThat(report.bool("runtime_ok")).isTrue();
        assertThat(report.object("kvm").object().members()).containsOnlyKeys("exists", "readable", "writable");
        JsonReader runtime = report.object("runtime");
        assertThat(runtime.string("cache_dir"))
                .startsWith(PyroLauncher.sharedCache().toString());
        JsonReader capabilities = runtime.object("capabilities");
        assertThat(capabilities.bool("supports_vm_boot")).isTrue();
        assertThat(capabilities.bool("supports_guest_exec")).isTrue();
        assertThat(capabilities.object().members()).containsKey("supports_guest_network");
        assertThat(report.object("networking").object().members())
                .containsOnlyKeys("tun_available", "ip_forward_enabled");
        assertThat(report.array("issues")).isNotNull();
        assertThat(report.string("accelerator")).isIn("kvm", "tcg");
        assertThat(report.array("backends")).hasSize(2);
        assertThat(report.array("tools"))
                .isNotEmpty()
                .allSatisfy(tool -> assertThat(((JsonObject) tool).members()).containsKeys("name", "version", "path"));
    }

    @Test
    void doctorOfAnotherPlatformFails() {
        Outcome outcome = pyro.run("doctor", "--platform", "plan9-mips");
        assertThat(outcome.exitCode()).isEqualTo(1);
        assertThat(outcome.stdout()).contains("Platform: plan9-mips\nRuntime: FAIL\n", "Issues:\n- ");
    }

    @Test
    void environmentsAreListedPulledAndInspected() {
        Outcome pulled = pyro.run("env", "pull", ENVIRONMENT);
        assertThat(pulled.stderr().lines().toList().getLast())
                .isEqualTo("[pull] phase=ready environment=" + ENVIRONMENT);
        Outcome inspected = pyro.run("env", "inspect", ENVIRONMENT);
        assertThat(inspected.stderr()).isEmpty();
        assertThat(inspected.stdout()).startsWith("Environment: " + ENVIRONMENT + "\nVersion: ");
        assertThat(inspected.stdout().lines().toList())
                .contains("Installed: yes", "Distribution: debian 12")
                .anyMatch(line -> line.startsWith("Install dir: /"))
                .anyMatch(line -> line.startsWith("Rootfs image: /"));
        assertThat(pulled.stdout()).isEqualTo(inspected.stdout().replace("Environment: ", "Pulled: "));

        JsonReader environment = json("env", "inspect", "--json", ENVIRONMENT);
        assertThat(environment.object().members())
                .containsKeys(
                        "name",
                        "version",
                        "description",
                        "distribution",
                        "distribution_version",
                        "default_packages",
                        "installed",
                        "cache_dir",
                        "install_dir",
                        "install_manifest",
                        "kernel_image",
                        "rootfs_image",
                        "oci_registry",
                        "oci_repository",
                        "oci_reference",
                        "source",
                        "digest",
                        "size_bytes");
        assertThat(Path.of(environment.string("rootfs_image"))).isRegularFile();
        assertThat(json("env", "pull", "--json", ENVIRONMENT)).isEqualTo(environment);

        Outcome listed = pyro.run("env", "list");
        assertThat(listed.stdout()).startsWith("Catalog version: ").contains("\n" + ENVIRONMENT + " [installed] ");
        JsonReader list = json("env", "list", "--json");
        assertThat(list.string("catalog_version")).isNotEmpty();
        assertThat(list.array("environments")).hasSize(3).contains(environment.object());
    }

    @Test
    void pruneKeepsWhatARunningMachineUses() throws IOException, InterruptedException {
        Running running =
                pyro.start("run", "--timeout-seconds", "600", ENVIRONMENT, "--", "sh", "-c", "echo up; sleep 500");
        await().atMost(GUEST_STARTS)
                .until(() -> running.out().toString(StandardCharsets.UTF_8).contains("up"));
        Path image = Path.of(json("env", "inspect", "--json", ENVIRONMENT).string("rootfs_image"));
        try {
            Outcome human = pyro.run("env", "prune");
            assertThat(human.exitCode()).isZero();
            assertThat(human.stdout()).matches("(?s)Deleted \\d+ cached environment entr(y|ies)\\.\n.*");
            JsonReader pruned = json("env", "prune", "--json");
            List<String> deleted = pruned.strings("deleted_environment_dirs");
            assertThat(pruned.integer("count")).isEqualTo(deleted.size());
            assertThat(pruned.number("freed_bytes")).isNotNegative();
            assertThat(image).isRegularFile();
            assertThat(running.process().isAlive()).isTrue();
        } finally {
            running.signal("INT");
        }
        assertThat(running.await().exitCode()).isEqualTo(130);
    }

    @Test
    void aCacheThatCannotBeIsOneClearError() throws IOException {
        Path cache = Files.writeString(folder.resolve("file"), "no folder").resolve("cache");
        PyroLauncher broken = new PyroLauncher(pyro.state()).with("PYRO_CACHE_DIR", cache.toString());
        Outcome human = broken.run("run", ENVIRONMENT, "--", "true");
        assertThat(human.exitCode()).isEqualTo(1);
        assertThat(human.stdout()).isEmpty();
        assertThat(human.stderr().lines().filter(line -> line.startsWith("[error] ")))
                .singleElement()
                .asString()
                .contains(cache.toString(), "PYRO_CACHE_DIR");
        JsonReader json = Json.parseObject(
                broken.run("run", "--json", ENVIRONMENT, "--", "true").stdout());
        assertThat(json.string("code")).isEqualTo("STORAGE_UNUSABLE");
    }
}
