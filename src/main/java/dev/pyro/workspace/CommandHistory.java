package dev.pyro.workspace;

import dev.pyro.json.Json;
import dev.pyro.json.JsonFormatException;
import dev.pyro.json.JsonReader;
import dev.pyro.json.JsonValue.JsonObject;
import dev.pyro.model.ErrorCode;
import dev.pyro.model.ExecResult;
import dev.pyro.model.PyroException;
import dev.pyro.model.WorkspaceLogs.Entry;
import dev.pyro.store.AtomicFiles;
import dev.pyro.store.AtomicFiles.Durability;
import dev.pyro.store.InterProcessLock;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The commands that ended in a workspace, in {@code commands.jsonl}, one line each, with their output in files of their own.
 *
 * <p>A sequence number is given in the moment in which a command is written down, under a lock; so there are no gaps, whoever is killed
 * when. A line that a killed process left half is dropped by the next writer. The newest {@value #MAX_ENTRIES} commands are kept. Safe for
 * use by several threads and processes.
 */
final class CommandHistory {
    /** How many commands are kept. */
    static final int MAX_ENTRIES = 1000;

    /** How much of each stream is kept of a command. */
    static final int MAX_STREAM_CHARS = 1 << 20;

    /** How much output a list of all commands holds; of older ones it then holds none. */
    static final long MAX_LISTED_CHARS = 32L << 20;

    /** How much output is kept of all commands together; of older ones it then is gone. Looked at every now and then. */
    static final long MAX_OUTPUT_BYTES = 256L << 20;

    private static final int OUTPUT_CHECK_INTERVAL = 20;

    /** With so many lines the file is written anew with the newest of them. */
    private static final int MAX_LINES = 2 * MAX_ENTRIES;

    private static final long MAX_FILE_BYTES = 512L << 20;
    /** A command takes at most 131,000 bytes, in JSON six times that: the last line is in the tail. */
    private static final int TAIL_BYTES = 1 << 20;

    private static final Duration LOCK_BOUND = Duration.ofSeconds(60);

    private final Path folder;
    private final Path lockFile;

    CommandHistory(Path folder, Path lockFile) {
        this.folder = folder;
        this.lockFile = lockFile;
    }

    /**
     * A command that ended, before it has a number.
     *
     * @param command the shell command line
     * @param cwd where it ran
     * @param startedAt when it began
     * @param result how it ended
     */
    record Ended(String command, String cwd, Instant startedAt, ExecResult result) {}

    /**
     * Writes a command down and returns its number, or empty when the history is gone: the workspace was reset or deleted meanwhile.
     */
    Optional<Long> append(Ended ended) {
        try (InterProcessLock _ = lock()) {
            if (!Files.isDirectory(folder)) {
                return Optional.empty();
            }
            dropHalfLine();
            long sequence = last().map(Entry::sequence).orElse(0L) + 1;
            AtomicFiles.createDirectories(outputs());
            writeStream(sequence, "stdout", ended.result().stdout());
            writeStream(sequence, "stderr", ended.result().stderr());
            Files.writeString(
                    file(),
                    Json.write(line(sequence, ended)) + "\n",
                    StandardOpenOption.CREATE,
                    StandardOpenOption.APPEND);
            trim(sequence);
            return Optional.of(sequence);
        } catch (IOException e) {
            throw AtomicFiles.failure("write", file(), e);
        }
    }

    /** Returns the last command, without its output. */
    Optional<Entry> last() {
        try (RandomAccessFile in = new RandomAccessFile(file().toFile(), "r")) {
            long length = in.length();
            int count = (int) Math.min(length, TAIL_BYTES);
            byte[] tail = new byte[count];
            in.seek(length - count);
            in.readFully(tail);
            int end = lastNewline(tail, count - 1);
            int start = lastNewline(tail, end - 1);
            while (end >= 0) {
                Optional<Entry> entry = entry(new String(tail, start + 1, end - start - 1, StandardCharsets.UTF_8));
                if (entry.isPresent()) {
                    return entry;
                }
                end = start;
                start = lastNewline(tail, end - 1);
            }
            return Optional.empty();
        } catch (FileNotFoundException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw AtomicFiles.failure("read", file(), e);
        }
    }

    /**
     * Returns the commands in their order, with what is kept of their output, newest first to be kept.
     *
     * @param maxChars how much output is returned at most
     */
    List<Entry> all(long maxChars) {
        try (InterProcessLock _ = lock()) {
            List<Entry> entries = new ArrayList<>();
            long room = maxChars;
            for (Entry entry : entries().reversed()) {
                ExecResult result = entry.result();
                String stdout = readStream(entry.sequence(), "stdout");
                String stderr = readStream(entry.sequence(), "stderr");
                long size = (long) stdout.length() + stderr.length();
                boolean fits = size <= room;
                room -= fits ? size : 0;
                entries.addFirst(new Entry(
                        entry.sequence(),
                        entry.command(),
                        entry.cwd(),
                        entry.startedAt(),
                        new ExecResult(
                                fits ? stdout : "",
                                fits ? stderr : "",
                                result.exitCode(),
                                result.duration(),
                                result.timedOut(),
                                result.stdoutTruncated() || (!fits && !stdout.isEmpty()),
                                result.stderrTruncated() || (!fits && !stderr.isEmpty()))));
            }
            return entries;
        }
    }

    private List<Entry> entries() {
        List<Entry> entries = new ArrayList<>();
        try {
            if (Files.size(file()) > MAX_FILE_BYTES) {
                throw new PyroException(ErrorCode.RECORD_CORRUPT, file() + " is too large; delete it");
            }
            for (String line : completeLines(Files.readString(file()))) {
                // A power failure may have left a line of nothing; the others still count.
                entry(line).ifPresent(entries::add);
            }
        } catch (NoSuchFileException e) {
            return List.of();
        } catch (IOException e) {
            throw AtomicFiles.failure("read", file(), e);
        }
        return entries.subList(Math.max(0, entries.size() - MAX_ENTRIES), entries.size());
    }

    private static List<String> completeLines(String text) {
        int end = text.lastIndexOf('\n');
        return end < 0 ? List.of() : text.substring(0, end).lines().toList();
    }

    private static int lastNewline(byte[] bytes, int from) {
        int index = from;
        while (index >= 0 && bytes[index] != '\n') {
            index--;
        }
        return index;
    }

    private void dropHalfLine() throws IOException {
        if (!Files.exists(file())) {
            return;
        }
        try (RandomAccessFile in = new RandomAccessFile(file().toFile(), "rw")) {
            long length = in.length();
            int count = (int) Math.min(length, TAIL_BYTES);
            byte[] tail = new byte[count];
            in.seek(length - count);
            in.readFully(tail);
            int end = lastNewline(tail, count - 1);
            if (end != count - 1) {
                in.setLength(length - count + end + 1);
            }
        }
    }

    /** Forgets the oldest commands when there are too many. */
    private void trim(long newest) throws IOException {
        long oldest = newest - MAX_ENTRIES;
        if (oldest > 0) {
            Files.deleteIfExists(stream(oldest, "stdout"));
            Files.deleteIfExists(stream(oldest, "stderr"));
        }
        if (newest % OUTPUT_CHECK_INTERVAL == 0) {
            dropOldOutputs(newest);
        }
        if (newest % MAX_ENTRIES == 0 && newest >= MAX_LINES) {
            List<String> lines = completeLines(Files.readString(file()));
            List<String> kept = lines.subList(Math.max(0, lines.size() - MAX_ENTRIES), lines.size());
            AtomicFiles.write(file(), String.join("\n", kept) + "\n", Durability.PROCESS);
        }
    }

    private void dropOldOutputs(long newest) throws IOException {
        long room = MAX_OUTPUT_BYTES;
        for (long sequence = newest; sequence > 0 && sequence > newest - MAX_ENTRIES; sequence--) {
            for (String name : List.of("stdout", "stderr")) {
                Path file = stream(sequence, name);
                if (Files.exists(file)) {
                    room -= Files.size(file);
                    if (room < 0) {
                        Files.delete(file);
                    }
                }
            }
        }
    }

    private static JsonObject line(long sequence, Ended ended) {
        ExecResult result = ended.result();
        return JsonObject.builder()
                .put("sequence", sequence)
                .put("command", ended.command())
                .put("cwd", ended.cwd())
                .put("started_at_ms", ended.startedAt().toEpochMilli())
                .put("exit_code", result.exitCode())
                .put("duration_ms", result.duration().toMillis())
                .put("timed_out", result.timedOut())
                .put("stdout_truncated", result.stdoutTruncated() || isLong(result.stdout()))
                .put("stderr_truncated", result.stderrTruncated() || isLong(result.stderr()))
                .build();
    }

    private static Optional<Entry> entry(String line) {
        try {
            JsonReader json = Json.parseObject(line);
            return Optional.of(new Entry(
                    json.number("sequence"),
                    json.string("command"),
                    json.string("cwd"),
                    Instant.ofEpochMilli(json.number("started_at_ms")),
                    new ExecResult(
                            "",
                            "",
                            json.integer("exit_code"),
                            Duration.ofMillis(json.number("duration_ms")),
                            json.bool("timed_out"),
                            json.bool("stdout_truncated"),
                            json.bool("stderr_truncated"))));
        } catch (JsonFormatException e) {
            return Optional.empty();
        }
    }

    private void writeStream(long sequence, String name, String text) throws IOException {
        Path file = stream(sequence, name);
        if (text.isEmpty()) {
            // A killed process may have left one for this number.
            Files.deleteIfExists(file);
        } else {
            Files.writeString(file, isLong(text) ? cut(text) : text);
        }
    }

    private String readStream(long sequence, String name) {
        Path file = stream(sequence, name);
        try {
            return new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
        } catch (NoSuchFileException e) {
            return "";
        } catch (IOException e) {
            throw AtomicFiles.failure("read", file, e);
        }
    }

    private static boolean isLong(String text) {
        return text.length() > MAX_STREAM_CHARS;
    }

    private static String cut(String text) {
        boolean splits = Character.isHighSurrogate(text.charAt(MAX_STREAM_CHARS - 1));
        return text.substring(0, splits ? MAX_STREAM_CHARS - 1 : MAX_STREAM_CHARS);
    }

    private InterProcessLock lock() {
        return InterProcessLock.acquire(lockFile, "the history in " + folder, LOCK_BOUND, () -> {});
    }

    private Path file() {
        return folder.resolve("commands.jsonl");
    }

    private Path outputs() {
        return folder.resolve("outputs");
    }

    private Path stream(long sequence, String name) {
        return outputs().resolve(sequence + "." + name);
    }
}
