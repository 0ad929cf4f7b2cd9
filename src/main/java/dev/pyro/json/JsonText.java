package dev.pyro.json;

import dev.pyro.json.JsonEdit.Member;
import dev.pyro.json.JsonEdit.Outcome;
import dev.pyro.json.JsonEdit.Result;
import dev.pyro.json.JsonSpans.MemberSpan;
import dev.pyro.json.JsonSpans.Span;
import dev.pyro.json.JsonValue.JsonArray;
import dev.pyro.json.JsonValue.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The text of a JSON document that somebody else wrote. An edit changes one object and keeps the rest to the letter: order, blanks,
 * line ends, numbers, comments. Immutable.
 */
public final class JsonText {
    private static final String BYTE_ORDER_MARK = "\uFEFF";
    private static final String DEFAULT_INDENT = "  ";

    private final String mark;
    private final String text;
    private final Optional<Span> root;
    private final String newline;
    private final String unit;

    /**
     * Reads a document; an empty one is fine.
     *
     * @param comments whether comments and commas after the last member are allowed
     * @throws JsonFormatException when it is no JSON object, with the line
     */
    public JsonText(String document, boolean comments) {
        mark = document.startsWith(BYTE_ORDER_MARK) ? BYTE_ORDER_MARK : "";
        text = document.substring(mark.length());
        root = JsonSpans.of(text, comments);
        if (root.isPresent() && root.get().members() == null) {
            throw new JsonFormatException("the document is not an object");
        }
        newline = text.contains("\r\n") ? "\r\n" : "\n";
        unit = root.flatMap(this::firstIndent).orElse(DEFAULT_INDENT);
    }

    /** Tells whether there is an object at this path. */
    public boolean hasObject(List<String> path) {
        return find(path).map(Span::members).isPresent();
    }

    /** Tells whether there is a member at this path, whatever it is. */
    public boolean has(List<String> path) {
        return find(path).isPresent();
    }

    /**
     * Makes the object at this path what an edit says; objects on the way to it are made where they are missing.
     *
     * @throws JsonFormatException when something on the path is no object
     */
    public Result edit(List<String> path, JsonEdit edit) {
        if (root.isEmpty()) {
            String before = text.isBlank() ? "" : text.stripTrailing() + newline;
            return new Result(mark + before + nested(path, edit, "") + newline, Outcome.ADDED);
        }
        Span object = root.get();
        String indent = "";
        for (int depth = 0; depth < path.size(); depth++) {
            Optional<MemberSpan> member = object.find(path.get(depth));
            if (member.isEmpty()) {
                return inserted(object, indent, path.subList(depth, path.size()), edit);
            }
            indent = memberIndent(object, indent);
            object = member.get().value();
            if (object.members() == null) {
                if (raw(object).equals("null")) {
                    List<String> rest = path.subList(depth + 1, path.size());
                    return replaced(object, nested(rest, edit, indent), Outcome.ADDED);
                }
                throw new JsonFormatException(
                        "\"" + String.join(".", path.subList(0, depth + 1)) + "\" is not an object");
            }
        }
        if (isSatisfied(object, edit)) {
            return new Result(mark + text, Outcome.UNCHANGED);
        }
        return replaced(object, merged(object, edit, indent), Outcome.UPDATED);
    }

    private Optional<Span> find(List<String> path) {
        Optional<Span> found = root;
        for (String name : path) {
            found = found.flatMap(object -> object.find(name)).map(MemberSpan::value);
        }
        return found;
    }

    private boolean isSatisfied(Span object, JsonEdit edit) {
        return edit.members().stream()
                        .allMatch(member -> object.find(member.name())
                                .filter(found -> isSame(found.value(), member.value()))
                                .isPresent())
                && edit.defaults().stream()
                        .allMatch(member -> object.find(member.name()).isPresent())
                && edit.dropped().stream().noneMatch(name -> object.find(name).isPresent());
    }

    private boolean isSame(Span span, JsonValue value) {
        if (value instanceof JsonObject object && span.members() != null) {
            return isSatisfied(span, ofMembers(object));
        }
        try {
            return Json.parse(raw(span)).equals(value);
        } catch (JsonFormatException e) {
            // A comment within it, or a number beyond ours: in any case something else.
            return false;
        }
    }

    private static JsonEdit ofMembers(JsonObject object) {
        return new JsonEdit(
                object.members().entrySet().stream()
                        .map(entry -> new Member(entry.getKey(), entry.getValue()))
                        .toList(),
                List.of(),
                Set.of());
    }

    /** Returns an object with the edit's members first, and then the others as they are written. */
    private String merged(Span object, JsonEdit edit, String indent) {
        List<String> members = new ArrayList<>();
        String inner = indent + unit;
        for (Member member : edit.members()) {
            Optional<Span> found = object.find(member.name()).map(MemberSpan::value);
            boolean both = member.value() instanceof JsonObject
                    && found.map(Span::members).isPresent();
            members.add(quoted(member.name()) + ": "
                    + (both
                            ? merged(found.orElseThrow(), ofMembers((JsonObject) member.value()), inner)
                            : rendered(member.value(), inner)));
        }
        Set<String> set = edit.members().stream().map(Member::name).collect(Collectors.toSet());
        for (Member member : edit.defaults()) {
            if (object.find(member.name()).isEmpty()) {
                members.add(quoted(member.name()) + ": " + rendered(member.value(), inner));
            }
        }
        for (MemberSpan member : object.members() == null ? List.<MemberSpan>of() : object.members()) {
            if (!set.contains(member.name()) && !edit.dropped().contains(member.name())) {
                members.add(text.substring(member.start(), member.value().end()));
            }
        }
        return braces(members, indent);
    }

    private String nested(List<String> path, JsonEdit edit, String indent) {
        if (path.isEmpty()) {
            List<Member> members = new ArrayList<>(edit.members());
            members.addAll(edit.defaults());
            return braces(
                    members.stream()
                            .map(member -> quoted(member.name()) + ": " + rendered(member.value(), indent + unit))
                            .toList(),
                    indent);
        }
        return braces(List.of(member(path, edit, indent + unit)), indent);
    }

    private String member(List<String> path, JsonEdit edit, String indent) {
        return quoted(path.getFirst()) + ": " + nested(path.subList(1, path.size()), edit, indent);
    }

    private String rendered(JsonValue value, String indent) {
        return switch (value) {
            case JsonObject(var members) ->
                braces(
                        members.entrySet().stream()
                                .map(entry -> quoted(entry.getKey()) + ": " + rendered(entry.getValue(), indent + unit))
                                .toList(),
                        indent);
            case JsonArray(var elements) ->
                elements.stream().map(element -> rendered(element, indent)).collect(Collectors.joining(", ", "[", "]"));
            default -> Json.write(value);
        };
    }

    private String braces(List<String> members, String indent) {
        return members.isEmpty()
                ? "{}"
                : members.stream()
                        .map(member -> indent + unit + member)
                        .collect(Collectors.joining("," + newline, "{" + newline, newline + indent + "}"));
    }

    private static String quoted(String name) {
        return Json.write(new JsonValue.JsonString(name));
    }

    private Result replaced(Span span, String replacement, Outcome outcome) {
        return new Result(mark + text.substring(0, span.start()) + replacement + text.substring(span.end()), outcome);
    }

    private Result inserted(Span object, String indent, List<String> path, JsonEdit edit) {
        List<MemberSpan> members = object.members() == null ? List.of() : object.members();
        String inner = memberIndent(object, indent);
        int close = object.end() - 1;
        if (members.isEmpty()) {
            String content = text.substring(object.start() + 1, close).stripTrailing();
            return replaced(
                    new Span(object.start() + 1, close, null),
                    content + newline + inner + member(path, edit, inner) + newline + indent,
                    Outcome.ADDED);
        }
        int last = members.getLast().value().end();
        int comma = JsonBlanks.skip(text, last);
        boolean trailing = text.charAt(comma) == ',';
        if (!raw(object).contains("\n")) {
            String rest = text.substring(trailing ? comma : last);
            return new Result(
                    mark + text.substring(0, last) + ", "
                            + member(path, edit, inner).replaceAll("\\R\\s*", " ") + rest,
                    Outcome.ADDED);
        }
        // A comment behind the last member stays behind it.
        int end = JsonBlanks.lineEnd(text, trailing ? comma + 1 : last);
        String before = text.substring(0, last) + (trailing ? "" : ",") + text.substring(last, end);
        String after = text.substring(end);
        String gap = after.isBlank() || after.startsWith("\n") || after.startsWith("\r") ? "" : newline + indent;
        return new Result(
                mark
                        + before
                        + newline
                        + inner
                        + member(path, edit, inner)
                        + (trailing ? "," : "")
                        + gap
                        + (gap.isEmpty() ? after : after.stripLeading()),
                Outcome.ADDED);
    }

    /** Returns what stands before an object's first member on its line, else one step more than before the object. */
    private String memberIndent(Span object, String indent) {
        return firstIndent(object).orElse(indent + unit);
    }

    private Optional<String> firstIndent(Span object) {
        if (object.members() == null || object.members().isEmpty()) {
            return Optional.empty();
        }
        int start = object.members().getFirst().start();
        int line = text.lastIndexOf('\n', start) + 1;
        String before = text.substring(line, start);
        return line > object.start() && before.isBlank() ? Optional.of(before) : Optional.empty();
    }

    private String raw(Span span) {
        return text.substring(span.start(), span.end());
    }
}
