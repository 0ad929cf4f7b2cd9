package dev.pyro.mcp;

/**
 * The beginning and the end of a text whose middle may be missing: what a person reads of a long output.
 *
 * @param head the beginning; the whole text when nothing is missing
 * @param tail the end; empty when nothing is missing
 * @param missingBytes how many bytes are missing between the two
 */
record Excerpt(String head, String tail, long missingBytes) {
    /** What the line about the missing bytes takes at most. */
    private static final int MARKER_ROOM = 60;

    /** The end says more than the beginning: how a build or a test run came out. */
    private static final int HEAD_SHARE = 3;

    static Excerpt of(String text) {
        return new Excerpt(text, "", 0);
    }

    /** Returns how many bytes of JSON the text would take that is here, between its quotes. */
    long size() {
        return missingBytes == 0 ? JsonSize.ofText(head) : JsonSize.ofText(head) + MARKER_ROOM + JsonSize.ofText(tail);
    }

    /** Returns a text of at most so many bytes of JSON, with a line that says how many bytes are left out, if any. */
    Excerpt cut(long room) {
        if (size() <= room) {
            return this;
        }
        String end = missingBytes == 0 ? head : tail;
        long texts = Math.max(0, room - MARKER_ROOM);
        long headRoom = texts / HEAD_SHARE;
        if (missingBytes > 0) {
            headRoom = Math.max(headRoom, texts - JsonSize.ofText(tail));
        }
        String newHead = beginning(head, headRoom);
        String newTail = ending(end, texts - JsonSize.ofText(newHead));
        long all = JsonSize.utf8(head) + missingBytes + JsonSize.utf8(tail);
        return new Excerpt(newHead, newTail, Math.max(1, all - JsonSize.utf8(newHead) - JsonSize.utf8(newTail)));
    }

    /** Returns the text, with a line in place of what is missing. */
    String text() {
        if (missingBytes == 0) {
            return head;
        }
        String before = head.isEmpty() || head.endsWith("\n") ? "" : "\n";
        return head + before + "[... " + missingBytes + " bytes left out here ...]\n" + tail;
    }

    /** Returns the longest beginning that takes at most so many bytes of JSON, without half a character. */
    static String prefix(String text, long room) {
        long size = 0;
        int end = 0;
        while (end < text.length()) {
            int next = Character.isHighSurrogate(text.charAt(end)) ? Math.min(end + 2, text.length()) : end + 1;
            for (int i = end; i < next; i++) {
                size += JsonSize.ofChar(text.charAt(i));
            }
            if (size > room) {
                break;
            }
            end = next;
        }
        return text.substring(0, end);
    }

    private static String suffix(String text, long room) {
        long size = 0;
        int start = text.length();
        while (start > 0) {
            int next = Character.isLowSurrogate(text.charAt(start - 1)) ? Math.max(start - 2, 0) : start - 1;
            for (int i = next; i < start; i++) {
                size += JsonSize.ofChar(text.charAt(i));
            }
            if (size > room) {
                break;
            }
            start = next;
        }
        return text.substring(start);
    }

    /** Whole lines, unless that would lose more than half. */
    private static String beginning(String text, long room) {
        String prefix = prefix(text, room);
        int end = prefix.lastIndexOf('\n') + 1;
        return end > prefix.length() / 2 ? prefix.substring(0, end) : prefix;
    }

    /** Returns an end that takes at most so many bytes of JSON: whole lines, unless that would lose more than half. */
    static String ending(String text, long room) {
        String suffix = suffix(text, room);
        int start = suffix.indexOf('\n') + 1;
        return start > 0 && start < suffix.length() / 2 ? suffix.substring(start) : suffix;
    }
}
