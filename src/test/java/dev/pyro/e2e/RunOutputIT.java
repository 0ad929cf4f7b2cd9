package dev.pyro.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pyro.e2e.PyroLauncher.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;

/** More output than anybody wants to keep, through the launcher and its small heap. */
class RunOutputIT {
    private static final int BYTES = 9_000_000;
    private static final int KEPT = 8 * 1024 * 1024;

    /** Four times the heap. */
    private static final long MUCH = 256L << 20;

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

    @ParameterizedTest
    @CsvSource({"000, 0", "377, 65533"})
    void binaryOutputOnBothStreamsFits(String octal, int character) {
        String some = "head -c " + BYTES + " /dev/zero | tr '\\000' '\\" + octal + "'";
        String command = some + "; " + some + " >&2";
        Outcome document = pyro.run("run", "--json", "debian:12", "--", "sh", "-c", command);
        assertThat(document.exitCode()).as(document.stderr()).isZero();
        Map<String, Object> members = members(document.stdoutBytes());
        assertThat(members).containsEntry("stdout_truncated", true).containsEntry("stderr_truncated", true);
        for (String stream : List.of("stdout", "stderr")) {
            String text = String.valueOf(members.get(stream));
            // Of a cut character nothing is kept, and the first byte of one is what 0xff looks like.
            assertThat(text.length()).isBetween(KEPT - 1, KEPT);
            assertThat(text.chars().allMatch(c -> c == character)).isTrue();
        }
    }

    /** The texts and truth values of one document, which is larger than any that Pyro itself would read. */
    private static Map<String, Object> members(byte[] document) {
        StreamReadConstraints large = StreamReadConstraints.builder()
                .maxStringLength(KEPT)
                .maxDocumentLength(document.length)
                .build();
        Map<String, Object> members = new HashMap<>();
        try (JsonParser parser = JsonFactory.builder()
                .streamReadConstraints(large)
                .build()
                .createParser(ObjectReadContext.empty(), document)) {
            for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
                switch (token) {
                    case VALUE_STRING -> members.put(parser.currentName(), parser.getString());
                    case VALUE_TRUE, VALUE_FALSE -> members.put(parser.currentName(), token == JsonToken.VALUE_TRUE);
                    default -> assertThat(token).isNotEqualTo(JsonToken.NOT_AVAILABLE);
                }
            }
        }
        return members;
    }

    @Test
    void binaryOutputIsStreamedAsItIs() {
        String some = "head -c " + BYTES + " /dev/zero | tr '\\000' '\\377'";
        Outcome outcome = pyro.run("run", "debian:12", "--", "sh", "-c", some + "; " + some + " >&2");
        assertThat(outcome.exitCode()).isZero();
        byte[] expected = new byte[BYTES];
        Arrays.fill(expected, (byte) 0xFF);
        assertThat(Arrays.equals(outcome.stdoutBytes(), expected)).isTrue();
    }

    @Test
    void fourTimesTheHeapNeedsNoHeap() {
        Outcome outcome = pyro.with("PYRO_JAVA_OPTS", "-Xmx64m")
                .startProgram(List.of(
                        "bash",
                        "-c",
                        "\"$0\" run --timeout-seconds 600 debian:12 -- head -c " + MUCH
                                + " /dev/zero | wc -c; echo \"${PIPESTATUS[0]}\"",
                        PyroLauncher.PROJECT.resolve("pyro").toString()))
                .await(Duration.ofMinutes(15));
        assertThat(outcome.stdout()).isEqualTo(MUCH + "\n0\n");
    }
}
