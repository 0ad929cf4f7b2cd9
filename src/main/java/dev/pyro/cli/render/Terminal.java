package dev.pyro.cli.render;

import dev.pyro.json.Json;
import dev.pyro.json.JsonValue.JsonObject;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Standard output and standard error as bytes, unbuffered: what is written is there. Safe for use by several threads.
 *
 * @param out standard output
 * @param err standard error
 * @param errIsTerminal whether a person watches standard error, so that a progress bar makes sense
 */
public record Terminal(WritableByteChannel out, WritableByteChannel err, boolean errIsTerminal) {
    private static final int JSON_BUFFER_BYTES = 64 * 1024;

    /** Standard output is gone: whoever read it has left. */
    public static final class OutputClosedException extends UncheckedIOException {
        private static final long serialVersionUID = 1L;

        OutputClosedException(IOException cause) {
            super(cause);
        }
    }

    /** Tells where a descriptor in {@code /proc} leads; {@code System.console()} looks at all of them, and costs more. */
    public static boolean leadsToTerminal(Path descriptor) {
        try {
            Path target = Files.readSymbolicLink(descriptor);
            return target.startsWith("/dev/pts") || target.startsWith("/dev/tty") || target.startsWith("/dev/console");
        } catch (IOException e) {
            return false;
        }
    }

    /** Writes one line to standard output. */
    public void outLine(String line) {
        writeOut(StandardCharsets.UTF_8.encode(line + "\n"));
    }

    /** Writes a text to standard output as it is, as UTF-8, without a final newline. */
    public void outText(String text) {
        // A patch can be megabytes: it leaves in pieces.
        try (Writer writer = new OutputStreamWriter(new ChannelStream(out), StandardCharsets.UTF_8)) {
            writer.write(text);
        } catch (IOException e) {
            throw new OutputClosedException(e);
        }
    }

    /** Writes one JSON document to standard output. */
    public void outJson(JsonObject document) {
        // A document can hold megabytes of a guest's output: it leaves in pieces.
        OutputStream stream = new BufferedOutputStream(new ChannelStream(out), JSON_BUFFER_BYTES);
        try {
            Json.writePretty(document, stream);
            stream.write('\n');
            stream.flush();
        } catch (IOException e) {
            throw new OutputClosedException(e);
        }
    }

    /**
     * Writes bytes to standard output.
     *
     * @throws OutputClosedException when nobody can read them any more
     */
    public void writeOut(ByteBuffer bytes) {
        try {
            writeFully(out, bytes);
        } catch (IOException e) {
            throw new OutputClosedException(e);
        }
    }

    /** Writes one line to standard error; nobody reading it is no failure. */
    public void errLine(String line) {
        writeErr(StandardCharsets.UTF_8.encode(line + "\n"));
    }

    /** Writes a text to standard error as it is, and ends its last line; nobody reading it is no failure. */
    public void errText(String text) {
        if (!text.isEmpty()) {
            writeErr(StandardCharsets.UTF_8.encode(text.endsWith("\n") ? text : text + "\n"));
        }
    }

    /** Writes bytes to standard error; nobody reading it is no failure. */
    public void writeErr(ByteBuffer bytes) {
        try {
            writeFully(err, bytes);
        } catch (IOException e) {
            // There is nowhere left to say so.
            return;
        }
    }

    private static void writeFully(WritableByteChannel channel, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    private static final class ChannelStream extends OutputStream {
        private final WritableByteChannel channel;

        ChannelStream(WritableByteChannel channel) {
            this.channel = channel;
        }

        @Override
        public void write(int value) throws IOException {
            write(new byte[] {(byte) value}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            writeFully(channel, ByteBuffer.wrap(bytes, offset, length));
        }
    }
}
