package dev.pyro.mcp.client;

import dev.pyro.json.JsonValue;
import dev.pyro.json.JsonValue.JsonArray;
import dev.pyro.json.JsonValue.JsonBoolean;
import dev.pyro.json.JsonValue.JsonLong;
import dev.pyro.json.JsonValue.JsonNull;
import dev.pyro.json.JsonValue.JsonString;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Finds the tables, keys and values in a TOML text (<a href="https://toml.io/en/v1.0.0">TOML 1.0</a>) with their places. It knows the
 * whole grammar, so that nothing in a string or a comment is taken for a key; it does not check what a key's value means. Not safe for
 * use by several threads.
 */
final class TomlReader {
    /** Deeper than any configuration, and no danger to the stack. */
    private static final int MAX_DEPTH = 100;

    private static final Pattern BARE_KEY = Pattern.compile("[A-Za-z0-9_-]+");
    private static final Pattern INTEGER = Pattern.compile("[+-]?(?:0|[1-9](?:_?[0-9]){0,17})");
    private static final Pattern OTHER_SCALAR = Pattern.compile("[+-]?(?:inf|nan|0x[0-9A-Fa-f_]+|0o[0-7_]+|0b[01_]+"
            + "|(?:0|[1-9][0-9_]*)(?:\\.[0-9][0-9_]*)?(?:[eE][+-]?[0-9_]+)?)"
            + "|(?:\\d{4}-\\d{2}-\\d{2}(?:[Tt ]\\d{2}:\\d{2}(?::\\d{2}(?:\\.\\d+)?)?(?:[Zz]|[+-]\\d{2}:\\d{2})?)?)"
            + "|\\d{2}:\\d{2}(?::\\d{2}(?:\\.\\d+)?)?");

    /** Wide enough to take in what is no value, so that a message can show it. */
    private static final Pattern SCALAR = Pattern.compile("\\d{4}-\\d{2}-\\d{2} \\d{2}:[^\\s,\\]}#]+|[^\\s,\\]}#]+");

    private final String text;
    private int at;
    private int depth;

    TomlReader(String text) {
        this.text = text;
    }

    /**
     * A value's place.
     *
     * @param start its first character
     * @param end the first one after it
     * @param value what it is, {@link JsonNull} where nobody asks (dates, broken numbers, tables)
     * @param members an inline table's keys, null for other values
     */
    record Value(
            int start, int end, JsonValue value, @Nullable List<Entry> members) {}

    /** A key, which may have several parts, and its value. */
    record Entry(List<String> key, int start, Value value) {}

    /**
     * A table and what stands in it.
     *
     * @param path its name
     * @param array whether it is one element of an array of tables
     * @param start where its header begins
     * @param end where its header ends
     * @param entries its keys
     */
    record Table(List<String> path, boolean array, int start, int end, List<Entry> entries) {}

    /**
     * Reads everything; the first table is the one without a header.
     *
     * @throws ConfigFormatException when it is no TOML, with the line
     */
    List<Table> read() {
        List<Table> tables = new ArrayList<>();
        tables.add(new Table(List.of(), false, 0, 0, new ArrayList<>()));
        skipBlankLines();
        while (at < text.length()) {
            if (peek('[')) {
                tables.add(header());
            } else {
                int start = at;
                tables.getLast().entries().add(entry(start));
            }
            endOfLine();
            skipBlankLines();
        }
        return tables;
    }

    private Table header() {
        int start = at;
        boolean array = text.startsWith("[[", at);
        at += array ? 2 : 1;
        List<String> path = key();
        expect(array ? "]]" : "]");
        return new Table(path, array, start, at, new ArrayList<>());
    }

    private Entry entry(int start) {
        List<String> key = key();
        expect("=");
        skipBlanks();
        return new Entry(key, start, value());
    }

    private List<String> key() {
        List<String> parts = new ArrayList<>();
        do {
            skipBlanks();
            if (peek('"') || peek('\'')) {
                parts.add(shortString());
            } else {
                Matcher bare = BARE_KEY.matcher(text).region(at, text.length());
                if (!bare.lookingAt()) {
                    throw wrong("a key is missing");
                }
                parts.add(bare.group());
                at = bare.end();
            }
            skipBlanks();
        } while (take('.'));
        return parts;
    }

    private Value value() {
        int start = at;
        if (depth++ == MAX_DEPTH) {
            throw wrong("it is nested too deeply");
        }
        JsonValue value = new JsonNull();
        @Nullable List<Entry> members = null;
        if (text.startsWith("\"\"\"", at) || text.startsWith("'''", at)) {
            longString(text.substring(at, at + 3));
        } else if (peek('"') || peek('\'')) {
            value = new JsonString(shortString());
        } else if (peek('[')) {
            value = array();
        } else if (peek('{')) {
            members = inlineTable();
        } else {
            value = scalar();
        }
        depth--;
        return new Value(start, at, value, members);
    }

    private JsonValue array() {
        List<JsonValue> elements = new ArrayList<>();
        at++;
        skipBlankLines();
        while (!take(']')) {
            elements.add(value().value());
            skipBlankLines();
            if (!take(',') && !peek(']')) {
                throw wrong("a comma or `]` is missing");
            }
            skipBlankLines();
        }
        return new JsonArray(elements);
    }

    private List<Entry> inlineTable() {
        List<Entry> members = new ArrayList<>();
        at++;
        skipBlankLines();
        while (!take('}')) {
            members.add(entry(at));
            skipBlankLines();
            if (!take(',') && !peek('}')) {
                throw wrong("a comma or `}` is missing");
            }
            skipBlankLines();
        }
        return members;
    }

    private JsonValue scalar() {
        Matcher matcher = SCALAR.matcher(text).region(at, text.length());
        if (!matcher.lookingAt()) {
            throw wrong("a value is missing");
        }
        String token = matcher.group();
        if (token.equals("true") || token.equals("false")) {
            at = matcher.end();
            return new JsonBoolean(token.equals("true"));
        }
        if (INTEGER.matcher(token).matches()) {
            at = matcher.end();
            return new JsonLong(Long.parseLong(token.replace("_", "")));
        }
        if (!OTHER_SCALAR.matcher(token).matches()) {
            throw wrong("this is no value");
        }
        at = matcher.end();
        return new JsonNull();
    }

    private String shortString() {
        char quote = text.charAt(at++);
        StringBuilder string = new StringBuilder();
        while (at < text.length() && text.charAt(at) != '\n') {
            char next = text.charAt(at++);
            if (next == quote) {
                return string.toString();
            }
            if (next == '\\' && quote == '"') {
                string.appendCodePoint(escape());
            } else {
                string.append(next);
            }
        }
        throw wrong("a string has no end");
    }

    private int escape() {
        char kind = at < text.length() ? text.charAt(at++) : ' ';
        return switch (kind) {
            case 'b' -> '\b';
            case 't' -> '\t';
            case 'n' -> '\n';
            case 'f' -> '\f';
            case 'r' -> '\r';
            case 'e' -> '\u001b';
            case '"', '\\' -> kind;
            case 'x' -> hex(2);
            case 'u' -> hex(4);
            case 'U' -> hex(8);
            default -> throw wrong("a string has an escape that there is not");
        };
    }

    private int hex(int digits) {
        try {
            int point = Integer.parseUnsignedInt(text, at, Math.min(at + digits, text.length()), 16);
            if (Character.isValidCodePoint(point)) {
                at += digits;
                return point;
            }
        } catch (NumberFormatException | IndexOutOfBoundsException e) {
            // The message below says it all.
        }
        throw wrong("a string has an escape that is no character");
    }

    private void longString(String quotes) {
        int open = at;
        at += quotes.length();
        while (at < text.length()) {
            if (text.startsWith(quotes, at)) {
                at += quotes.length();
                // One or two quotes may stand before the closing ones.
                for (int more = 0; more < 2 && peek(quotes.charAt(0)); more++) {
                    at++;
                }
                return;
            }
            at += text.charAt(at) == '\\' && quotes.startsWith("\"") ? 2 : 1;
        }
        at = open;
        throw wrong("a string has no end");
    }

    private void endOfLine() {
        skipBlanks();
        skipComment();
        if (at < text.length() && !text.startsWith("\n", at) && !text.startsWith("\r\n", at)) {
            throw wrong("there is more than one value on it");
        }
    }

    private void skipBlankLines() {
        int before;
        do {
            before = at;
            skipBlanks();
            skipComment();
            while (at < text.length() && (peek('\n') || text.startsWith("\r\n", at))) {
                at += peek('\n') ? 1 : 2;
            }
        } while (at > before);
    }

    private void skipBlanks() {
        while (peek(' ') || peek('\t')) {
            at++;
        }
    }

    private void skipComment() {
        if (peek('#')) {
            int end = text.indexOf('\n', at);
            at = end < 0 ? text.length() : end > 0 && text.charAt(end - 1) == '\r' ? end - 1 : end;
        }
    }

    private void expect(String wanted) {
        skipBlanks();
        if (!text.startsWith(wanted, at)) {
            throw wrong("`" + wanted + "` is missing");
        }
        at += wanted.length();
    }

    private boolean take(char wanted) {
        boolean there = peek(wanted);
        if (there) {
            at++;
        }
        return there;
    }

    private boolean peek(char wanted) {
        return at < text.length() && text.charAt(at) == wanted;
    }

    private ConfigFormatException wrong(String what) {
        long line = 1
                + text.substring(0, Math.min(at, text.length()))
                        .chars()
                        .filter(c -> c == '\n')
                        .count();
        return new ConfigFormatException("line " + line + ": " + what);
    }
}
