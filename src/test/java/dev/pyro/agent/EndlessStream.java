package dev.pyro.agent;

import java.io.InputStream;
import java.util.Arrays;

/** A source that never ends. */
final class EndlessStream extends InputStream {
    @Override
    public int read() {
        return 'x';
    }

    @Override
    public int read(byte[] bytes, int offset, int length) {
        Arrays.fill(bytes, offset, offset + length, (byte) 'x');
        return length;
    }
}
