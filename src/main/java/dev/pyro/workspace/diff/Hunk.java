package dev.pyro.workspace.diff;

import java.io.ByteArrayOutputStream;

/**
 * One hunk, whose lines stay in the patch's bytes.
 *
 * @param number its number within its file, from 1 on
 * @param line the line of the patch at which it begins
 * @param oldStart where it begins in the old file, 0 or from 1 on
 * @param oldCount how many lines of the old file it has
 * @param newStart where it begins in the new file
 * @param newCount how many lines of the new file it has
 * @param leading how many lines of context it begins with
 * @param trailing how many it ends with
 * @param from where its first line begins in the patch's bytes
 * @param to where its last line has ended
 */
record Hunk(
        int number,
        int line,
        int oldStart,
        int oldCount,
        int newStart,
        int newCount,
        int leading,
        int trailing,
        int from,
        int to) {
    /** Returns the lines that it wants to find. */
    byte[] oldImage(byte[] patch) {
        return image(patch, '-');
    }

    /** Returns the lines that it leaves. */
    byte[] newImage(byte[] patch) {
        return image(patch, '+');
    }

    private byte[] image(byte[] patch, char side) {
        ByteArrayOutputStream image = new ByteArrayOutputStream(to - from);
        int start = from;
        while (start < to) {
            int end = start;
            while (end < to && patch[end] != '\n') {
                end++;
            }
            char sign = end == start ? '\n' : (char) patch[start];
            if (sign == side || sign == ' ' || sign == '\n') {
                int content = Math.min(start + 1, end);
                image.write(patch, content, end - content);
                // A marker after the line says that it has no newline.
                if (end + 1 >= to || patch[end + 1] != '\\') {
                    image.write('\n');
                }
            }
            start = end + 1;
        }
        return image.toByteArray();
    }
}
