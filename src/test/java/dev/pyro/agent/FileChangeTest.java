package dev.pyro.agent;

import static dev.pyro.agent.Failures.failure;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.pyro.model.ErrorCode;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FileChangeTest {
    private static final FileContent CONTENT = FileContent.of("abc".getBytes(StandardCharsets.US_ASCII));

    private static String encoded(FileChange... changes) throws IOException {
        try (ChangeStream stream = new ChangeStream(List.of(changes))) {
            return HexFormat.of().formatHex(stream.readAllBytes());
        }
    }

    @Test
    void becomesRecords() throws IOException {
        assertThat(encoded()).isEmpty();
        assertThat(encoded(
                        new FileChange.Delete("d\uDCFF"),
                        new FileChange.Write("a/b", 0b111_101_101, CONTENT),
                        new FileChange.Link("l", "\u00e9"),
                        new FileChange.Write("e", 0, FileContent.of(new byte[0]))))
                .isEqualTo("03" + "00000000" + "0000000000000000" + "0002" + "64ff"
                        + "01" + "000001ed" + "0000000000000003" + "0003" + "612f62" + "616263"
                        + "02" + "00000000" + "0000000000000002" + "0001" + "6c" + "c3a9"
                        + "01" + "00000000" + "0000000000000000" + "0001" + "65");
    }

    @Test
    void aContentOfAnotherSizeEndsTheStream() {
        for (int size : new int[] {2, 4}) {
            FileContent content = FileContent.of(size, () -> new ByteArrayInputStream(new byte[3]));
            assertThatExceptionOfType(IOException.class)
                    .isThrownBy(() -> encoded(new FileChange.Write("a", 0, content)))
                    .withMessageContaining("'a'");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "/a", "a/", "a//b", ".", "..", "a/..", "a/./b", "a\0b"})
    void refusesPathsThatTheAgentWouldRefuse(String path) {
        failure(ErrorCode.INVALID_ARGUMENT, () -> new FileChange.Delete(path));
        failure(ErrorCode.INVALID_ARGUMENT, () -> new FileChange.Link(path, "t"));
        failure(ErrorCode.INVALID_ARGUMENT, () -> new FileChange.Write(path, 0, CONTENT));
    }

    @Test
    void refusesWhatIsTooLong() {
        failure(ErrorCode.INVALID_ARGUMENT, () -> new FileChange.Delete("a".repeat(256)));
        failure(ErrorCode.INVALID_ARGUMENT, () -> new FileChange.Delete("a/".repeat(128) + "a"));
        assertThat(new FileChange.Delete("a/".repeat(127) + "a".repeat(255)).path())
                .hasSize(254 + 255);
        failure(ErrorCode.INVALID_ARGUMENT, () -> new FileChange.Link("a", ""));
        failure(ErrorCode.INVALID_ARGUMENT, () -> new FileChange.Link("a", "b".repeat(4096)));
        failure(ErrorCode.INVALID_ARGUMENT, () -> new FileChange.Write("a", 0b1_000_000_000_000, CONTENT));
        GuestLocation place = new GuestLocation("/workspace", "");
        List<FileChange> many = Collections.nCopies(100_001, new FileChange.Delete("a"));
        failure(ErrorCode.INVALID_ARGUMENT, () -> new ChangeRequest(place, many, 1));
        failure(ErrorCode.INVALID_ARGUMENT, () -> new ChangeRequest(place, List.of(), -1));
    }
}
