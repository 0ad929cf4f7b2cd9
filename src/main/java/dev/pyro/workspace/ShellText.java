package dev.pyro.workspace;

/**
 * The text of a piece of a shell's output. Pure.
 *
 * @param text at most as many characters as were wanted; secrets are {@link SecretMask#SHOWN}, what is no UTF-8 becomes U+FFFD
 * @param cursor where it begins
 * @param nextCursor where the next one begins
 * @param truncated whether output before it is lost
 */
record ShellText(String text, long cursor, long nextCursor, boolean truncated) {
    private static final char REPLACEMENT = '\uFFFD';

    /** Returns the text of what a window shows, which makes progress whenever the window shows a whole character. */
    static ShellText of(OutputWindow window, int maxChars) {
        Assembly assembly = new Assembly(window, maxChars);
        assembly.run();
        return new ShellText(
                assembly.text.toString(), window.cursor(), window.start() + assembly.position, window.isDropped());
    }

    /** One walk over the bytes. */
    private static final class Assembly {
        private final OutputWindow window;
        private final byte[] bytes;
        private final StringBuilder text = new StringBuilder();
        private int position;
        private int room;

        Assembly(OutputWindow window, int maxChars) {
            this.window = window;
            this.bytes = window.bytes();
            this.position = window.from();
            this.room = maxChars;
        }

        void run() {
            boolean more = true;
            while (more && room > 0 && position < window.to()) {
                more = window.hidden().get(position) ? secret() : character();
            }
        }

        /** A secret is passed whole. It goes to the next read when its sign does not fit, unless it is the first thing. */
        private boolean secret() {
            int length = SecretMask.SHOWN.length();
            if (room < length && !text.isEmpty()) {
                return false;
            }
            text.append(SecretMask.SHOWN, 0, Math.min(room, length));
            room -= Math.min(room, length);
            position = Math.min(window.hidden().nextClearBit(position), window.to());
            return true;
        }

        private boolean character() {
            int secret = window.hidden().nextSetBit(position);
            int end = secret < 0 ? window.to() : Math.min(secret, window.to());
            int length = Utf8Sequence.length(bytes, position, end);
            // What comes next may complete it.
            if (length == Utf8Sequence.INCOMPLETE && end != secret && !(window.isLast() && end == bytes.length)) {
                return false;
            }
            if (length > 0) {
                text.appendCodePoint(Utf8Sequence.codePoint(bytes, position, length));
                position += length;
            } else {
                text.append(REPLACEMENT);
                position += length == Utf8Sequence.INCOMPLETE ? end - position : -length;
            }
            room--;
            return true;
        }
    }
}
