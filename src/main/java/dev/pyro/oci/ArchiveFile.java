package dev.pyro.oci;

import dev.pyro.tar.BadArchiveException;
import dev.pyro.tar.EntryKind;
import dev.pyro.tar.GzipMembers;
import dev.pyro.tar.TarEntry;
import dev.pyro.tar.TarReader;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * A tar archive, compressed with gzip or not, whose entries are read one at a time and never unpacked: their names are keys and nothing else.
 * Each entry is opened by reading from the beginning again. Immutable.
 */
record ArchiveFile(Path file) {
    private static final int MAX_ENTRIES = 10_000;
    private static final int MAX_KEPT_BYTES = 16 << 20;
    private static final int MAX_NAME_CHARS = 4 << 20;
    private static final int MAX_LINKS = 8;
    private static final int PIECE_BYTES = 64 << 10;
    private static final int GZIP_BUFFER_BYTES = 64 << 10;

    /** What compressed bytes may become, as layers may. */
    private static final long MAX_RATIO = 200;

    private static final long ALWAYS_ALLOWED_BYTES = 8L << 30;

    /**
     * A file in the archive.
     *
     * @param number its place in the archive
     * @param size its bytes there
     * @param packing how it is compressed
     */
    record Member(int number, long size, Packing packing) {}

    /**
     * What is in it.
     *
     * @param members by their names, without what {@code .} and {@code ..} do to them
     * @param documents the content of those that may be one, by their places
     * @param links the names that stand for other ones
     */
    record Content(Map<String, Member> members, Map<Integer, byte[]> documents, Map<String, String> links) {
        Optional<Member> find(String name) {
            String key = normal("", name);
            for (int i = 0; i < MAX_LINKS && links.containsKey(key); i++) {
                key = links.getOrDefault(key, "");
            }
            return Optional.ofNullable(members.get(key));
        }

        Optional<byte[]> document(String name) {
            return find(name).map(member -> documents.get(member.number()));
        }
    }

    /**
     * Reads all headers, and the documents.
     *
     * @throws BadArchiveException when it is damaged or holds more than such an archive can
     */
    Content read() throws IOException {
        Map<String, Member> members = new HashMap<>();
        Map<Integer, byte[]> documents = new HashMap<>();
        Map<String, String> links = new HashMap<>();
        long kept = 0;
        long nameChars = 0;
        try (InputStream stream = open()) {
            TarReader reader = new TarReader(stream);
            int number = 0;
            for (TarEntry entry = reader.next(); entry != null; entry = reader.next()) {
                nameChars += entry.path().length() + entry.target().length();
                if (number >= MAX_ENTRIES || nameChars > MAX_NAME_CHARS) {
                    throw new BadArchiveException("it has more or longer entries than an archive of images has");
                }
                requireNotInterrupted();
                String name = normal("", entry.path());
                // As for whoever unpacks: the last one counts.
                members.remove(name);
                links.remove(name);
                if (entry.kind() == EntryKind.FILE && entry.sparse() == null) {
                    byte[] beginning = readUpTo(reader, Packing.MAGIC_BYTES);
                    members.put(name, new Member(number, entry.size(), Packing.of(beginning)));
                    if (isDocument(beginning)
                            && entry.size() <= Math.min(ManifestReader.MAX_CONFIG_BYTES, MAX_KEPT_BYTES - kept)) {
                        kept += entry.size();
                        documents.put(number, whole(beginning, reader, (int) entry.size()));
                    }
                } else if (entry.kind() == EntryKind.SYMLINK) {
                    links.put(name, normal(name.substring(0, name.lastIndexOf('/') + 1), entry.target()));
                } else if (entry.kind() == EntryKind.HARD_LINK) {
                    links.put(name, normal("", entry.target()));
                }
                number++;
            }
        }
        return new Content(Map.copyOf(members), Map.copyOf(documents), Map.copyOf(links));
    }

    /** Tells whether something may be JSON; whether it is, its reader will tell. */
    private static boolean isDocument(byte[] beginning) {
        return beginning.length > 0 && (beginning[0] == '{' || beginning[0] == '[');
    }

    private static byte[] whole(byte[] beginning, TarReader reader, int size) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(size);
        bytes.write(beginning);
        bytes.write(readUpTo(reader, size - beginning.length));
        return bytes.toByteArray();
    }

    private static byte[] readUpTo(TarReader reader, int max) throws IOException {
        byte[] bytes = new byte[max];
        int length = 0;
        while (length < max) {
            int count = reader.read(bytes, length, max - length);
            if (count < 0) {
                break;
            }
            length += count;
        }
        return java.util.Arrays.copyOf(bytes, length);
    }

    /** Opens a member's content, without its compression. */
    InputStream open(Member member) throws IOException {
        InputStream stream = open();
        boolean opened = false;
        try {
            TarReader reader = new TarReader(stream);
            for (int number = 0; number <= member.number(); number++) {
                TarEntry entry = reader.next();
                if (entry == null || (number == member.number() && entry.size() != member.size())) {
                    throw new BadArchiveException("it has changed while it was read");
                }
                requireNotInterrupted();
            }
            InputStream content = new Entry(stream, reader);
            InputStream plain = member.packing() == Packing.GZIP ? unpacked(content, member.size()) : content;
            opened = true;
            return plain;
        } finally {
            if (!opened) {
                stream.close();
            }
        }
    }

    /** Returns how long a member is without its compression. */
    long plainSize(Member member) throws IOException {
        if (member.packing() == Packing.NONE) {
            return member.size();
        }
        try (InputStream stream = open(member)) {
            byte[] piece = new byte[PIECE_BYTES];
            long size = 0;
            for (int count = stream.read(piece); count >= 0; count = stream.read(piece)) {
                size += count;
                requireNotInterrupted();
            }
            return size;
        }
    }

    private InputStream open() throws IOException {
        // A pipe can be read once only, and a device never ends.
        if (Files.exists(file) && !Files.isRegularFile(file)) {
            throw new IOException("it is no file");
        }
        long size = Files.size(file);
        byte[] beginning;
        try (InputStream stream = Files.newInputStream(file)) {
            beginning = stream.readNBytes(Packing.MAGIC_BYTES);
        }
        InputStream stream = Files.newInputStream(file);
        return switch (Packing.of(beginning)) {
            case GZIP -> unpacked(stream, size);
            case NONE -> new BufferedInputStream(stream, PIECE_BYTES);
            case ZSTD -> {
                stream.close();
                throw new BadArchiveException("it is compressed with zstd; unpack it first (`zstd -d`)");
            }
        };
    }

    private static InputStream unpacked(InputStream packed, long packedBytes) throws IOException {
        boolean opened = false;
        try {
            InputStream plain = new Bounded(
                    new GzipMembers(packed, GZIP_BUFFER_BYTES),
                    Math.max(ALWAYS_ALLOWED_BYTES, MAX_RATIO * packedBytes));
            opened = true;
            return plain;
        } finally {
            if (!opened) {
                packed.close();
            }
        }
    }

    /** Returns a name as it is from the archive's root; what leads out of it ends there. */
    static String normal(String folder, String name) {
        Deque<String> parts = new ArrayDeque<>();
        for (String part : (name.startsWith("/") ? name : folder + name).split("/")) {
            if (part.equals("..")) {
                parts.pollLast();
            } else if (!part.isEmpty() && !part.equals(".")) {
                parts.addLast(part);
            }
        }
        return String.join("/", parts);
    }

    private static void requireNotInterrupted() throws IOException {
        if (Thread.currentThread().isInterrupted()) {
            throw new IOException("interrupted");
        }
    }

    /** The content of the reader's present entry. */
    private static final class Entry extends FilterInputStream {
        private final TarReader reader;

        Entry(InputStream archive, TarReader reader) {
            super(archive);
            this.reader = reader;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            return length == 0 ? 0 : reader.read(bytes, offset, length);
        }

        @Override
        public long skip(long count) throws IOException {
            long skipped = 0;
            byte[] piece = new byte[PIECE_BYTES];
            while (skipped < count) {
                int read = read(piece, 0, (int) Math.min(piece.length, count - skipped));
                if (read < 0) {
                    break;
                }
                skipped += read;
            }
            return skipped;
        }

        @Override
        public int available() {
            return 0;
        }
    }

    /** Ends with an error when more comes than can be meant well. */
    private static final class Bounded extends FilterInputStream {
        private long left;

        Bounded(InputStream stream, long max) {
            super(stream);
            this.left = max;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            int count = super.read(bytes, offset, length);
            left -= Math.max(0, count);
            if (left < 0) {
                throw new BadArchiveException(
                        "it becomes more than " + MAX_RATIO + " times as large when it is unpacked");
            }
            return count;
        }

        @Override
        public long skip(long count) throws IOException {
            long skipped = super.skip(count);
            left -= skipped;
            if (left < 0) {
                throw new BadArchiveException(
                        "it becomes more than " + MAX_RATIO + " times as large when it is unpacked");
            }
            return skipped;
        }
    }

    /** Tells whether an error is about what the archive holds, and not about reading the file. */
    static boolean isContent(IOException e) {
        return e instanceof BadArchiveException || e instanceof EOFException || e instanceof java.util.zip.ZipException;
    }
}
