package dev.pyro.mcp;

import dev.pyro.json.JsonValue;
import dev.pyro.json.JsonValue.JsonArray;
import dev.pyro.json.JsonValue.JsonBoolean;
import dev.pyro.json.JsonValue.JsonObject;
import dev.pyro.json.JsonValue.JsonString;
import dev.pyro.model.OutputListener.Stream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * Keeps results at a size that clients take. Claude Code refuses what it counts as more than 25,000 tokens, and looks closely at half of
 * that; a token is about four bytes of JSON, in some scripts two. Stateless.
 */
final class ResultBounds {
    /** How many bytes of UTF-8 the whole content of a result takes at most. */
    static final int MAX_CONTENT_BYTES = 40_000;

    /** More elements of a list than fit, whatever they are: no payload needs to hold more. */
    static final int MAX_ELEMENTS = MAX_CONTENT_BYTES / 20;

    /** How much text fits into a result with some room to spare. */
    static final int COMFORTABLE_BYTES = 30_000;

    /** As much again is left for the names of what was cut. */
    private static final int MAX_NOTES_BYTES = 1_700;

    private static final int MAX_PAYLOAD_BYTES = MAX_CONTENT_BYTES - 2 * MAX_NOTES_BYTES;

    /** What all but the output of a command may take: it holds the command, which can be long. */
    private static final int MAX_FRAME_BYTES = MAX_PAYLOAD_BYTES / 4;

    private static final int MAX_MESSAGE_BYTES = 8_000;

    private ResultBounds() {}

    /** Returns how much of a text file it is worth to read. */
    static int worthReading(int maxBytes) {
        return Math.min(maxBytes, MAX_CONTENT_BYTES);
    }

    /** Returns how many bytes of text fit into a payload whose other members take so many. */
    static long roomBeside(long otherBytes) {
        return MAX_PAYLOAD_BYTES - otherBytes;
    }

    /** Returns a message that is not too long. */
    static String message(String text) {
        return Excerpt.of(text).cut(MAX_MESSAGE_BYTES).text();
    }

    static ToolResult bound(ToolAnswer answer) {
        Shrinker shrinker = new Shrinker(answer.newestLast(), answer.totals());
        CommandOutput output = answer.output();
        JsonObject payload;
        if (output == null) {
            payload = shrinker.shrink(answer.payload(), MAX_PAYLOAD_BYTES);
        } else {
            JsonObject frame = shrinker.shrink(answer.payload(), MAX_FRAME_BYTES);
            payload = withOutput(frame, output, MAX_PAYLOAD_BYTES - JsonSize.of(frame), shrinker);
        }
        List<Shrinker.Cut> cuts = shrinker.cuts();
        if (cuts.isEmpty()) {
            return new ToolResult(payload, false);
        }
        Map<String, JsonValue> members = new TreeMap<>(payload.members());
        members.put("result_truncated", new JsonBoolean(true));
        members.put(
                "truncated_fields",
                JsonArray.ofStrings(
                        cuts.stream().map(Shrinker.Cut::path).distinct().toList()));
        members.put("notes", JsonArray.ofStrings(notes(cuts, answer.advice())));
        return new ToolResult(new JsonObject(members), false);
    }

    /** Both streams share the room; what one does not need the other gets. */
    private static JsonObject withOutput(JsonObject frame, CommandOutput output, long room, Shrinker shrinker) {
        Map<String, JsonValue> members = new TreeMap<>(frame.members());
        long share = Shrinker.level(
                Arrays.stream(Stream.values())
                        .map(stream -> output.excerpt(stream).size())
                        .toList(),
                room);
        for (Stream stream : Stream.values()) {
            String name = stream.name().toLowerCase(Locale.ROOT);
            Excerpt cut = output.excerpt(stream).cut(share);
            members.put(name, new JsonString(cut.text()));
            members.put(name + "_truncated", new JsonBoolean(cut.missingBytes() > 0));
            if (cut.missingBytes() > 0) {
                shrinker.leftOut(name, cut.missingBytes());
            }
        }
        return new JsonObject(members);
    }

    private static List<String> notes(List<Shrinker.Cut> cuts, Map<String, ToolAnswer.Advice> advice) {
        List<String> notes = new ArrayList<>();
        String lastAdvice = "";
        long room = MAX_NOTES_BYTES;
        for (Shrinker.Cut cut : cuts) {
            ToolAnswer.Advice wanted = advice.get(cut.path());
            String what = cut.words();
            String how = wanted == null ? "" : wanted.text(cut.kept());
            String note = how.isEmpty() || how.equals(lastAdvice) ? what : what + " " + how;
            lastAdvice = how;
            room -= JsonSize.ofText(note) + 3;
            if (room >= 0) {
                notes.add(note);
            }
        }
        return notes;
    }
}
