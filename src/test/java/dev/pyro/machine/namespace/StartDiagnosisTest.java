package dev.pyro.machine.namespace;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pyro.model.Problem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StartDiagnosisTest {
    private static final String REFUSED =
            "bwrap: No permissions to create a new namespace, likely because the kernel does not allow non-privileged "
                    + "user namespaces.";
    private static final String REFUSED_BY_APPARMOR = "bwrap: setting up uid map: Permission denied";

    @TempDir
    Path folder;

    @Test
    void namesTheSettingOfDebian() throws IOException {
        setting("kernel/unprivileged_userns_clone", "0");

        assertThat(explain(REFUSED)).hasValueSatisfying(problem -> {
            assertThat(problem.description()).contains("kernel.unprivileged_userns_clone is 0");
            assertThat(problem.remedy()).isEqualTo("run: sudo sysctl -w kernel.unprivileged_userns_clone=1");
        });
    }

    @Test
    void namesTheSettingOfUbuntu() throws IOException {
        setting("kernel/apparmor_restrict_unprivileged_userns", "1");

        assertThat(explain(REFUSED_BY_APPARMOR))
                .hasValueSatisfying(problem -> assertThat(problem.remedy())
                        .contains("sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0"));
    }

    @Test
    void namesTheBoundOnUserNamespaces() throws IOException {
        setting("user/max_user_namespaces", "0");
        setting("kernel/unprivileged_userns_clone", "0");

        assertThat(explain("bwrap: Creating new namespace failed: No space left on device"))
                .hasValueSatisfying(
                        problem -> assertThat(problem.remedy()).contains("sysctl -w user.max_user_namespaces="));
    }

    @Test
    void thinksOfAContainerWhenNoSettingForbidsNamespaces() throws IOException {
        setting("user/max_user_namespaces", "15000");

        assertThat(explain(REFUSED))
                .hasValueSatisfying(problem -> assertThat(problem.remedy()).contains("seccomp"));
    }

    @Test
    void knowsARefusedOverlay() {
        assertThat(explain("pyro-agent: cannot overlay `/pyro/lower`: Operation not permitted"))
                .hasValueSatisfying(problem -> assertThat(problem.remedy()).contains("PYRO_STATE_DIR"));
    }

    @Test
    void claimsNothingAboutWhatItDoesNotKnow() {
        assertThat(explain("bwrap: something new")).isEmpty();
    }

    @Test
    void findsTheFolderThatTheMachinesUserCannotPass() throws IOException {
        Path closed = Files.createDirectories(folder.resolve("closed"));
        Path tree = Files.createDirectories(closed.resolve("tree"));
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        Files.setPosixFilePermissions(closed, PosixFilePermissions.fromString("rwx------"));

        Optional<Problem> problem = StartDiagnosis.explain(
                "",
                new KernelSettings(OptionalLong.empty(), OptionalLong.empty(), OptionalLong.empty()),
                OptionalInt.of(60_814),
                List.of(tree));

        assertThat(problem).hasValueSatisfying(found -> {
            assertThat(found.description()).startsWith(closed + " is closed to user 60814");
            assertThat(found.remedy()).isEqualTo("run: chmod o+x " + closed);
        });
    }

    private Optional<Problem> explain(String log) {
        return StartDiagnosis.explain(log, KernelSettings.read(folder), OptionalInt.empty(), List.of(folder));
    }

    private void setting(String name, String value) throws IOException {
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, value + "\n");
    }
}
