package dev.pyro.agent;

import java.io.InputStream;
import java.util.Arrays;

/** A source of so many bytes. */
final class BoundedStream extends InputStream {
    private long left;

    BoundedStream(long length) {
        left = length;
    }

    @Override
    public int read() {
        return left-- > 0 ? 'x' : -1;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) {
        if (left <= 0) {
            return -1;
        }
        int count = (int) Math.min(left, length);
        Arrays.fill(bytes, offset, offset + count, (byte) 'x');
        left -= count;
        return count;
    }
}
