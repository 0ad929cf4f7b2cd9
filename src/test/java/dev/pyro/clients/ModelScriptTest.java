package dev.pyro.clients;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pyro.clients.ModelScript.Answer;
import dev.pyro.clients.ModelScript.Turn;
import dev.pyro.json.JsonValue.JsonObject;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** A script that let anything pass would test nothing. */
class ModelScriptTest {
    private static final Set<String> TOOLS = Set.of("read", "write");
    private static final JsonObject NOTHING = JsonObject.builder().build();

    private final ModelScript script = new ModelScript(TOOLS)
            .call("write", () -> NOTHING, answer -> assertThat(answer.text()).isEqualTo("written"))
            .call("read", () -> NOTHING, answer -> assertThat(answer.text()).isEqualTo("read"));

    @Test
    void playsItsCallsInTheirOrder() {
        assertThat(script.next(TOOLS, List.of())).isEqualTo(new Turn.Call("call_1", "write", NOTHING));
        assertThat(script.next(TOOLS, answers("written"))).isEqualTo(new Turn.Call("call_2", "read", NOTHING));
        assertThat(script.next(TOOLS, answers("written", "read"))).isInstanceOf(Turn.Say.class);
        script.assertPlayed();
    }

    @Test
    void anUnfinishedConversationFails() {
        assertThatThrownBy(script::assertPlayed).isInstanceOf(AssertionError.class);
        script.next(TOOLS, List.of());
        script.next(TOOLS, answers("written"));
        assertThatThrownBy(script::assertPlayed).isInstanceOf(AssertionError.class);
    }

    @Test
    void anUnexpectedResultEndsTheConversation() {
        script.next(TOOLS, List.of());
        assertThat(script.next(TOOLS, answers("refused"))).isInstanceOf(Turn.Say.class);
        assertThat(script.next(TOOLS, answers("written"))).isInstanceOf(Turn.Say.class);
        assertThatThrownBy(script::assertPlayed).hasStackTraceContaining("refused");
    }

    @Test
    void otherToolsEndTheConversation() {
        assertThat(script.next(Set.of("read", "write", "shell"), List.of())).isInstanceOf(Turn.Say.class);
        assertThatThrownBy(script::assertPlayed).hasStackTraceContaining("shell");
    }

    @Test
    void aResultThatIsMissingEndsTheConversation() {
        script.next(TOOLS, List.of());
        script.next(TOOLS, List.of());
        assertThatThrownBy(script::assertPlayed).hasStackTraceContaining("results that the client has sent");
    }

    private static List<Answer> answers(String... texts) {
        return List.of(texts).stream().map(text -> new Answer(text, null)).toList();
    }
}
