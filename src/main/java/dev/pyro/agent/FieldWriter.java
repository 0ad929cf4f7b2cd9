package dev.pyro.agent;

import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import java.nio.ByteBuffer;
import java.util.List;

/** Writes the fields of one request. Throws {@link ErrorCode#INVALID_ARGUMENT} when they do not fit into one frame. */
final class FieldWriter {
    private static final int FIELD_HEADER = 6;

    private final ByteBuffer out;
    private final String operation;

    /** A writer into this buffer, whose free room is what the frame may hold. */
    FieldWriter(ByteBuffer out, String operation) {
        this.out = out;
        this.operation = operation;
    }

    FieldWriter u8(int tag, int value) {
        header(tag, Byte.BYTES).put((byte) value);
        return this;
    }

    /** Writes 1 when the flag is set, and nothing when it is not. */
    FieldWriter flag(int tag, boolean value) {
        return value ? u8(tag, 1) : this;
    }

    FieldWriter u16(int tag, int value) {
        header(tag, Short.BYTES).putShort((short) value);
        return this;
    }

    FieldWriter u32(int tag, long value) {
        header(tag, Integer.BYTES).putInt((int) value);
        return this;
    }

    FieldWriter u64(int tag, long value) {
        header(tag, Long.BYTES).putLong(value);
        return this;
    }

    FieldWriter bytes(int tag, byte[] value) {
        header(tag, value.length).put(value);
        return this;
    }

    FieldWriter string(int tag, String value) {
        return bytes(tag, GuestText.encode(value));
    }

    /** Whether there is room for a field with each of these values. */
    boolean takes(List<byte[]> values) {
        return values.stream().mapToLong(value -> FIELD_HEADER + value.length).sum() <= out.remaining();
    }

    FieldWriter location(GuestLocation location) {
        return string(1, location.base()).string(2, location.path());
    }

    private ByteBuffer header(int tag, int length) {
        if (out.remaining() < FIELD_HEADER + length) {
            throw new PyroException(
                    ErrorCode.INVALID_ARGUMENT,
                    "the request " + operation + " is larger than " + Wire.MAX_PAYLOAD
                            + " bytes: shorten the command or its variables, or pass them in a file");
        }
        return out.putShort((short) tag).putInt(length);
    }
}
