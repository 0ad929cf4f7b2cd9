package dev.pyro.disk;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.Map;

/** Small reads of a disk, of which many fall on the same places. */
final class CachedBlocks {
    private static final int PIECE_BITS = 14;
    private static final int PIECE_BYTES = 1 << PIECE_BITS;
    private static final int CACHED_PIECES = 1024;

    private final BlockSource source;
    private final Map<Long, byte[]> pieces = new LinkedHashMap<>(CACHED_PIECES, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Long, byte[]> eldest) {
            return size() > CACHED_PIECES;
        }
    };

    CachedBlocks(BlockSource source) {
        this.source = source;
    }

    /** Reads a few bytes, in the byte order of ext4. */
    ByteBuffer read(long position, int count) throws IOException {
        byte[] bytes = new byte[count];
        int done = 0;
        while (done < count) {
            long at = position + done;
            byte[] piece = piece(at >>> PIECE_BITS);
            int inPiece = (int) (at & (PIECE_BYTES - 1));
            int part = Math.min(count - done, PIECE_BYTES - inPiece);
            System.arraycopy(piece, inPiece, bytes, done, part);
            done += part;
        }
        return ByteBuffer.wrap(bytes).order(java.nio.ByteOrder.LITTLE_ENDIAN);
    }

    private byte[] piece(long index) throws IOException {
        byte[] piece = pieces.get(index);
        if (piece == null) {
            piece = new byte[PIECE_BYTES];
            source.read(index << PIECE_BITS, ByteBuffer.wrap(piece));
            pieces.put(index, piece);
        }
        return piece;
    }
}
