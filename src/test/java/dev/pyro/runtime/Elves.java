package dev.pyro.runtime;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** Makes small ELF files. */
final class Elves {
    private static final int HEADER = 64;
    private static final int SEGMENT_HEADER = 56;
    private static final int SECTION_HEADER = 64;
    private static final int INTERPRETER = 3;
    private static final int NOTE = 4;

    private Elves() {}

    /** A program that needs no dynamic linker. */
    static byte[] staticProgram() {
        return withSegment(1, new byte[16]);
    }

    /** A program that needs one. */
    static byte[] dynamicProgram() {
        return withSegment(INTERPRETER, "/lib64/ld-linux-x86-64.so.2\0".getBytes(StandardCharsets.US_ASCII));
    }

    /** A kernel that can be entered directly. */
    static byte[] kernel() {
        ByteBuffer note = ByteBuffer.allocate(20).order(ByteOrder.LITTLE_ENDIAN);
        note.putInt(4)
                .putInt(4)
                .putInt(18)
                .put("Xen\0".getBytes(StandardCharsets.US_ASCII))
                .putInt(0x1000);
        return withSegment(NOTE, note.array());
    }

    private static byte[] withSegment(int type, byte[] content) {
        byte[] bytes = new byte[HEADER + SEGMENT_HEADER + content.length];
        ByteBuffer file = header(bytes);
        file.putLong(32, HEADER).putShort(54, (short) SEGMENT_HEADER).putShort(56, (short) 1);
        file.putInt(HEADER, type).putLong(HEADER + 8, HEADER + SEGMENT_HEADER).putLong(HEADER + 32, content.length);
        file.put(HEADER + SEGMENT_HEADER, content);
        return bytes;
    }

    /** A kernel module that needs others, given as they stand in the file, separated by commas. */
    static byte[] module(String depends) {
        byte[] names = "\0.shstrtab\0.modinfo\0".getBytes(StandardCharsets.US_ASCII);
        byte[] info = ("license=GPL\0\0depends=" + depends + "\0name=x\0").getBytes(StandardCharsets.US_ASCII);
        int table = HEADER + names.length + info.length;
        byte[] bytes = new byte[table + 3 * SECTION_HEADER];
        ByteBuffer file = header(bytes);
        file.put(HEADER, names).put(HEADER + names.length, info);
        file.putLong(40, table)
                .putShort(58, (short) SECTION_HEADER)
                .putShort(60, (short) 3)
                .putShort(62, (short) 1);
        section(file, table + SECTION_HEADER, 1, HEADER, names.length);
        section(file, table + 2 * SECTION_HEADER, 11, HEADER + names.length, info.length);
        return bytes;
    }

    private static void section(ByteBuffer file, int at, int name, int offset, int length) {
        file.putInt(at, name).putLong(at + 24, offset).putLong(at + 32, length);
    }

    private static ByteBuffer header(byte[] bytes) {
        ByteBuffer file = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        return file.put(0, new byte[] {0x7f, 'E', 'L', 'F', 2, 1, 1}).putShort(18, (short) 62);
    }
}
