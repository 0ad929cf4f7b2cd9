package dev.pyro.cli.render;

/** Puts a line {@code [prefix] key=value key=value …} together. Not safe for use by several threads. */
final class SummaryLine {
    private final StringBuilder line;

    SummaryLine(String prefix) {
        line = new StringBuilder("[").append(prefix).append(']');
    }

    SummaryLine put(String key, Object value) {
        line.append(' ').append(key).append('=').append(Printable.line(String.valueOf(value)));
        return this;
    }

    SummaryLine put(String key, boolean value) {
        return put(key, yesNo(value));
    }

    @Override
    public String toString() {
        return line.toString();
    }

    static String yesNo(boolean value) {
        return value ? "yes" : "no";
    }
}
