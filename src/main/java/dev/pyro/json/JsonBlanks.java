package dev.pyro.json;

/** Goes over blanks and comments between the tokens of a document that is known to be well formed. Stateless. */
final class JsonBlanks {
    private JsonBlanks() {}

    /** Returns the place of the next character that is neither blank nor in a comment. */
    static int skip(String text, int from) {
        int at = from;
        while (at < text.length()) {
            if (text.startsWith("//", at)) {
                int end = text.indexOf('\n', at);
                at = end < 0 ? text.length() : end;
            } else if (text.startsWith("/*", at)) {
                at = text.indexOf("*/", at + 2) + 2;
            } else if (Character.isWhitespace(text.charAt(at))) {
                at++;
            } else {
                return at;
            }
        }
        return at;
    }

    /** Returns where a line ends, when nothing but comments follows on it; else where the next token stands. */
    static int lineEnd(String text, int from) {
        int at = from;
        int end = from;
        while (at < text.length() && text.charAt(at) != '\n' && text.charAt(at) != '\r') {
            if (text.startsWith("//", at)) {
                int newline = text.indexOf('\n', at);
                int stop = newline < 0 ? text.length() : newline;
                return stop > at && text.charAt(stop - 1) == '\r' ? stop - 1 : stop;
            }
            if (text.startsWith("/*", at)) {
                at = text.indexOf("*/", at + 2) + 2;
                end = at;
            } else if (Character.isWhitespace(text.charAt(at))) {
                at++;
            } else {
                return end;
            }
        }
        return end;
    }
}
