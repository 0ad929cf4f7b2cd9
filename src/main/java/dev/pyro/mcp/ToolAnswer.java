package dev.pyro.mcp;

import dev.pyro.json.JsonValue.JsonObject;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a tool's action comes to, before it is bounded. Immutable.
 *
 * @param payload the payload, that of the command of the same name under {@code --json}
 * @param output what the command wrote, which takes the place of the payload's {@code stdout} and {@code stderr}; null when there was no
 *     command
 * @param totals by a list's name, how many elements there are, where the payload holds but the first
 * @param newestLast whether the last elements of a long list are those to keep
 * @param advice by a member's name, how to get the rest of it when it has to be cut
 */
public record ToolAnswer(
        JsonObject payload,
        @Nullable CommandOutput output,
        Map<String, Integer> totals,
        boolean newestLast,
        Map<String, Advice> advice) {
    /** Says how to get the rest of something that was cut. */
    @FunctionalInterface
    public interface Advice {
        /**
         * Returns a sentence, with a concrete call in it.
         *
         * @param kept how much is there: bytes of a text, elements of a list
         */
        String text(long kept);
    }

    public ToolAnswer {
        totals = Map.copyOf(totals);
        advice = Map.copyOf(advice);
    }

    /** An answer that needs no advice. */
    static ToolAnswer of(JsonObject payload) {
        return new ToolAnswer(payload, null, Map.of(), false, Map.of());
    }

    ToolAnswer withOutput(CommandOutput captured) {
        return new ToolAnswer(payload, captured, totals, newestLast, advice);
    }

    ToolAnswer withNewestLast() {
        return new ToolAnswer(payload, output, totals, true, advice);
    }

    ToolAnswer withAdvice(String member, Advice text) {
        Map<String, Advice> more = new LinkedHashMap<>(advice);
        more.put(member, text);
        return new ToolAnswer(payload, output, totals, newestLast, more);
    }

    /** Says how long a list is of which the payload holds the first {@link ResultBounds#MAX_ELEMENTS} elements. */
    ToolAnswer withTotal(String member, int total) {
        return new ToolAnswer(payload, output, Map.of(member, total), newestLast, advice);
    }
}
