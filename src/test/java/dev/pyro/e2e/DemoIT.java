package dev.pyro.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pyro.demo.ScriptedModel;
import dev.pyro.demo.ScriptedModel.Request;
import dev.pyro.e2e.PyroLauncher.Outcome;
import dev.pyro.json.Json;
import dev.pyro.json.JsonReader;
import dev.pyro.json.JsonValue.JsonObject;
import dev.pyro.json.JsonValue.JsonString;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code pyro demo} and {@code pyro demo ollama}, the latter with a model that follows a script. */
class DemoIT {
    private static final String GIT = "\"git --version\"";
    private static final JsonString GOOD_CALL =
            new JsonString("{\"environment\": \"debian:12\", \"command\": " + GIT + "}");

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

    private Outcome ask(ScriptedModel model, String... more) {
        pyro.with("PYRO_BACKEND", "namespace");
        List<String> arguments =
                new ArrayList<>(List.of("demo", "ollama", "--allow-host-compat", "--base-url", model.baseUrl()));
        arguments.addAll(List.of(more));
        return pyro.run(arguments.toArray(String[]::new));
    }

    private Outcome askWithARealGuest(ScriptedModel model, String... more) {
        List<String> arguments = new ArrayList<>(List.of("demo", "ollama", "--base-url", model.baseUrl()));
        arguments.addAll(List.of(more));
        return pyro.run(arguments.toArray(String[]::new));
    }

    @Test
    void theDemonstrationIsOneDocumentOfARealGuest() {
        Outcome outcome = pyro.run("demo");
        assertThat(outcome.exitCode()).as(outcome.stderr()).isZero();
        JsonReader payload = Json.parseObject(outcome.stdout());
        assertThat(payload.string("stdout")).startsWith("git version ");
        assertThat(payload.integer("exit_code")).isZero();
        assertThat(payload.string("execution_mode")).isEqualTo("guest_virtio");
        assertThat(payload.object("cleanup").bool("deleted")).isTrue();
        assertThat(payload.bool("network_enabled")).isFalse();
        assertThat(payload.find("outbound")).isEmpty();
        assertThat(outcome.stderr())
                .contains("[demo] phase=create environment=debian:12", "[demo] phase=execute vm_id=");
    }

    @Test
    void withANetworkItTellsWhetherTheOutsideWasReached() {
        Outcome outcome = pyro.run("demo", "--network");
        assertThat(outcome.exitCode()).as(outcome.stderr()).isZero();
        JsonReader payload = Json.parseObject(outcome.stdout());
        assertThat(payload.bool("network_enabled")).isTrue();
        JsonReader outbound = payload.object("outbound");
        if (outbound.bool("reached")) {
            assertThat(outbound.string("http_status")).isEqualTo("200");
        } else {
            assertThat(outbound.string("detail")).startsWith("curl: ");
        }
    }

    @Test
    void aModelsCallIsMadeAndItsResultGoesBack() throws IOException {
        try (ScriptedModel model = new ScriptedModel(
                ScriptedModel.calls("call_7", "vm_run", GOOD_CALL), ScriptedModel.says("It is \u001b[31mgit 2."))) {
            Outcome outcome = askWithARealGuest(model, "--model", "tiny", "-v");
            assertThat(outcome.exitCode()).as(outcome.stderr()).isZero();
            List<String> lines = outcome.stdout().lines().toList();
            assertThat(lines)
                    .startsWith("[model] asking tiny at " + model.baseUrl())
                    .contains("[model] It is \\u001b[31mgit 2.");
            assertThat(lines.get(lines.size() - 2))
                    .isEqualTo("[summary] exit_code=0 fallback_used=false execution_mode=guest_virtio");
            assertThat(lines.getLast()).startsWith("[summary] stdout=git version ");

            assertThat(model.requests()).hasSize(2).allSatisfy(DemoIT::isWellFormed);
            List<JsonReader> talk = model.requests().getLast().messages();
            assertThat(talk)
                    .extracting(message -> message.string("role"))
                    .containsExactly("system", "user", "assistant", "tool");
            assertThat(talk.getLast().string("tool_call_id")).isEqualTo("call_7");
            JsonReader result = Json.parseObject(talk.getLast().string("content"));
            assertThat(result.string("stdout")).startsWith("git version ");
            assertThat(result.object("cleanup").bool("deleted")).isTrue();
        }
    }

    private static void isWellFormed(Request request) {
        assertThat(request.body().string("model")).isEqualTo("tiny");
        assertThat(request.body().bool("stream")).isFalse();
        assertThat(request.body().array("tools")).hasSize(1);
        JsonReader tool =
                new JsonReader((JsonObject) request.body().array("tools").getFirst());
        assertThat(tool.string("type")).isEqualTo("function");
        assertThat(tool.object("function").string("name")).isEqualTo("vm_run");
        assertThat(tool.object("function").string("description")).isNotBlank();
        JsonReader schema = tool.object("function").object("parameters");
        assertThat(schema.string("type")).isEqualTo("object");
        assertThat(schema.strings("required")).containsExactlyInAnyOrder("environment", "command");
    }

    @Test
    void aBrokenCallIsToldToTheModelWhichMayMendIt() throws IOException {
        try (ScriptedModel model = new ScriptedModel(
                ScriptedModel.calls("a", "vm_run", new JsonString("{\"environment\": ")),
                ScriptedModel.calls("b", "rm_rf", GOOD_CALL),
                ScriptedModel.calls(
                        "c", "vm_run", JsonObject.builder().put("command", 7).build()),
                ScriptedModel.calls("d", "vm_run", GOOD_CALL),
                ScriptedModel.says("done"))) {
            Outcome outcome = ask(model);
            assertThat(outcome.exitCode()).as(outcome.stderr()).isZero();
            assertThat(outcome.stdout())
                    .contains("[summary] exit_code=0 fallback_used=false")
                    .doesNotContain("stdout=");
            List<String> answers = model.requests().getLast().messages().stream()
                    .filter(message -> message.string("role").equals("tool"))
                    .map(message -> message.string("content"))
                    .toList();
            assertThat(answers).hasSize(4);
            assertThat(answers.get(0)).contains("no JSON object");
            assertThat(answers.get(1)).contains("INVALID_ARGUMENT", "rm_rf");
            assertThat(answers.get(2)).contains("INVALID_ARGUMENT");
            assertThat(answers.get(3)).contains("git version");
        }
    }

    @Test
    void aModelThatCallsNothingIsStoodInFor() throws IOException {
        try (ScriptedModel model = new ScriptedModel(ScriptedModel.says("git version 99, I am sure."))) {
            Outcome outcome = ask(model, "--verbose");
            assertThat(outcome.exitCode()).as(outcome.stderr()).isZero();
            assertThat(outcome.stdout())
                    .contains("[fallback] ", "[summary] exit_code=0 fallback_used=true execution_mode=host_compat")
                    .contains("[summary] stdout=git version 2");
        }
    }

    @Test
    void aModelThatNeverEndsIsLeft() throws IOException {
        ScriptedModel.Answer[] calls = new ScriptedModel.Answer[20];
        Arrays.fill(calls, ScriptedModel.calls("x", "nothing", GOOD_CALL));
        try (ScriptedModel model = new ScriptedModel(calls)) {
            Outcome outcome = ask(model);
            assertThat(outcome.stdout()).contains("fallback_used=true");
            assertThat(model.requests()).hasSizeLessThan(10);
        }
    }

    @Test
    void aServerThatCannotBeUsedIsOneMessage() throws IOException {
        try (ScriptedModel model = new ScriptedModel(
                ScriptedModel.status(404, "{\"error\": \"model not found\"}"),
                ScriptedModel.body("application/json", "{\"choices\": []}"))) {
            Outcome unknown = ask(model);
            assertThat(unknown.exitCode()).isEqualTo(1);
            assertThat(unknown.stderr())
                    .startsWith("[error] ")
                    .contains("ollama pull llama3.2:3b")
                    .hasLineCount(1);
            Outcome other = ask(model);
            assertThat(other.exitCode()).isEqualTo(1);
            assertThat(other.stderr())
                    .startsWith("[error] ")
                    .contains("no chat completion")
                    .hasLineCount(1);
        }
    }
}
