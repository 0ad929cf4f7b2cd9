package dev.pyro.mcp;

import dev.pyro.json.JsonValue;
import dev.pyro.json.JsonValue.JsonArray;
import dev.pyro.json.JsonValue.JsonBoolean;
import dev.pyro.json.JsonValue.JsonObject;
import dev.pyro.json.JsonValue.JsonString;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Cuts a payload to a size and remembers what it cut. All members of an object stay, so that the payload still fits its schema: what is
 * small stays whole, and what is large shares the rest. Of a list there remain as many elements as fit. For one result.
 */
final class Shrinker {
    /** Objects whose members are data, not fields: of these there remain as many as fit. */
    private static final Set<String> MAPS = Set.of("labels", "metadata");

    /** Texts of which the end says more than the beginning. */
    private static final Set<String> OUTPUTS = Set.of("stdout", "stderr");

    /** Texts that must not have a mark at their end, since somebody may use them as they are. */
    private static final Set<String> VERBATIM = Set.of("content", "patch", "output");

    /** The most that one element of a list may take, as a part of the list. */
    private static final int ELEMENT_SHARE = 8;

    private static final String MARK = "…";

    private final boolean newestLast;
    private final Map<String, Integer> totals;
    private final Map<String, Cut> cuts = new LinkedHashMap<>();

    /**
     * Makes one for a result.
     *
     * @param newestLast whether the last elements of a list are those to keep
     * @param totals how long lists are of which the payload does not hold all
     */
    Shrinker(boolean newestLast, Map<String, Integer> totals) {
        this.newestLast = newestLast;
        this.totals = totals;
    }

    /**
     * Something that was cut.
     *
     * @param path its name; in the elements of a list {@code list[].name}
     * @param kept how much is there: bytes of a text, elements of a list
     * @param words a sentence about it
     */
    record Cut(String path, long kept, String words) {}

    /** Returns what was cut, each path once. */
    List<Cut> cuts() {
        return List.copyOf(cuts.values());
    }

    /** Remembers that so many bytes were left out of a text's middle. */
    void leftOut(String path, long bytes) {
        cuts.put(path, new Cut(path, 0, bytes + " bytes are left out of " + path + ", where it says so."));
    }

    /** Returns the object in at most so many bytes of JSON. */
    JsonObject shrink(JsonObject payload, long room) {
        return JsonSize.of(payload) <= room ? payload : object(payload, "", room);
    }

    /** Returns how much each of several sizes may take at most so that all of them together fit. */
    static long level(List<Long> sizes, long room) {
        long left = room;
        List<Long> sorted = sizes.stream().sorted().toList();
        for (int i = 0; i < sorted.size(); i++) {
            long share = left / (sorted.size() - i);
            if (sorted.get(i) > share) {
                return share;
            }
            left -= sorted.get(i);
        }
        return room;
    }

    private JsonValue value(JsonValue value, String path, String name, long room) {
        if (JsonSize.of(value) <= room) {
            return value;
        }
        return switch (value) {
            case JsonObject object -> MAPS.contains(name) ? map(object, path, room) : object(object, path, room);
            case JsonArray(List<JsonValue> elements) -> array(elements, path, name, room);
            case JsonString(String text) -> text(text, path, name, room - 2);
            default -> value;
        };
    }

    private JsonObject object(JsonObject object, String path, long room) {
        long share = level(
                object.members().entrySet().stream()
                        .map(member -> JsonSize.ofMember(member.getKey(), member.getValue()))
                        .toList(),
                room - 2);
        Map<String, JsonValue> members = new TreeMap<>();
        object.members().forEach((name, value) -> {
            long names = JsonSize.ofMember(name, value) - JsonSize.of(value);
            members.put(name, value(value, path.isEmpty() ? name : path + "." + name, name, share - names));
        });
        object.members().forEach((name, value) -> {
            if (!value.equals(members.get(name))) {
                members.computeIfPresent(flag(name, object), (_, _) -> new JsonBoolean(true));
            }
        });
        return new JsonObject(members);
    }

    /** Returns the member that says whether another one is cut. */
    private static String flag(String name, JsonObject object) {
        boolean one = name.equals("content")
                || (OUTPUTS.contains(name) && !object.members().containsKey(name + "_truncated"));
        return one ? "truncated" : name + "_truncated";
    }

    private JsonObject map(JsonObject object, String path, long room) {
        Map<String, JsonValue> members = new TreeMap<>();
        long left = room - 2;
        for (Map.Entry<String, JsonValue> member : object.members().entrySet()) {
            left -= JsonSize.ofMember(member.getKey(), member.getValue());
            if (left < 0) {
                break;
            }
            members.put(member.getKey(), member.getValue());
        }
        cuts.put(path, elements(path, members.size(), object.members().size(), "first"));
        return new JsonObject(members);
    }

    private JsonArray array(List<JsonValue> elements, String path, String name, long room) {
        List<JsonValue> kept = new ArrayList<>();
        long left = room - 2;
        List<JsonValue> order = newestLast ? elements.reversed() : elements;
        for (JsonValue element : order) {
            JsonValue shorter = value(element, path + "[]", name, room / ELEMENT_SHARE);
            left -= JsonSize.of(shorter) + 1;
            if (left < 0) {
                break;
            }
            kept.add(shorter);
        }
        if (kept.size() < elements.size()) {
            cuts.put(
                    path,
                    elements(
                            path,
                            kept.size(),
                            totals.getOrDefault(path, elements.size()),
                            newestLast ? "newest" : "first"));
        }
        return new JsonArray(newestLast ? kept.reversed() : kept);
    }

    private static Cut elements(String path, long kept, long all, String which) {
        return new Cut(path, kept, path + " holds only the " + which + " " + kept + " of " + all + ".");
    }

    private JsonString text(String text, String path, String name, long room) {
        if (OUTPUTS.contains(name) && newestLast && path.equals(name)) {
            String kept = Excerpt.ending(text, room);
            long bytes = JsonSize.utf8(kept);
            cuts.put(path, new Cut(path, bytes, path + " holds only its last " + bytes + " bytes."));
            return new JsonString(kept);
        }
        if (OUTPUTS.contains(name)) {
            Excerpt cut = Excerpt.of(text).cut(room);
            cuts.put(
                    path, new Cut(path, 0, "Of long texts in " + path + " the middle is left out, where they say so."));
            return new JsonString(cut.text());
        }
        boolean verbatim = VERBATIM.contains(name);
        String kept = Excerpt.prefix(text, Math.max(0, verbatim ? room : room - JsonSize.ofText(MARK)));
        long bytes = JsonSize.utf8(kept);
        cuts.put(
                path,
                new Cut(
                        path,
                        bytes,
                        path.contains("[]")
                                ? "Long texts in " + path + " hold only their beginning, and end in " + MARK + "."
                                : path + " holds only its first " + bytes + " bytes."));
        return new JsonString(verbatim ? kept : kept + MARK);
    }
}
