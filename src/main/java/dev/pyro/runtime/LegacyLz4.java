package dev.pyro.runtime;

import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * The legacy frame format of LZ4, in which kernels are packed: a magic number, then blocks with their lengths before them. The library at
 * hand reads only the newer format.
 */
final class LegacyLz4 {
    private static final int MAGIC = 0x184c2102;
    private static final int MIN_MATCH = 4;
    private static final int MORE_LENGTH = 15;

    private final ByteBuffer in;
    private final byte[] out;
    private int written;

    private LegacyLz4(ByteBuffer in, byte[] out) {
        this.in = in;
        this.out = out;
    }

    /** Tells whether the little-endian buffer begins like this format. */
    static boolean isPacked(ByteBuffer packed) {
        return packed.remaining() > 2 * Integer.BYTES && packed.getInt(packed.position()) == MAGIC;
    }

    /**
     * Unpacks a little-endian buffer into so many bytes.
     *
     * @throws IOException when the data is damaged or gives another number of bytes
     */
    static byte[] unpack(ByteBuffer packed, int length) throws IOException {
        ByteBuffer in = packed.duplicate().order(packed.order());
        LegacyLz4 unpacker = new LegacyLz4(in, new byte[length]);
        try {
            in.getInt();
            while (in.remaining() >= Integer.BYTES) {
                int block = in.getInt();
                if (block == MAGIC) {
                    continue;
                }
                int end = Math.addExact(in.position(), block);
                int limit = in.limit();
                unpacker.block(in.limit(end));
                in.limit(limit);
            }
        } catch (RuntimeException e) {
            throw new IOException("damaged LZ4 data", e);
        }
        if (unpacker.written != length) {
            throw new IOException("LZ4 data of " + unpacker.written + " bytes instead of " + length);
        }
        return unpacker.out;
    }

    private void block(ByteBuffer block) {
        // A match never reaches back over the start of its block.
        int start = written;
        while (block.hasRemaining()) {
            int token = block.get() & 0xff;
            int literals = length(token >>> 4);
            block.get(out, written, literals);
            written += literals;
            if (!block.hasRemaining()) {
                return;
            }
            int offset = block.getShort() & 0xffff;
            int match = length(token & 0xf) + MIN_MATCH;
            if (offset == 0 || offset > written - start) {
                throw new IllegalArgumentException("a match before the block");
            }
            if (offset >= match) {
                System.arraycopy(out, written - offset, out, written, match);
                written += match;
            } else {
                for (int i = 0; i < match; i++, written++) {
                    out[written] = out[written - offset];
                }
            }
        }
    }

    private int length(int nibble) {
        int length = nibble;
        if (nibble == MORE_LENGTH) {
            int more;
            do {
                more = in.get() & 0xff;
                length = Math.addExact(length, more);
            } while (more == 0xff);
        }
        return length;
    }
}
