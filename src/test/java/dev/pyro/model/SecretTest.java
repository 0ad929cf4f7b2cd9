package dev.pyro.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Secrets at their edges: each is refused with one message, which never shows the value. */
class SecretTest {
    private static final String VALUE = "hunter2";

    @TempDir
    Path folder;

    private static void assertRefused(ThrowingCallable call, String... words) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        PyroException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT))
                .message()
                .contains(words)
                .doesNotContain(VALUE);
    }

    private Path file(byte[] content) throws IOException {
        return Files.write(folder.resolve("secret"), content);
    }

    private static Path fifo(Path path) throws IOException, InterruptedException {
        assertThat(new ProcessBuilder("mkfifo", path.toString()).start().waitFor())
                .isZero();
        return path;
    }

    @Test
    void noTextShowsTheValue() {
        Secret secret = Secret.literal("TOKEN", VALUE);
        assertThat(secret).hasToString("Secret[TOKEN, literal]");
        assertThat(CreateWorkspace.defaults().withSecrets(List.of(secret)).toString())
                .contains("TOKEN")
                .doesNotContain(VALUE);
        assertThat(secret.described()).isEqualTo(new WorkspaceSecret("TOKEN", SecretSource.LITERAL));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "1A", "A-B", "hunter2 ", "A=B", "../A", "\u00c4", "A\n"})
    void aNameIsThatOfAVariable(String name) {
        assertRefused(() -> Secret.literal(name, VALUE), "a secret's name must be letters");
        assertRefused(() -> Secret.file(name, Path.of("/no/such")), "a secret's name must be letters");
        assertRefused(
                () -> ExecWorkspace.defaults().withSecretEnv(Map.of("A", name)),
                "the secret A is to become a variable");
    }

    @Test
    void aNameHasABound() {
        assertThat(Secret.literal("_" + "a".repeat(119), VALUE).name()).hasSize(120);
        assertRefused(() -> Secret.literal("a".repeat(121), VALUE), "at most 120");
    }

    @Test
    void aValueMayHoldNewlinesAndAnyCharacter() throws IOException {
        String value = "-----BEGIN\n\u00e4\ud83d\ude00\r\n\t\u001b\n";
        assertThat(Secret.literal("A", value).value()).isEqualTo(value);
        assertThat(Secret.literal("A", "\n").value()).isEqualTo("\n");
        Secret read = Secret.file("A", file(value.getBytes(StandardCharsets.UTF_8)));
        assertThat(read).isEqualTo(new Secret("A", SecretSource.FILE, value));
    }

    @Test
    void aValueThatIsNoneIsRefused() throws IOException {
        assertRefused(() -> Secret.literal("A", ""), "the secret A has an empty value");
        assertRefused(() -> Secret.literal("A", VALUE + "\0"), "the secret A holds a NUL");
        assertRefused(() -> Secret.literal("A", VALUE + "\ud800"), "the secret A is no UTF-8 text");
        assertRefused(() -> Secret.literal("A", VALUE.repeat(1 << 17)), "longer than 65536 bytes");
        assertRefused(() -> Secret.literal("A", "\u00e4".repeat(32_769)), "longer than 65536 bytes");
        assertThat(Secret.literal("A", "\u00e4".repeat(32_768)).bytes()).isEqualTo(Secret.MAX_BYTES);

        Path empty = file(new byte[0]);
        assertRefused(() -> Secret.file("A", empty), "the secret A has an empty value");
        Path binary = file((VALUE + "\u00ff").getBytes(StandardCharsets.ISO_8859_1));
        assertRefused(() -> Secret.file("A", binary), "the secret A: ", "is no UTF-8 text");
        Path large = file(VALUE.repeat(1 << 17).getBytes(StandardCharsets.UTF_8));
        assertRefused(() -> Secret.file("A", large), "the secret A: ", "is longer than 65536 bytes");
    }

    @Test
    void aFileThatCannotBeReadSaysWhy() {
        assertRefused(() -> Secret.file("A", folder.resolve("none")), "there is no file", "none");
        assertRefused(() -> Secret.file("A", folder), "is a directory");
    }

    @Test
    void whatNeverEndsIsReadToTheBoundOnly() {
        assertRefused(() -> Secret.file("A", Path.of("/dev/zero")), "is longer than 65536 bytes");
        InputStream endless = new InputStream() {
            @Override
            public int read() {
                return 'x';
            }
        };
        assertRefused(() -> Secret.stream("A", "standard input", endless), "standard input is longer than");
    }

    @Test
    void aPipeWithoutAWriterIsGivenUp() throws IOException, InterruptedException {
        Path fifo = fifo(folder.resolve("fifo"));
        assertRefused(() -> SecretFiles.read("A", fifo, Duration.ofMillis(50)), "is no plain file", "within");
        // So that the thread that is left behind ends.
        Files.newOutputStream(fifo).close();
    }

    @Test
    void aPipeIsReadToItsEnd() throws IOException, InterruptedException {
        Path fifo = fifo(folder.resolve("fifo"));
        Thread writer = Thread.ofVirtual().start(() -> {
            try {
                Files.writeString(fifo, VALUE);
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        });
        assertThat(Secret.file("A", fifo).value()).isEqualTo(VALUE);
        writer.join();
    }

    @Test
    void anInterruptionEndsTheWaitForAPipe() throws IOException, InterruptedException {
        Path fifo = fifo(folder.resolve("fifo"));
        Thread.currentThread().interrupt();
        assertThatThrownBy(() -> Secret.file("A", fifo))
                .isInstanceOfSatisfying(
                        PyroException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INTERRUPTED));
        assertThat(Thread.interrupted()).isTrue();
        Files.newOutputStream(fifo).close();
    }

    @Test
    void standardInputIsReadAsAFile() {
        InputStream input = new ByteArrayInputStream(VALUE.getBytes(StandardCharsets.UTF_8));
        assertThat(Secret.stream("A", "standard input", input)).isEqualTo(new Secret("A", SecretSource.FILE, VALUE));
    }

    @Test
    void allSecretsTogetherHaveBounds() {
        CreateWorkspace defaults = CreateWorkspace.defaults();
        List<Secret> many = IntStream.rangeClosed(0, Arguments.MAX_SECRETS)
                .mapToObj(number -> Secret.literal("S" + number, VALUE))
                .toList();
        assertThat(defaults.withSecrets(many.subList(1, many.size())).secrets()).hasSize(64);
        assertRefused(() -> defaults.withSecrets(many), "at most 64 secrets, not 65");
        assertRefused(
                () -> defaults.withSecrets(List.of(many.getFirst(), Secret.literal("S0", "other"))),
                "the secret S0 is given twice");
        List<Secret> large =
                List.of(Secret.literal("A", "a".repeat(Secret.MAX_BYTES)), Secret.literal("B", "b".repeat(32_769)));
        assertRefused(() -> defaults.withSecrets(large), "take 98305 bytes together, and may take 98304");
    }

    @Test
    void twoSecretsCannotBeOneVariable() {
        assertRefused(
                () -> ExecWorkspace.defaults().withSecretEnv(Map.of("A", "X", "B", "X")),
                "two secrets are to become the variable X");
    }
}
