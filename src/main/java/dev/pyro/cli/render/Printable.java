package dev.pyro.cli.render;

import dev.pyro.payload.ByteText;

/**
 * Makes what users and guests wrote fit for a line on a terminal. Control characters, line ends and invisible characters could fool
 * a reader or a terminal: they become a backslash, a u and four hex digits. Bytes that are no text become what {@link ByteText} says.
 * Stateless.
 */
public final class Printable {
    private Printable() {}

    /** Returns the text on one line; the text itself when there is nothing to escape in it. */
    public static String line(String text) {
        String visible = ByteText.visible(text);
        if (visible.codePoints().noneMatch(Printable::isHidden)) {
            return visible;
        }
        StringBuilder printable = new StringBuilder(visible.length() + 16);
        visible.codePoints().forEach(point -> {
            if (isHidden(point)) {
                printable.append(String.format("\\u%04x", point));
            } else {
                printable.appendCodePoint(point);
            }
        });
        return printable.toString();
    }

    private static boolean isHidden(int point) {
        int type = Character.getType(point);
        return Character.isISOControl(point)
                || type == Character.FORMAT
                || type == Character.LINE_SEPARATOR
                || type == Character.PARAGRAPH_SEPARATOR;
    }
}
