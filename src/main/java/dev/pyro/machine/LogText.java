package dev.pyro.machine;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;

/** Text of a machine, of the programs that run it or of its guest, made fit for a message. Stateless. */
public final class LogText {
    /** How much of the end of a log is looked at. */
    public static final int MAX_BYTES = 8 * 1024;

    /** How many lines are kept. */
    public static final int MAX_LINES = 12;

    private static final int MAX_LINE_CHARS = 300;
    private static final Pattern KERNEL_TRACE =
            Pattern.compile("\\+0x[0-9a-f]+/0x|Call Trace:|</?TASK>|\\b(RIP|RSP|RAX|RDX|RBP|R[01][0-9]|Code): ");

    private LogText() {}

    /**
     * Returns the last lines of a text, without empty ones, escape sequences and control characters, and without the stack and
     * registers that follow a kernel's panic and would push its reason out.
     */
    public static String tail(String text) {
        List<String> lines = text.lines()
                .map(LogText::clean)
                .filter(line -> !line.isBlank() && !KERNEL_TRACE.matcher(line).find())
                .toList();
        return String.join("\n", lines.subList(Math.max(0, lines.size() - MAX_LINES), lines.size()));
    }

    /** Returns the last lines of a file, or nothing when it cannot be read. */
    public static String tail(Path file) {
        try (SeekableByteChannel channel = Files.newByteChannel(file)) {
            channel.position(Math.max(0, channel.size() - MAX_BYTES));
            ByteBuffer bytes = ByteBuffer.allocate(MAX_BYTES);
            while (bytes.hasRemaining() && channel.read(bytes) >= 0) {}
            return tail(new String(bytes.array(), 0, bytes.position(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            return "";
        }
    }

    /** Returns one line without anything that could drive a terminal, cut to a sensible length. */
    public static String clean(String line) {
        StringBuilder clean = new StringBuilder();
        // Colours and cursor movements go whole, so that their letters do not stay behind.
        String plain = line.replaceAll("\\x1b\\[[0-9;?]*[ -/]*[@-~]", "");
        plain.codePoints().limit(MAX_LINE_CHARS).forEach(c -> {
            if (c == '\t') {
                clean.append(' ');
            } else if (!isUnsafe(c)) {
                clean.appendCodePoint(c);
            }
        });
        return clean.toString().stripTrailing();
    }

    private static boolean isUnsafe(int c) {
        return switch (Character.getType(c)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.SURROGATE,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR,
                    Character.PRIVATE_USE,
                    Character.UNASSIGNED -> true;
            default -> false;
        };
    }

    /** Appends a log's end to a message. */
    public static String after(String message, String tail) {
        return tail.isEmpty() ? message : message + "\n  " + tail.replace("\n", "\n  ");
    }
}
