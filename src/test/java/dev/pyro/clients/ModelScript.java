package dev.pyro.clients;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pyro.json.JsonValue.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What a model does in one conversation: a list of tool calls, made one after another, each with a check of its result. Knows
 * no wire format.
 *
 * <p>The first thing that is not as the script says ends the conversation, and {@link #assertPlayed()} reports it. Safe for
 * use by several threads.
 */
final class ModelScript {
    private final Set<String> tools;
    private final List<Step> steps = new ArrayList<>();
    private int played;
    private int checked;
    private @Nullable Throwable failure;

    /** A script for a model that must be offered exactly these tools of our server, and no other tool. */
    ModelScript(Set<String> tools) {
        this.tools = new TreeSet<>(tools);
    }

    /** One call: its arguments may depend on what earlier results said, so they are made when its turn comes. */
    private record Step(String tool, Supplier<JsonObject> arguments, Consumer<Answer> check) {}

    /** What came back from a call. A protocol without a mark for failures leaves it out. */
    record Answer(String text, @Nullable Boolean isError) {}

    /** What the model does next. */
    sealed interface Turn {
        /** Calls a tool of our server. */
        record Call(String id, String tool, JsonObject arguments) implements Turn {}

        /** Says something, which ends the conversation. */
        record Say(String text) implements Turn {}
    }

    /** Appends a call. */
    ModelScript call(String tool, Supplier<JsonObject> arguments, Consumer<Answer> check) {
        steps.add(new Step(tool, arguments, check));
        return this;
    }

    /**
     * Returns the next turn of a conversation.
     *
     * @param offered our server's tools among those that the client offers, by our names
     * @param answers what all calls so far have given, in their order
     */
    synchronized Turn next(Set<String> offered, List<Answer> answers) {
        if (failure != null) {
            return new Turn.Say("The script has failed.");
        }
        try {
            assertThat(offered).as("the tools that the model is offered").isEqualTo(tools);
            assertThat(answers).as("the results that the client has sent").hasSize(played);
            if (played > 0) {
                Step last = steps.get(played - 1);
                last.check().accept(answers.getLast());
                checked = played;
            }
            if (played == steps.size()) {
                return new Turn.Say("All steps are done.");
            }
            Step step = steps.get(played);
            played++;
            return new Turn.Call("call_" + played, step.tool(), step.arguments().get());
        } catch (AssertionError | RuntimeException e) {
            failed(new AssertionError("after call " + played + " of " + steps.size() + calledLast(), e));
            return new Turn.Say("The script has failed.");
        }
    }

    /** Ends the conversation with a failure; the first one counts. */
    synchronized void failed(Throwable reason) {
        if (failure == null) {
            failure = reason;
        }
    }

    /** Fails unless every call was made and its result was as expected. */
    synchronized void assertPlayed() {
        if (failure != null) {
            throw new AssertionError("The conversation did not go as the script says.", failure);
        }
        assertThat(checked).as("calls made and checked").isEqualTo(steps.size());
    }

    private String calledLast() {
        return played == 0 ? "" : ", " + steps.get(played - 1).tool();
    }
}
