package dev.pyro.agent;

import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.CountDownLatch;

/** A source that gives nothing, and ends when its latch is down: a terminal at which nobody types. */
final class AwaitingStream extends InputStream {
    private final CountDownLatch end;

    AwaitingStream(CountDownLatch end) {
        this.end = end;
    }

    @Override
    public int read() throws IOException {
        try {
            end.await();
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
        return -1;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
        return read();
    }
}
