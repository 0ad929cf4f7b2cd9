package dev.pyro.oci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.pyro.json.Json;
import dev.pyro.model.ErrorCode;
import dev.pyro.model.ImageSettings;
import dev.pyro.model.PyroException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConfigReaderTest {
    private static final String ROOTFS =
            "\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[\"sha256:" + "ab".repeat(32) + "\"]}";

    private static ImageConfig parse(String json) {
        return ConfigReader.parse("image", json.replace("ROOTFS", ROOTFS).getBytes(StandardCharsets.UTF_8), 1);
    }

    @Test
    void readsWhatAnImageSays() {
        SmallImage image = SmallImage.of(new byte[] {1});
        ImageConfig config = ConfigReader.parse("image", image.config(), 1);
        assertThat(config)
                .isEqualTo(new ImageConfig(
                        List.of("PATH=/bin", "A=b=c"),
                        "/srv",
                        "app",
                        List.of(),
                        List.of(),
                        Map.of("k", "v"),
                        Instant.parse("2026-01-02T03:04:05.5Z"),
                        List.of(Sha256.of(new byte[] {1}))));
    }

    @Test
    void whatIsNotSaidIsNothing() {
        ImageConfig nothing = new ImageConfig(
                List.of(),
                null,
                null,
                List.of(),
                List.of(),
                Map.of(),
                null,
                parse("{ROOTFS}").diffIds());
        assertThat(parse("{ROOTFS}")).isEqualTo(nothing);
        assertThat(parse("{\"config\":null,ROOTFS,\"created\":\"yesterday\"}")).isEqualTo(nothing);
        assertThat(
                        parse(
                                "{\"config\":{\"Env\":null,\"User\":\"\",\"WorkingDir\":\"\",\"Labels\":null,\"Cmd\":null},ROOTFS}"))
                .isEqualTo(nothing);
        assertThat(parse("{\"os\":\"linux\",\"config\":{\"Entrypoint\":[\"/x\",\"\"],\"Labels\":{\"a\":null}},ROOTFS}")
                        .entrypoint())
                .containsExactly("/x", "");
    }

    @Test
    void keepsWhatMeansNothingHereForImagesThatAreMadeOfIt() {
        String others =
                "{\"ExposedPorts\":{\"80/tcp\":{}},\"Healthcheck\":{\"Interval\":30000000000,\"Test\":[\"CMD\",\"x\"]},"
                        + "\"Shell\":[\"/bin/ash\",\"-c\"],\"StopSignal\":\"SIGQUIT\",\"Volumes\":{\"/data\":{}}}";
        assertThat(Json.write(parse("{\"config\":" + others + ",ROOTFS}").others()))
                .isEqualTo(others);
        assertThat(parse(
                                "{\"config\":{\"Volumes\":[],\"Shell\":{},\"StopSignal\":9,\"OnBuild\":[\"x\"],\"ExposedPorts\":null},ROOTFS}")
                        .others()
                        .members())
                .isEmpty();
        assertThat(parse("{\"config\":{\"StopSignal\":\"" + "x".repeat(64 << 10) + "\",\"Shell\":[]},ROOTFS}")
                        .others()
                        .members())
                .as("too long for a record")
                .isEmpty();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            IMAGE_CORRUPT    | {}
            IMAGE_CORRUPT    | nothing
            IMAGE_CORRUPT    | {"rootfs":{"diff_ids":[]}}
            IMAGE_CORRUPT    | {"rootfs":{"diff_ids":["sha256:x"]}}
            IMAGE_CORRUPT    | {"config":[],ROOTFS}
            IMAGE_CORRUPT    | {"config":{"Env":"A=b"},ROOTFS}
            IMAGE_CORRUPT    | {"config":{"Env":["A=\\u0000"]},ROOTFS}
            IMAGE_CORRUPT    | {"config":{"User":"a\\u0000b"},ROOTFS}
            IMAGE_CORRUPT    | {"config":{"WorkingDir":7},ROOTFS}
            IMAGE_UNSUITABLE | {"os":"windows","architecture":"amd64",ROOTFS}
            IMAGE_UNSUITABLE | {"os":"linux","architecture":"arm64",ROOTFS}
            """)
    void refusesWhatIsNone(ErrorCode code, String json) {
        PyroException failure = Objects.requireNonNull(catchThrowableOfType(PyroException.class, () -> parse(json)));
        assertThat(failure.code()).isEqualTo(code);
    }

    @Test
    void variablesAreNoMoreThanACommandCanHave() {
        String most = IntStream.range(0, ImageSettings.MAX_VARIABLES)
                .mapToObj(number -> "\"V" + number + "=\"")
                .collect(Collectors.joining(","));
        assertThat(env(most).env()).hasSize(ImageSettings.MAX_VARIABLES);
        assertUnsuitable(most + ",\"LAST=\"", "image has 901 variables of ");
        String longest = "L=" + "x".repeat(ImageSettings.MAX_VARIABLES_BYTES - "L=".length() - 6);
        assertThat(env("\"" + longest + "\"").env()).containsExactly(longest);
        assertUnsuitable(
                "\"" + longest + "x\"",
                "1 variables of 65537 bytes, and may have 900 variables of 65536 bytes, because a command");
        // What sets nothing is not kept, and so does not count.
        assertThat(env(most + ",\"NOTHING\"").env()).hasSize(ImageSettings.MAX_VARIABLES);
    }

    private static ImageConfig env(String words) {
        return parse("{\"config\":{\"Env\":[" + words + "]},ROOTFS}");
    }

    private static void assertUnsuitable(String words, String text) {
        assertThatThrownBy(() -> env(words))
                .isInstanceOfSatisfying(
                        PyroException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.IMAGE_UNSUITABLE))
                .hasMessageContaining(text)
                .hasMessageContaining("build it with fewer");
    }

    @Test
    void emptyWordsAreCountedToo() {
        String most = "\"\",".repeat(4095) + "\"\"";
        assertThat(parse("{\"config\":{\"Cmd\":[" + most + "]},ROOTFS}").cmd()).hasSize(4096);
        for (String name : List.of("Cmd", "Entrypoint")) {
            PyroException failure = Objects.requireNonNull(catchThrowableOfType(
                    PyroException.class, () -> parse("{\"config\":{\"" + name + "\":[" + most + ",\"\"]},ROOTFS}")));
            assertThat(failure.code()).isEqualTo(ErrorCode.IMAGE_CORRUPT);
        }
    }
}
