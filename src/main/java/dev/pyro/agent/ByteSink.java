package dev.pyro.agent;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;

/** Takes the bytes of a stream as they come. */
@FunctionalInterface
public interface ByteSink {
    /** A sink that drops everything. */
    ByteSink NONE = bytes -> {};

    /**
     * Takes the next bytes, all of them. May block: the guest's clock stands still meanwhile, and the guest waits.
     *
     * @param bytes is reused after the call returns, and must not be kept
     * @throws IOException ends the request and the connection
     */
    void accept(ByteBuffer bytes) throws IOException;

    /** A sink that writes to a stream and does not flush it. Not safe for use by several threads. */
    static ByteSink of(OutputStream stream) {
        byte[] array = new byte[Wire.MAX_DATA];
        return bytes -> {
            int length = bytes.remaining();
            bytes.get(array, 0, length);
            stream.write(array, 0, length);
        };
    }
}
