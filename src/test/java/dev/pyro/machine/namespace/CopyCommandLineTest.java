package dev.pyro.machine.namespace;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class CopyCommandLineTest {
    private static final Path SOURCE = Path.of("/ws/tree");
    private static final Path TARGET = Path.of("/ws/layers/1");
    private static final List<String> COPY = List.of(
            "cp",
            "-R",
            "--no-dereference",
            "--preserve=mode,timestamps,links,xattr",
            "--reflink=auto",
            "--no-target-directory",
            "--",
            "/ws/tree",
            "/ws/layers/1");

    @Test
    void anOrdinaryUserCopiesForHimself() {
        List<String> tokens = new CopyCommandLine(SOURCE, TARGET, OptionalInt.empty()).tokens();

        assertThat(tokens.get(2)).doesNotContain("chown");
        assertThat(tokens.subList(3, 6)).containsExactly("sh", "/ws/layers/1", "nobody");
        assertThat(tokens.subList(6, tokens.size())).isEqualTo(COPY);
    }

    @Test
    void rootCopiesAsTheMachinesUserWhoMayReadEverything() {
        List<String> tokens = new CopyCommandLine(SOURCE, TARGET, OptionalInt.of(60_814)).tokens();

        assertThat(tokens.get(2)).contains("chown \"$2:$2\" -- \"$1\"");
        assertThat(tokens.subList(3, 6)).containsExactly("sh", "/ws/layers/1", "60814");
        assertThat(tokens).containsSequence("--reuid", "60814", "--regid", "60814", "--clear-groups");
        assertThat(tokens).containsSequence("--ambient-caps", "+dac_read_search", "--");
        assertThat(tokens.subList(tokens.size() - COPY.size(), tokens.size())).isEqualTo(COPY);
    }
}
