package dev.pyro.mcp.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BearerTokenTest {
    @TempDir
    Path folder;

    @Test
    void aGeneratedOneHas256BitsAndIsNeverTheSame() {
        String first = BearerToken.generate().reveal();
        assertThat(first)
                .matches("[A-Za-z0-9_-]{43}")
                .isNotEqualTo(BearerToken.generate().reveal());
    }

    @Test
    void itsTextFormHidesIt() {
        BearerToken token = BearerToken.of("a test", "s3cret");
        assertThat(token.toString()).doesNotContain("s3cret");
    }

    @ParameterizedTest
    @ValueSource(strings = {"Bearer s3cret", "bearer s3cret", "BEARER   s3cret", "Bearer s3cret "})
    void isShownBy(String header) {
        assertThat(BearerToken.of("a test", "s3cret\n").isShownBy(List.of(header)))
                .isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "Bearer",
                "Bearer ",
                "Bearer s3cre",
                "Bearer s3cret1",
                "Bearer S3CRET",
                "Basic s3cret",
                "s3cret",
                "Bearer x s3cret"
            })
    void isNotShownBy(String header) {
        assertThat(BearerToken.of("a test", "s3cret").isShownBy(List.of(header)))
                .isFalse();
    }

    @Test
    void isNotShownByNoneOrTwoHeaders() {
        BearerToken token = BearerToken.of("a test", "s3cret");
        assertThat(token.isShownBy(List.of())).isFalse();
        assertThat(token.isShownBy(List.of("Bearer s3cret", "Bearer s3cret"))).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "\n", "two words", "s3cret\nmore", "gr\u00fcn", "tab\t"})
    void isRefused(String text) {
        assertThatThrownBy(() -> BearerToken.of("PYRO_MCP_TOKEN", text))
                .isInstanceOfSatisfying(
                        PyroException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT))
                .hasMessageContaining("PYRO_MCP_TOKEN");
    }

    @Test
    void isReadFromAFileOfItsOwner() throws IOException {
        Path file = write("rw-------", "from-file\n");
        assertThat(BearerToken.ofFile(file).reveal()).isEqualTo("from-file");
    }

    @ParameterizedTest
    @ValueSource(strings = {"rw-r-----", "rw----r--", "rw--w----", "rw-rw-rw-"})
    void aFileThatOthersCanReadOrWriteIsRefused(String permissions) throws IOException {
        Path file = write(permissions, "from-file\n");
        assertThatThrownBy(() -> BearerToken.ofFile(file))
                .isInstanceOf(PyroException.class)
                .hasMessageContaining("chmod 600")
                .hasMessageNotContaining("from-file");
    }

    @Test
    void anEmptyMissingOrEndlessFileIsRefused() throws IOException {
        for (Path file : List.of(
                write("rw-------", "\n"),
                folder.resolve("none"),
                folder,
                Path.of("/dev/zero"),
                write("rw-------", "a".repeat(5000)))) {
            assertThatThrownBy(() -> BearerToken.ofFile(file))
                    .as(file.toString())
                    .isInstanceOfSatisfying(
                            PyroException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT))
                    .hasMessageContaining(file.toString());
        }
    }

    private Path write(String permissions, String text) throws IOException {
        Path file = Files.createTempFile(folder, "token", "");
        Files.writeString(file, text);
        return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(permissions));
    }
}
