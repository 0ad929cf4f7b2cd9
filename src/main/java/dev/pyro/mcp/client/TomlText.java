package dev.pyro.mcp.client;

import dev.pyro.json.Json;
import dev.pyro.json.JsonEdit;
import dev.pyro.json.JsonEdit.Member;
import dev.pyro.json.JsonEdit.Outcome;
import dev.pyro.json.JsonEdit.Result;
import dev.pyro.json.JsonValue;
import dev.pyro.json.JsonValue.JsonArray;
import dev.pyro.json.JsonValue.JsonObject;
import dev.pyro.json.JsonValue.JsonString;
import dev.pyro.mcp.client.TomlReader.Entry;
import dev.pyro.mcp.client.TomlReader.Table;
import dev.pyro.mcp.client.TomlReader.Value;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The text of a TOML document that somebody else wrote. An edit changes the keys of one table and keeps the rest to the letter.
 * Immutable.
 */
final class TomlText {
    private static final int LONGEST_BARE_KEY = 200;

    private final String text;
    private final List<Table> tables;
    private final String newline;

    /** @throws ConfigFormatException when it is no TOML, with the line */
    TomlText(String text) {
        this.text = text;
        tables = new TomlReader(text).read();
        newline = text.contains("\r\n") ? "\r\n" : "\n";
    }

    /** Puts other characters into a place. */
    private record Splice(int start, int end, String replacement) {}

    /**
     * Makes the table at this path what an edit says.
     *
     * @throws ConfigFormatException when the document has that table in another form than under a header of its own
     */
    Result edit(List<String> path, JsonEdit edit) {
        List<Table> named =
                tables.stream().filter(table -> table.path().equals(path)).toList();
        if (named.size() > 1 || named.stream().anyMatch(Table::array)) {
            throw new ConfigFormatException("[" + dotted(path) + "] is there more than once");
        }
        if (named.isEmpty()) {
            refuseOtherForms(path);
            String before = text.isBlank() ? "" : text.stripTrailing() + newline + newline;
            return new Result(before + table(path, edit), Outcome.ADDED);
        }
        List<Splice> splices = splices(named.getFirst(), path, edit);
        return splices.isEmpty() ? new Result(text, Outcome.UNCHANGED) : new Result(apply(splices), Outcome.UPDATED);
    }

    /** The same table may be written as keys of the tables above it, where no header can follow. */
    private void refuseOtherForms(List<String> path) {
        for (Table table : tables) {
            for (Entry entry : table.entries()) {
                List<String> full = Stream.concat(table.path().stream(), entry.key().stream())
                        .toList();
                int shared = Math.min(full.size(), path.size());
                // A longer one sets the table's own keys; at a shorter one, a table can no longer be added.
                if (!table.array() && full.subList(0, shared).equals(path.subList(0, shared))) {
                    throw new ConfigFormatException(
                            "it sets \"" + dotted(full) + "\" without a table [" + dotted(path) + "] of its own");
                }
            }
        }
    }

    private List<Splice> splices(Table table, List<String> path, JsonEdit edit) {
        List<Splice> splices = new ArrayList<>();
        List<Member> missing = new ArrayList<>();
        for (Member member : edit.members()) {
            List<String> below =
                    Stream.concat(path.stream(), Stream.of(member.name())).toList();
            Optional<Table> subtable =
                    tables.stream().filter(other -> other.path().equals(below)).findFirst();
            if (member.value() instanceof JsonObject object && subtable.isPresent()) {
                splices.addAll(splices(subtable.get(), below, ofMembers(object)));
                continue;
            }
            Optional<Entry> entry = find(table, member.name());
            if (entry.isEmpty()) {
                missing.add(member);
            } else if (!isSame(entry.get().value(), member.value())) {
                Value value = entry.get().value();
                splices.add(new Splice(value.start(), value.end(), merged(value, member.value())));
            }
        }
        edit.defaults().stream()
                .filter(member -> find(table, member.name()).isEmpty())
                .forEach(missing::add);
        for (Entry entry : table.entries()) {
            if (edit.dropped().contains(entry.key().getFirst())) {
                splices.add(lines(entry.start(), entry.value().end()));
            }
        }
        tables.stream()
                .filter(other -> other.path().size() > path.size()
                        && other.path().subList(0, path.size()).equals(path)
                        && edit.dropped().contains(other.path().get(path.size())))
                .forEach(other -> splices.add(lines(other.start(), lastEnd(other))));
        if (!missing.isEmpty()) {
            int end = lineEnd(lastEnd(table));
            splices.add(new Splice(
                    end,
                    end,
                    missing.stream().map(member -> newline + line(member)).collect(Collectors.joining())));
        }
        return splices;
    }

    private Optional<Entry> find(Table table, String name) {
        Optional<Entry> found = table.entries().stream()
                .filter(entry -> entry.key().getFirst().equals(name))
                .findFirst();
        if (found.isPresent() && found.get().key().size() > 1) {
            throw new ConfigFormatException(
                    "it sets \"" + dotted(found.get().key()) + "\" in [" + dotted(table.path()) + "] part by part");
        }
        return found;
    }

    private static boolean isSame(Value value, JsonValue wanted) {
        if (wanted instanceof JsonObject object && value.members() != null) {
            return object.members().entrySet().stream()
                    .allMatch(member -> value.members().stream()
                            .anyMatch(entry -> entry.key().equals(List.of(member.getKey()))
                                    && isSame(entry.value(), member.getValue())));
        }
        return value.value().equals(wanted);
    }

    /** Returns a value's text, with what an inline table has besides. */
    private String merged(Value value, JsonValue wanted) {
        if (!(wanted instanceof JsonObject object) || value.members() == null) {
            return rendered(wanted);
        }
        Stream<String> ours = object.members().entrySet().stream()
                .map(member -> key(member.getKey()) + " = " + rendered(member.getValue()));
        Stream<String> others = value.members().stream()
                .filter(entry -> !object.members().containsKey(entry.key().getFirst()))
                .map(entry -> text.substring(entry.start(), entry.value().end()));
        return Stream.concat(ours, others).collect(Collectors.joining(", ", "{ ", " }"));
    }

    private String table(List<String> path, JsonEdit edit) {
        return Stream.concat(edit.members().stream(), edit.defaults().stream())
                .map(member -> line(member) + newline)
                .collect(Collectors.joining("", "[" + dotted(path) + "]" + newline, ""));
    }

    private static String line(Member member) {
        return key(member.name()) + " = " + rendered(member.value());
    }

    private static String rendered(JsonValue value) {
        return switch (value) {
            case JsonObject(var members) ->
                members.entrySet().stream()
                        .map(member -> key(member.getKey()) + " = " + rendered(member.getValue()))
                        .collect(Collectors.joining(", ", "{ ", " }"));
            case JsonArray(var elements) ->
                elements.stream().map(TomlText::rendered).collect(Collectors.joining(", ", "[", "]"));
            // A basic string has JSON's escapes, and one more character to escape.
            case JsonString string ->
                Json.write(string).replace("\u007f", "\\u007f").replace("\\/", "/");
            default -> Json.write(value);
        };
    }

    private static JsonEdit ofMembers(JsonObject object) {
        return new JsonEdit(
                object.members().entrySet().stream()
                        .map(member -> new Member(member.getKey(), member.getValue()))
                        .toList(),
                List.of(),
                Set.of());
    }

    private String apply(List<Splice> splices) {
        StringBuilder result = new StringBuilder(text);
        splices.stream()
                .sorted(Comparator.comparingInt(Splice::start).reversed())
                .forEach(splice -> result.replace(splice.start(), splice.end(), splice.replacement()));
        return result.toString();
    }

    /** Returns the removal of whole lines. */
    private Splice lines(int start, int end) {
        int first = text.lastIndexOf('\n', start - 1) + 1;
        int last = text.indexOf('\n', end);
        return new Splice(first, last < 0 ? text.length() : last + 1, "");
    }

    private static int lastEnd(Table table) {
        return table.entries().isEmpty()
                ? table.end()
                : table.entries().getLast().value().end();
    }

    private int lineEnd(int from) {
        int end = text.indexOf('\n', from);
        return end < 0 ? text.length() : end > 0 && text.charAt(end - 1) == '\r' ? end - 1 : end;
    }

    private static String dotted(List<String> path) {
        return path.stream().map(TomlText::key).collect(Collectors.joining("."));
    }

    private static String key(String name) {
        boolean bare = !name.isEmpty()
                && name.length() < LONGEST_BARE_KEY
                && name.chars().allMatch(c -> c == '-' || c == '_' || (c < 128 && Character.isLetterOrDigit(c)));
        return bare ? name : Json.write(new JsonString(name));
    }
}
