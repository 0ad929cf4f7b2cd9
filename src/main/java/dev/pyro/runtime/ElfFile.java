package dev.pyro.runtime;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** As much of a 64-bit little-endian ELF file as is needed here; see elf(5). */
final class ElfFile {
    private static final int MAGIC = 0x7f454c46;
    private static final int HEADER_LENGTH = 64;
    private static final int CLASS_64_LITTLE_ENDIAN = 0x0201;
    private static final int MACHINE_X86_64 = 62;
    private static final int SEGMENT_INTERPRETER = 3;
    private static final int SEGMENT_NOTE = 4;
    /** The note that tells a virtual machine monitor where to enter a kernel: the PVH boot protocol. */
    private static final int XEN_NOTE_PHYS32_ENTRY = 18;

    private final ByteBuffer file;

    private ElfFile(ByteBuffer file) {
        this.file = file;
    }

    /** Takes a whole file. */
    static ElfFile parse(byte[] bytes) throws IOException {
        if (!isElf(bytes)) {
            throw new IOException("not a 64-bit x86 ELF file");
        }
        return new ElfFile(ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN));
    }

    static boolean isElf(byte[] bytes) {
        ByteBuffer header = ByteBuffer.wrap(bytes);
        return bytes.length >= HEADER_LENGTH
                && header.getInt(0) == MAGIC
                && header.getShort(4) == CLASS_64_LITTLE_ENDIAN
                && header.order(ByteOrder.LITTLE_ENDIAN).getShort(18) == MACHINE_X86_64;
    }

    /** Tells whether the program needs no dynamic linker. */
    boolean isStatic() throws IOException {
        return segments(SEGMENT_INTERPRETER).isEmpty();
    }

    /** Tells whether the file is a kernel that a virtual machine monitor can enter directly. */
    boolean hasPvhEntry() throws IOException {
        for (ByteBuffer notes : segments(SEGMENT_NOTE)) {
            // Each note: length of the name, length of the content, type; name and content are padded to four bytes.
            while (notes.remaining() >= 12) {
                int nameLength = notes.getInt();
                int contentLength = notes.getInt();
                int type = notes.getInt();
                long total = padded(nameLength) + padded(contentLength);
                if (nameLength < 0 || contentLength < 0 || total > notes.remaining()) {
                    break;
                }
                byte[] name = new byte[nameLength];
                notes.get(notes.position(), name);
                if (type == XEN_NOTE_PHYS32_ENTRY && new String(name, StandardCharsets.US_ASCII).equals("Xen\0")) {
                    return true;
                }
                notes.position(notes.position() + (int) total);
            }
        }
        return false;
    }

    private static long padded(int length) {
        return (length + 3L) & ~3L;
    }

    /** Returns the strings of a section, each of which ends with a NUL; none when there is no such section. */
    List<String> strings(String section) throws IOException {
        List<String> strings = new ArrayList<>();
        Optional<ByteBuffer> content = section(section);
        if (content.isPresent()) {
            byte[] bytes = new byte[content.get().remaining()];
            content.get().get(bytes);
            for (String string : new String(bytes, StandardCharsets.UTF_8).split("\0")) {
                if (!string.isEmpty()) {
                    strings.add(string);
                }
            }
        }
        return strings;
    }

    private Optional<ByteBuffer> section(String wanted) throws IOException {
        try {
            long table = file.getLong(40);
            int size = file.getShort(58) & 0xffff;
            int count = file.getShort(60) & 0xffff;
            ByteBuffer names = sectionAt(table, size, file.getShort(62) & 0xffff);
            for (int i = 0; i < count; i++) {
                int name = names.position() + file.getInt(at(table, size, i));
                if (matches(names, name, wanted)) {
                    return Optional.of(sectionAt(table, size, i));
                }
            }
            return Optional.empty();
        } catch (IndexOutOfBoundsException | IllegalArgumentException e) {
            throw new IOException("a damaged ELF file", e);
        }
    }

    private static boolean matches(ByteBuffer names, int at, String wanted) {
        byte[] expected = (wanted + "\0").getBytes(StandardCharsets.US_ASCII);
        if (at < names.position() || at + expected.length > names.limit()) {
            return false;
        }
        byte[] found = new byte[expected.length];
        names.get(at, found);
        return java.util.Arrays.equals(found, expected);
    }

    private ByteBuffer sectionAt(long table, int size, int index) {
        int header = at(table, size, index);
        return range(file.getLong(header + 24), file.getLong(header + 32));
    }

    private List<ByteBuffer> segments(int type) throws IOException {
        try {
            long table = file.getLong(32);
            int size = file.getShort(54) & 0xffff;
            int count = file.getShort(56) & 0xffff;
            List<ByteBuffer> found = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                int header = at(table, size, i);
                if (file.getInt(header) == type) {
                    found.add(range(file.getLong(header + 8), file.getLong(header + 32)));
                }
            }
            return found;
        } catch (IndexOutOfBoundsException | IllegalArgumentException e) {
            throw new IOException("a damaged ELF file", e);
        }
    }

    /** A view of the file, with its positions. */
    private ByteBuffer range(long offset, long length) {
        if (offset < 0 || length < 0 || offset > file.limit() || length > file.limit() - offset) {
            throw new IndexOutOfBoundsException("outside the file");
        }
        return file.duplicate()
                .order(ByteOrder.LITTLE_ENDIAN)
                .position((int) offset)
                .limit((int) (offset + length));
    }

    private static int at(long table, int size, int index) {
        return Math.toIntExact(Math.addExact(table, (long) size * index));
    }
}
