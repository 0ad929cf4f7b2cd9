package dev.pyro.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pyro.json.JsonEdit.Member;
import dev.pyro.json.JsonEdit.Outcome;
import dev.pyro.json.JsonEdit.Result;
import dev.pyro.json.JsonValue.JsonArray;
import dev.pyro.json.JsonValue.JsonBoolean;
import dev.pyro.json.JsonValue.JsonObject;
import dev.pyro.json.JsonValue.JsonString;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonTextTest {
    private static final List<String> PATH = List.of("servers", "pyro");
    private static final JsonEdit EDIT = new JsonEdit(
            List.of(
                    new Member("command", new JsonString("/opt/pyro")),
                    new Member("args", JsonArray.ofStrings(List.of("mcp", "serve")))),
            List.of(),
            Set.of("url"));

    private static Result edit(String document) {
        return new JsonText(document, true).edit(PATH, EDIT);
    }

    /** Every edit must be one that a second one leaves alone, and must be JSON. */
    private static String edited(String document, Outcome outcome) {
        Result result = edit(document);
        assertThat(result.outcome()).isEqualTo(outcome);
        Result again = edit(result.text());
        assertThat(again.outcome()).isEqualTo(Outcome.UNCHANGED);
        assertThat(again.text()).isEqualTo(result.text());
        return result.text();
    }

    @Test
    void anEmptyDocumentGetsTheObjectAlone() {
        String alone = """
                {
                  "servers": {
                    "pyro": {
                      "command": "/opt/pyro",
                      "args": ["mcp", "serve"]
                    }
                  }
                }
                """;
        assertThat(edited("", Outcome.ADDED)).isEqualTo(alone);
        assertThat(edited("{}", Outcome.ADDED) + "\n").isEqualTo(alone);
        assertThat(edited("// mine\n\n", Outcome.ADDED)).isEqualTo("// mine\n" + alone);
    }

    @Test
    void orderNumbersBlanksAndCommentsStay() {
        String before = """
                // top
                {
                    "zeta": 1.50, /* why */ "alpha": 12345678901234567890,
                    "servers": {
                        "other": { "command": "x" } // last
                    },
                    "big": [1,
                       2],   // tail
                }
                """;
        assertThat(edited(before, Outcome.ADDED)).isEqualTo(before.replace("{ \"command\": \"x\" } // last\n", """
                                { "command": "x" }, // last
                                        "pyro": {
                                            "command": "/opt/pyro",
                                            "args": ["mcp", "serve"]
                                        }
                                """));
    }

    @Test
    void aMissingGroupComesLastAndATrailingCommaStays() {
        String before = """
                {
                \t"a": 1, // one
                \t// end
                }
                """;
        assertThat(edited(before, Outcome.ADDED)).isEqualTo(before.replace("\t// end", """
                \t"servers": {
                \t\t"pyro": {
                \t\t\t"command": "/opt/pyro",
                \t\t\t"args": ["mcp", "serve"]
                \t\t}
                \t},
                \t// end"""));
    }

    @Test
    void windowsLineEndsAndAByteOrderMarkStay() {
        String text = edited("\uFEFF{\r\n  \"a\": 1\r\n}\r\n", Outcome.ADDED);
        assertThat(text)
                .startsWith("\uFEFF{\r\n  \"a\": 1,\r\n  \"servers\": {\r\n")
                .endsWith("\r\n}\r\n");
        assertThat(text.replace("\r\n", "")).doesNotContain("\n");
    }

    @Test
    void aDocumentOnOneLineStaysOnOne() {
        assertThat(edited("{\"a\":1,\"servers\":{\"x\":{}}}", Outcome.ADDED))
                .isEqualTo("{\"a\":1,\"servers\":{\"x\":{}, \"pyro\": { \"command\": \"/opt/pyro\","
                        + " \"args\": [\"mcp\", \"serve\"] }}}");
    }

    @Test
    void emptyObjectsAndOnesWithACommentAreFilled() {
        assertThat(edited("{\n  \"servers\": {},\n  \"b\": 2\n}\n", Outcome.ADDED))
                .isEqualTo("""
                {
                  "servers": {
                    "pyro": {
                      "command": "/opt/pyro",
                      "args": ["mcp", "serve"]
                    }
                  },
                  "b": 2
                }
                """);
        assertThat(edited("{\n  \"servers\": {\n    // none yet\n  }\n}", Outcome.ADDED))
                .startsWith("{\n  \"servers\": {\n    // none yet\n    \"pyro\": {\n")
                .endsWith("\n    }\n  }\n}");
        assertThat(edited("{\n  \"servers\": null\n}", Outcome.ADDED)).contains("\"servers\": {\n    \"pyro\"");
        assertThat(edited("{ \"a\": 1,\n  \"b\": 2 }", Outcome.ADDED)).endsWith("\n    }\n  }\n}");
    }

    @Test
    void anEntryKeepsWhatNobodyNamed() {
        String before = """
                {
                  "servers": {
                    "pyro": {
                      "url": "http://old",
                      "env": { "A": "b" }, // gone with the entry
                      "command": "old",
                      "disabled": true
                    },
                    "z": {}
                  }
                }
                """;
        assertThat(edited(before, Outcome.UPDATED)).isEqualTo("""
                {
                  "servers": {
                    "pyro": {
                      "command": "/opt/pyro",
                      "args": ["mcp", "serve"],
                      "env": { "A": "b" },
                      "disabled": true
                    },
                    "z": {}
                  }
                }
                """);
    }

    @Test
    void ofAnObjectOnlyTheNamedMembersAreSet() {
        JsonEdit variables = new JsonEdit(
                List.of(new Member("env", JsonObject.builder().put("A", "1").build())),
                List.of(new Member("enabled", new JsonBoolean(true))),
                Set.of());
        JsonText text = new JsonText("{\"p\": {\"env\": {\"A\": \"0\", \"B\": \"2\"}, \"enabled\": false}}", false);
        assertThat(Json.write(Json.parse(text.edit(List.of("p"), variables).text())))
                .isEqualTo("{\"p\":{\"enabled\":false,\"env\":{\"A\":\"1\",\"B\":\"2\"}}}");
    }

    @Test
    void theLastOfSeveralMembersOfANameCounts() {
        assertThat(edited("{\"servers\": {}, \"servers\": {\"x\": 1}}", Outcome.ADDED))
                .startsWith("{\"servers\": {}, \"servers\": {\"x\": 1, \"pyro\"");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{",
                "[]",
                "3",
                "{\"servers\": []}",
                "{\"servers\": {\"pyro\": 1}}",
                "{} {}",
                "{\"a\": 01}",
                "{'a': 1}"
            })
    void whatIsNoSuchDocumentIsRefused(String document) {
        assertThatThrownBy(() -> edit(document)).isInstanceOf(JsonFormatException.class);
    }

    @Test
    void commentsAreRefusedWhereTheProgramTakesNone() {
        assertThatThrownBy(() -> new JsonText("{\n  // no\n}", false))
                .isInstanceOf(JsonFormatException.class)
                .hasMessageContaining("line 2");
    }

    @Test
    void aDocumentThatEndsTooEarlyIsNamedInPlainWords() {
        assertThatThrownBy(() -> new JsonText("{\"a\": {\n", true))
                .isInstanceOf(JsonFormatException.class)
                .hasMessage("line 2: Unexpected end-of-input: expected close marker for Object");
    }

    @Test
    void aDocumentOfTooManyValuesIsRefused() {
        String document = "{" + "\"a\":{},".repeat(400_000) + "\"b\":1}";
        assertThatThrownBy(() -> new JsonText(document, false)).isInstanceOf(JsonFormatException.class);
    }

    /** Whatever the document looks like, an edit yields one that says the same and that a second edit leaves alone. */
    @Test
    void anyDocumentSurvives() {
        for (int seed = 0; seed < 2000; seed++) {
            String document = RandomJson.document(new Random(seed));
            Result result = edit(document);
            Result again = edit(result.text());
            assertThat(again.outcome()).as("seed %s: %s", seed, document).isEqualTo(Outcome.UNCHANGED);
            assertThat(again.text()).isEqualTo(result.text());
            if (result.outcome() == Outcome.ADDED) {
                assertThat(RandomJson.comments(result.text())).isEqualTo(RandomJson.comments(document));
            }
        }
    }
}
