package dev.pyro.mcp.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pyro.json.JsonEdit;
import dev.pyro.json.JsonEdit.Member;
import dev.pyro.json.JsonEdit.Outcome;
import dev.pyro.json.JsonEdit.Result;
import dev.pyro.json.JsonValue.JsonArray;
import dev.pyro.json.JsonValue.JsonLong;
import dev.pyro.json.JsonValue.JsonObject;
import dev.pyro.json.JsonValue.JsonString;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TomlTextTest {
    private static final List<String> PATH = List.of("mcp_servers", "pyro");
    private static final Member COMMAND = new Member("command", new JsonString("/opt/\"py\\ro"));
    private static final Member ARGS = new Member("args", JsonArray.ofStrings(List.of("mcp", "serve")));
    private static final Member ENV =
            new Member("env", JsonObject.builder().put("A", "1").build());
    private static final JsonEdit EDIT = new JsonEdit(
            List.of(COMMAND, ARGS),
            List.of(new Member("tool_timeout_sec", new JsonLong(600))),
            Set.of("url", "headers"));
    private static final String TABLE = """
            [mcp_servers.pyro]
            command = "/opt/\\"py\\\\ro"
            args = ["mcp", "serve"]
            tool_timeout_sec = 600
            """;

    private static String edited(String document, JsonEdit edit, Outcome outcome) {
        Result result = new TomlText(document).edit(PATH, edit);
        assertThat(result.outcome()).isEqualTo(outcome);
        Result again = new TomlText(result.text()).edit(PATH, edit);
        assertThat(again.outcome()).isEqualTo(Outcome.UNCHANGED);
        assertThat(again.text()).isEqualTo(result.text());
        return result.text();
    }

    @Test
    void aNewTableComesLast() {
        assertThat(edited("", EDIT, Outcome.ADDED)).isEqualTo(TABLE);
        String before = """
                # mine
                model = "gpt" # why
                date = 1979-05-27 07:32:00Z
                text = \"\"\"
                [mcp_servers.pyro]
                \"\"\"
                path = 'C:\\[x]'
                list = [ 1_000, 0xff, # one
                  { a.b = "]", c = [] }, ]

                [mcp_servers.other]
                command = "x"
                [mcp_servers.other.env]
                "odd key" = "#"
                [[profiles]]
                name = "a"
                """;
        assertThat(edited(before, EDIT, Outcome.ADDED)).isEqualTo(before + "\n" + TABLE);
        assertThat(edited("a = 1\r\n", EDIT, Outcome.ADDED))
                .startsWith("a = 1\r\n\r\n[mcp_servers.pyro]\r\ncommand")
                .endsWith("600\r\n");
    }

    @Test
    void anExistingTableKeepsWhatNobodyNamed() {
        assertThat(edited("""
                        [mcp_servers . "pyro"] # ours
                        url = "http://old"
                        command = 'old' # stays
                        enabled = false
                        tool_timeout_sec = 5

                        [mcp_servers.pyro.headers]
                        X = "y"

                        # about the next
                        [other]
                        a = 1""", EDIT, Outcome.UPDATED)).isEqualTo("""
                        [mcp_servers . "pyro"] # ours
                        command = "/opt/\\"py\\\\ro" # stays
                        enabled = false
                        tool_timeout_sec = 5
                        args = ["mcp", "serve"]


                        # about the next
                        [other]
                        a = 1""");
    }

    @Test
    void ofVariablesOnlyTheNamedOnesAreSet() {
        JsonEdit edit = new JsonEdit(List.of(ENV), List.of(), Set.of());
        assertThat(edited("[mcp_servers.pyro]\nenv = { B = \"2\", A = '0' } # c\n", edit, Outcome.UPDATED))
                .isEqualTo("[mcp_servers.pyro]\nenv = { A = \"1\", B = \"2\" } # c\n");
        assertThat(edited("[mcp_servers.pyro]\n[mcp_servers.pyro.env]\nB = \"2\"\n[z]\n", edit, Outcome.UPDATED))
                .isEqualTo("[mcp_servers.pyro]\n[mcp_servers.pyro.env]\nB = \"2\"\nA = \"1\"\n[z]\n");
        assertThat(edited("[mcp_servers.pyro]", edit, Outcome.UPDATED))
                .isEqualTo("[mcp_servers.pyro]\nenv = { A = \"1\" }");
    }

    @Test
    void aLastLineThatGoesMakesRoomForTheNewOnes() {
        assertThat(edited("[mcp_servers.pyro]\nurl = \"x\"\n[z]\n", EDIT, Outcome.UPDATED))
                .isEqualTo(TABLE + "[z]\n");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "mcp_servers.pyro.command = \"x\"",
                "mcp_servers = { pyro = { command = \"x\" } }",
                "mcp_servers = {}",
                "mcp_servers = 3",
                "mcp_servers = [ ]",
                "[mcp_servers]\npyro = { command = \"x\" }",
                "[mcp_servers]\npyro.command = \"x\"",
                "[[mcp_servers.pyro]]\ncommand = \"x\"",
                "[mcp_servers.pyro]\n[mcp_servers.pyro]",
                "[mcp_servers.pyro]\nargs.x = 1",
            })
    void aTableInAnotherFormIsRefused(String document) {
        assertThatThrownBy(() -> new TomlText(document).edit(PATH, EDIT)).isInstanceOf(ConfigFormatException.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a",
                "a =",
                "a = b",
                "a = 1 2",
                "= 1",
                "[a",
                "[a]]",
                "a = \"x",
                "a = 'x\n'",
                "a = \"\"\"x",
                "a = [1",
                "a = [1 2]",
                "a = { b = 1",
                "a = \"\\q\"",
                "a = \"\\ud800x",
                "a = 01",
                "{}",
                "a = 1]",
                "a. = 1",
                "a = -",
                "[a]b = 1"
            })
    void whatIsNoTomlIsRefusedWithItsLine(String document) {
        assertThatThrownBy(() -> new TomlText("# one\n" + document))
                .isInstanceOf(ConfigFormatException.class)
                .hasMessageMatching("line \\d+: .+");
    }

    @Test
    void deepNestingIsRefusedAndNotFollowed() {
        assertThatThrownBy(() -> new TomlText("a = " + "[".repeat(100_000))).hasMessageContaining("deeply");
    }
}
