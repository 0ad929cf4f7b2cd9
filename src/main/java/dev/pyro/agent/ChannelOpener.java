package dev.pyro.agent;

import java.io.IOException;
import java.nio.channels.ByteChannel;
import java.time.Duration;

/** Opens a fresh byte stream to the guest agent, such as {@code machine::openChannel}. */
@FunctionalInterface
public interface ChannelOpener {
    /**
     * Opens a stream. It blocks, may be read and written by two threads at a time, and closing it from a third ends their calls.
     *
     * @param timeout how long it may take
     * @throws IOException when it may work a little later
     */
    ByteChannel open(Duration timeout) throws IOException;
}
