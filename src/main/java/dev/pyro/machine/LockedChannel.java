package dev.pyro.machine;

import dev.pyro.store.InterProcessLock;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.channels.SocketChannel;

/** A connection to a guest agent, and the lock that is the right to have it: the next one waits for the end of this one. */
public final class LockedChannel implements ByteChannel {
    private final SocketChannel socket;
    private final InterProcessLock session;

    public LockedChannel(SocketChannel socket, InterProcessLock session) {
        this.socket = socket;
        this.session = session;
    }

    @Override
    public int read(ByteBuffer target) throws IOException {
        return socket.read(target);
    }

    @Override
    public int write(ByteBuffer source) throws IOException {
        return socket.write(source);
    }

    @Override
    public boolean isOpen() {
        return socket.isOpen();
    }

    @Override
    public void close() throws IOException {
        try {
            socket.close();
        } finally {
            session.close();
        }
    }
}
