package dev.pyro.workspace;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Splits a command line as a POSIX shell would (POSIX.1-2017, Shell Command Language, 2.2 and 2.3), as far as that needs no shell: for
 * guests that have none. For one line and one thread.
 */
final class ShellWords {
    /** Unquoted, each of these asks a shell to do something. */
    private static final String SPECIAL = "$`|&;<>()*?[~#\n";

    /** Within double quotes a backslash quotes these alone. */
    private static final String ESCAPED_IN_QUOTES = "$`\"\\";

    /** Of these, a first word makes a shell's grammar out of what follows. */
    private static final Set<String> RESERVED = Set.of(
            "!", "{", "}", "case", "do", "done", "elif", "else", "esac", "fi", "for", "if", "in", "then", "until",
            "while");

    private final String line;
    private final List<String> words = new ArrayList<>();
    private final StringBuilder word = new StringBuilder();
    private int position;
    private boolean begun;
    private boolean quoted;
    private boolean assigns;

    private ShellWords(String line) {
        this.line = line;
    }

    /** Returns the words of a command that is nothing but words, quoted or not; empty when only a shell can tell what it means. */
    static Optional<List<String>> plain(String command) {
        ShellWords words = new ShellWords(command);
        return words.split() ? Optional.of(List.copyOf(words.words)) : Optional.empty();
    }

    private boolean split() {
        while (position < line.length()) {
            char next = line.charAt(position++);
            boolean understood = switch (next) {
                case ' ', '\t' -> endWord();
                case '\'' -> singleQuoted();
                case '"' -> doubleQuoted();
                case '\\' -> escaped();
                default -> SPECIAL.indexOf(next) < 0 && plain(next);
            };
            if (!understood) {
                return false;
            }
        }
        return endWord() && !words.isEmpty();
    }

    private boolean plain(char next) {
        begun = true;
        assigns |= next == '=';
        word.append(next);
        return true;
    }

    /** Ends the word that has begun, if one has; false when it means something to a shell. */
    private boolean endWord() {
        if (!begun) {
            return true;
        }
        String ended = word.toString();
        boolean first = words.isEmpty();
        // Words such as `{` are looked for wherever a command may begin, and that is not only in front.
        boolean special = !quoted && (first ? RESERVED.contains(ended) : ended.equals("!") || ended.equals("{"));
        words.add(ended);
        word.setLength(0);
        begun = false;
        quoted = false;
        return !special && !(first && assigns);
    }

    private boolean singleQuoted() {
        int end = line.indexOf('\'', position);
        if (end < 0) {
            return false;
        }
        quote(line.substring(position, end));
        position = end + 1;
        return true;
    }

    private boolean doubleQuoted() {
        quote("");
        while (position < line.length()) {
            char next = line.charAt(position++);
            switch (next) {
                case '"' -> {
                    return true;
                }
                case '$', '`' -> {
                    return false;
                }
                case '\\' -> {
                    if (position == line.length()) {
                        return false;
                    }
                    char escaped = line.charAt(position++);
                    if (ESCAPED_IN_QUOTES.indexOf(escaped) >= 0) {
                        word.append(escaped);
                    } else if (escaped != '\n') {
                        word.append(next).append(escaped);
                    }
                }
                default -> word.append(next);
            }
        }
        return false;
    }

    private boolean escaped() {
        if (position == line.length()) {
            return false;
        }
        char escaped = line.charAt(position++);
        // A backslash at a line's end joins it with the next one.
        if (escaped != '\n') {
            quote(String.valueOf(escaped));
        }
        return true;
    }

    private void quote(String text) {
        begun = true;
        quoted = true;
        word.append(text);
    }
}
