package dev.pyro.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pyro.json.JsonValue.JsonArray;
import dev.pyro.json.JsonValue.JsonObject;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonTest {
    @Test
    void prettyFormIsThatOfTheContract() {
        JsonObject object = JsonObject.builder()
                .put("b", "text \"quoted\" ü")
                .put("a", 1)
                .put("empty", new JsonArray(List.of()))
                .put("none", (String) null)
                .put("nested", JsonObject.builder().put("yes", true).build())
                .put("list", JsonArray.ofStrings(List.of("x", "y")))
                .build();
        assertThat(Json.writePretty(object)).isEqualTo("""
                        {
                          "a": 1,
                          "b": "text \\"quoted\\" ü",
                          "empty": [],
                          "list": [
                            "x",
                            "y"
                          ],
                          "nested": {
                            "yes": true
                          },
                          "none": null
                        }""");
        assertThat(Json.parse(Json.write(object))).isEqualTo(object);
    }

    @Test
    void aStreamGetsTheSameBytesAndStaysOpen() throws IOException {
        JsonObject object = JsonObject.builder()
                .put("text", "ü\u0000\uFFFD\uD83D\uDE00")
                .put("many", "\u0000é".repeat(100_000))
                .build();
        ByteArrayOutputStream bytes = new ByteArrayOutputStream() {
            @Override
            public void close() {
                throw new AssertionError("closed");
            }
        };
        Json.writePretty(object, bytes);
        assertThat(Json.parse(bytes.toString(StandardCharsets.UTF_8))).isEqualTo(object);
        assertThat(Json.parse(Json.writePretty(object))).isEqualTo(object);
    }

    @Test
    void aStreamThatFailsFailsTheWriting() {
        OutputStream full = new OutputStream() {
            @Override
            public void write(int value) throws IOException {
                throw new IOException("full");
            }
        };
        assertThatThrownBy(() -> Json.writePretty(JsonArray.ofStrings(List.of("x")), full))
                .isExactlyInstanceOf(IOException.class)
                .hasMessage("full");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{", "{}{}", "[1,]", "nul", "{\"a\":1e999999999999}"})
    void whatIsNotOneDocumentIsRefused(String text) {
        assertThatThrownBy(() -> Json.parse(text)).isInstanceOf(JsonFormatException.class);
    }

    @Test
    void aNumberBeyondALongIsJsonAndNoWholeNumber() {
        assertThat(Json.parse("99999999999999999999")).isEqualTo(new JsonValue.JsonDouble(1e20));
        assertThatThrownBy(
                        () -> Json.parseObject("{\"a\":99999999999999999999}").number("a"))
                .isInstanceOf(JsonFormatException.class);
    }

    @Test
    void whatAStrangerSendsHasABoundOfTokens() {
        String many = "[" + "1,".repeat(Json.MAX_TOKENS) + "1]";
        assertThatThrownBy(() -> Json.parseBounded(many)).isInstanceOf(JsonFormatException.class);
        assertThat(Json.parse(many)).isInstanceOf(JsonArray.class);
        assertThat(Json.parseBounded("[1]")).isEqualTo(Json.parse("[1]"));
    }

    @Test
    void depthIsBounded() {
        assertThatThrownBy(() -> Json.parse("[".repeat(10_000))).isInstanceOf(JsonFormatException.class);
    }

    @Test
    void aMissingOrWrongMemberIsNamed() {
        JsonReader reader = Json.parseObject("{\"n\": \"text\", \"big\": 4294967296}");
        assertThatThrownBy(() -> reader.number("n")).hasMessageContaining("\"n\"");
        assertThatThrownBy(() -> reader.string("absent")).hasMessageContaining("\"absent\" is missing");
        assertThatThrownBy(() -> reader.integer("big")).hasMessageContaining("\"big\"");
        assertThat(reader.number("big")).isEqualTo(4294967296L);
    }
}
