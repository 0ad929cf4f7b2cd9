package dev.pyro.agent;

import java.nio.ByteBuffer;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * The fields of one payload: {@code u16} tag, {@code u32} length, bytes. A view, valid as long as the payload is.
 *
 * <p>Every getter throws {@link ProtocolViolation} when the field is missing, repeated, or not of its type's length. Unknown tags are
 * ignored.
 */
final class Fields {
    private static final int FIELD_HEADER = 6;

    private final ByteBuffer payload;

    private Fields(ByteBuffer payload) {
        this.payload = payload;
    }

    /** Checks that the payload is made of whole fields. */
    static Fields of(ByteBuffer payload) throws ProtocolViolation {
        int end = payload.limit();
        int at = payload.position();
        while (at < end) {
            if (end - at < FIELD_HEADER) {
                throw new ProtocolViolation("a field that is cut off");
            }
            int length = payload.getInt(at + Short.BYTES);
            if (length < 0 || length > end - at - FIELD_HEADER) {
                throw new ProtocolViolation("a field that is longer than its frame");
            }
            at += FIELD_HEADER + length;
        }
        return new Fields(payload);
    }

    int u8(int tag) throws ProtocolViolation {
        return payload.get(required(tag, Byte.BYTES)) & 0xff;
    }

    /** Returns a field that is 0 or 1. */
    boolean flag(int tag) throws ProtocolViolation {
        int value = u8(tag);
        if (value > 1) {
            throw new ProtocolViolation("field " + tag + " is " + value + ", not 0 or 1");
        }
        return value == 1;
    }

    int u16(int tag) throws ProtocolViolation {
        return payload.getShort(required(tag, Short.BYTES)) & 0xffff;
    }

    int i32(int tag) throws ProtocolViolation {
        return payload.getInt(required(tag, Integer.BYTES));
    }

    long u32(int tag) throws ProtocolViolation {
        return payload.getInt(required(tag, Integer.BYTES)) & 0xffff_ffffL;
    }

    /** Returns an unsigned number that no honest guest would let pass 2^63. */
    long u64(int tag) throws ProtocolViolation {
        long value = payload.getLong(required(tag, Long.BYTES));
        if (value < 0) {
            throw new ProtocolViolation("field " + tag + " is " + Long.toUnsignedString(value));
        }
        return value;
    }

    /** Returns text for people: printable, and cut when it is long. */
    String text(int tag) throws ProtocolViolation {
        byte[] bytes = bytes(tag);
        if (bytes == null) {
            throw missing(tag);
        }
        return GuestText.printable(bytes);
    }

    /** Returns text for people, or an empty string when the field is missing. */
    String optionalText(int tag) throws ProtocolViolation {
        byte[] bytes = bytes(tag);
        return bytes == null ? "" : GuestText.printable(bytes);
    }

    private byte @Nullable [] bytes(int tag) throws ProtocolViolation {
        OptionalInt at = find(tag);
        if (at.isEmpty()) {
            return null;
        }
        byte[] bytes = new byte[lengthAt(at.getAsInt())];
        payload.get(at.getAsInt(), bytes);
        return bytes;
    }

    private int required(int tag, int length) throws ProtocolViolation {
        OptionalInt at = find(tag);
        if (at.isEmpty()) {
            throw missing(tag);
        }
        int found = lengthAt(at.getAsInt());
        if (found != length) {
            throw new ProtocolViolation("field " + tag + " has " + found + " bytes instead of " + length);
        }
        return at.getAsInt();
    }

    private int lengthAt(int content) {
        return payload.getInt(content - Integer.BYTES);
    }

    /** Returns where the field's content begins. */
    private OptionalInt find(int tag) throws ProtocolViolation {
        OptionalInt found = OptionalInt.empty();
        int at = payload.position();
        while (at < payload.limit()) {
            int content = at + FIELD_HEADER;
            if ((payload.getShort(at) & 0xffff) == tag) {
                if (found.isPresent()) {
                    throw new ProtocolViolation("field " + tag + " comes twice");
                }
                found = OptionalInt.of(content);
            }
            at = content + lengthAt(content);
        }
        return found;
    }

    private static ProtocolViolation missing(int tag) {
        return new ProtocolViolation("field " + tag + " is missing");
    }
}
