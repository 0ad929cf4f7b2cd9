package dev.pyro;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the facade makes of the variables that it is opened with. */
class LocalPyroTest {
    @TempDir
    Path folder;

    @ParameterizedTest
    @CsvSource({
        "PYRO_WORKSPACE_DISK_MIB,many",
        "PYRO_WORKSPACE_DISK_MIB,63",
        "PYRO_WORKSPACE_DISK_MIB,1048577",
        "PYRO_WORKSPACE_DISK_MIB,-1",
        "PYRO_WORKSPACE_DISK_MIB,99999999999",
        "PYRO_MAX_ACTIVE_VMS,0",
        "PYRO_MAX_ACTIVE_VMS,1025"
    })
    void aNumberThatCannotBeNamesTheVariable(String name, String value) {
        assertThatThrownBy(() -> LocalPyro.open(variables(name, value)))
                .isInstanceOfSatisfying(
                        PyroException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT))
                .hasMessageContaining(name + " must be a number from ")
                .hasMessageContaining(value);
    }

    @ParameterizedTest
    @CsvSource({"PYRO_WORKSPACE_DISK_MIB,64", "PYRO_WORKSPACE_DISK_MIB,''", "PYRO_MAX_ACTIVE_VMS,1"})
    void whatCanBeIsTaken(String name, String value) {
        assertThat(LocalPyro.open(variables(name, value))).isNotNull();
    }

    private Map<String, String> variables(String name, String value) {
        return Map.of("PYRO_CACHE_DIR", folder.toString(), "PYRO_STATE_DIR", folder.toString(), name, value);
    }
}
