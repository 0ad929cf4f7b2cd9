package dev.pyro.cli.mcp;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class PassedSettingsTest {
    private static final Pattern ROW = Pattern.compile("^\\| (`PYRO_[^|]*) \\|", Pattern.MULTILINE);
    private static final Pattern NAME = Pattern.compile("PYRO_[A-Z_]+");

    @Test
    void theSettingsOfTheReadmeGoInAndTokensAndKeysDoNot() throws IOException {
        Set<String> documented = new TreeSet<>();
        ROW.matcher(Files.readString(Path.of("README.md")))
                .results()
                .forEach(row -> NAME.matcher(row.group(1)).results().forEach(name -> documented.add(name.group())));
        assertThat(documented).contains("PYRO_MCP_TOKEN", "PYRO_KERNEL_MODULES");
        Map<String, String> environment = new TreeMap<>(Map.of("XDG_CACHE_HOME", "/c", "XDG_STATE_HOME", "/s"));
        documented.forEach(name -> environment.put(name, "/x"));
        Set<String> expected = new TreeSet<>(environment.keySet());
        expected.removeAll(List.of("PYRO_MCP_TOKEN", "PYRO_DEMO_API_KEY", "PYRO_JAVA_OPTS"));
        environment.putAll(Map.of("PYRO_SECRET_KEY", "s", "PYRO_LAUNCHER", "/pyro", "HOME", "/root"));

        assertThat(PassedSettings.of(environment).keySet()).isEqualTo(expected);
    }

    @Test
    void ourFoldersAreAbsoluteAndEmptyValuesStayOut() {
        assertThat(PassedSettings.of(Map.of("PYRO_STATE_DIR", "state", "PYRO_BACKEND", "")))
                .isEqualTo(Map.of(
                        "PYRO_STATE_DIR", Path.of("state").toAbsolutePath().toString()));
    }
}
