package dev.pyro.clients;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pyro.clients.ModelScript.Answer;
import dev.pyro.json.Json;
import dev.pyro.json.JsonFormatException;
import dev.pyro.json.JsonReader;
import dev.pyro.json.JsonValue;
import dev.pyro.json.JsonValue.JsonObject;
import java.util.Set;
import java.util.function.Consumer;

/**
 * What every agent's model does with a workspace: it creates one, writes a file, works on it in the guest, makes a mistake, asks
 * for the differences and deletes the workspace.
 */
final class WorkspaceStory {
    private static final String TEXT = "Written by a model: “ü” \\ \"x\"\n";

    private String workspaceId = "";

    private WorkspaceStory() {}

    /** Returns the script of a model that is offered these tools. */
    static ModelScript script(Set<String> tools) {
        return new WorkspaceStory().tell(new ModelScript(tools));
    }

    private ModelScript tell(ModelScript script) {
        return script.call(
                        "workspace_create",
                        () -> JsonObject.builder()
                                .put("environment", AgentFixture.ENVIRONMENT)
                                .put("name", "a model's")
                                .build(),
                        ok(created -> {
                            workspaceId = created.string("workspace_id");
                            assertThat(created.string("state")).isEqualTo("started");
                            assertThat(created.string("execution_mode")).isEqualTo("guest_virtio");
                        }))
                .call(
                        "workspace_file_write",
                        () -> inWorkspace()
                                .put("path", "notes.txt")
                                .put("text", TEXT)
                                .build(),
                        ok(written -> assertThat(written.string("path")).isEqualTo("/workspace/notes.txt")))
                .call(
                        "workspace_exec",
                        () -> inWorkspace()
                                .put("command", "cat notes.txt; echo appended >>notes.txt; echo trouble >&2; exit 3")
                                .build(),
                        ok(ran -> {
                            assertThat(ran.integer("exit_code")).isEqualTo(3);
                            assertThat(ran.string("stdout")).isEqualTo(TEXT);
                            assertThat(ran.string("stderr")).isEqualTo("trouble\n");
                        }))
                .call(
                        "workspace_file_read",
                        () -> inWorkspace().put("path", "missing.txt").build(),
                        WorkspaceStory::fails)
                .call("workspace_diff", () -> inWorkspace().build(), ok(diff -> {
                    assertThat(diff.object("summary").integer("added")).isEqualTo(1);
                    assertThat(diff.string("patch")).contains("+++ b/notes.txt\n", "+" + TEXT + "+appended\n");
                }))
                .call(
                        "workspace_delete",
                        () -> inWorkspace().build(),
                        ok(deleted -> assertThat(deleted.bool("deleted")).isTrue()));
    }

    private JsonValue.Builder inWorkspace() {
        return JsonObject.builder().put("workspace_id", workspaceId);
    }

    private static Consumer<Answer> ok(Consumer<JsonReader> check) {
        return answer -> {
            assertThat(answer.isError()).as(answer.text()).isNotEqualTo(true);
            check.accept(payload(answer));
        };
    }

    /** Returns the payload that a client has given its model. */
    static JsonReader payload(Answer answer) {
        try {
            // Notes for the model may follow; they stand in the payload, too.
            return Json.parseObject(answer.text().lines().findFirst().orElse(""));
        } catch (JsonFormatException e) {
            throw new AssertionError("the client's answer is no payload of ours: " + answer.text(), e);
        }
    }

    private static void fails(Answer answer) {
        assertThat(answer.isError()).isNotEqualTo(false);
        assertThat(answer.text()).contains("missing.txt", "NOT_FOUND");
    }
}
