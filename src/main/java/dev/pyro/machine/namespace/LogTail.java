package dev.pyro.machine.namespace;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/** The end of a log for a message. Stateless. */
final class LogTail {
    private static final int MAX_BYTES = 8192;
    private static final int MAX_LINES = 12;
    private static final int MAX_LINE_CHARS = 300;

    private LogTail() {}

    /** Returns at most a dozen lines without control characters; empty when there is no log. */
    static String read(Path log) {
        try (FileChannel channel = FileChannel.open(log)) {
            ByteBuffer bytes = ByteBuffer.allocate(MAX_BYTES);
            long position = Math.max(0, channel.size() - MAX_BYTES);
            int count;
            do {
                count = channel.read(bytes, position + bytes.position());
            } while (count > 0 && bytes.hasRemaining());
            return clean(new String(bytes.array(), 0, bytes.position(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            // The log only explains another error.
            return "";
        }
    }

    private static String clean(String text) {
        List<String> lines = text.lines()
                .map(line -> line.replaceAll("\\p{Cntrl}", " ").strip())
                .map(line -> line.substring(0, Math.min(MAX_LINE_CHARS, line.length())))
                .filter(line -> !line.isEmpty())
                .toList();
        return String.join("\n", lines.subList(Math.max(0, lines.size() - MAX_LINES), lines.size()));
    }

    /** Returns the tail in the form in which it ends a message. */
    static String ofMessage(String tail) {
        return tail.isEmpty() ? "" : "\n  " + tail.replace("\n", "\n  ");
    }
}
