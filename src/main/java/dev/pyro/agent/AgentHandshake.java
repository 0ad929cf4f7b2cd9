package dev.pyro.agent;

import dev.pyro.agent.Watchdog.Bound;
import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import dev.pyro.os.HostEntropy;
import java.io.IOException;
import java.nio.channels.ByteChannel;
import java.nio.channels.ClosedByInterruptException;
import java.time.Duration;

/** Opens streams until the agent answers on one of them. */
final class AgentHandshake {
    private final String machine;
    private final ChannelOpener opener;
    private final AgentTimeouts timeouts;
    private final long bound;
    private final long start = System.nanoTime();
    private int attempts;
    private String lastReason = "";
    private boolean garbage;

    AgentHandshake(String machine, ChannelOpener opener, Duration bound, AgentTimeouts timeouts) {
        this.machine = machine;
        this.opener = opener;
        this.bound = bound.toNanos();
        this.timeouts = timeouts;
    }

    AgentConnection run() {
        Duration patience = timeouts.handshakeTry();
        while (left().isPositive()) {
            attempts++;
            ByteChannel channel = null;
            try {
                channel = opener.open(left());
                Duration rest = left();
                AgentConnection connection = new AgentConnection(machine, channel, timeouts);
                if (greet(connection, patience.compareTo(rest) < 0 ? patience : rest)) {
                    return connection;
                }
            } catch (ClosedByInterruptException e) {
                throw interrupted(e);
            } catch (IOException e) {
                lastReason = String.valueOf(e.getMessage());
            }
            pause();
            Duration longer = patience.multipliedBy(3).dividedBy(2);
            patience = longer.compareTo(timeouts.longestTry()) < 0 ? longer : timeouts.longestTry();
        }
        throw new PyroException(
                garbage ? ErrorCode.GUEST_PROTOCOL : ErrorCode.GUEST_TIMEOUT,
                "the guest of " + machine + " did not answer within "
                        + Duration.ofNanos(bound).toMillis() + " ms ("
                        + attempts + " attempts" + (lastReason.isEmpty() ? "" : ", the last: " + lastReason)
                        + "); its console log may say why");
    }

    /** Returns whether the agent answered; the connection is closed when it did not. */
    private boolean greet(AgentConnection connection, Duration patience) {
        byte[] nonce = HostEntropy.draw(Wire.NONCE_LENGTH);
        boolean answered = false;
        try {
            connection.watchdog().arm(Bound.REQUEST, patience);
            connection.sendHello(nonce);
            int version = connection.reader().awaitAck(nonce);
            connection.watchdog().disarm(Bound.REQUEST);
            if (version != Wire.VERSION) {
                throw new PyroException(
                        ErrorCode.GUEST_PROTOCOL,
                        "the agent in the guest of " + machine + " speaks version " + version
                                + " of the guest protocol, this program version " + Wire.VERSION
                                + "; stop the machine and start it anew");
            }
            answered = true;
        } catch (ClosedByInterruptException e) {
            throw interrupted(e);
        } catch (IOException e) {
            if (Thread.currentThread().isInterrupted()) {
                throw interrupted(e);
            }
            note(e, connection.watchdog().expired() != null, patience);
        } finally {
            if (!answered) {
                connection.close();
            }
        }
        return answered;
    }

    /** Keeps why an attempt failed. A flood tells more than the silence of a later attempt that had little time left. */
    private void note(IOException e, boolean expired, Duration patience) {
        if (e instanceof ProtocolViolation) {
            garbage = true;
            lastReason = "it sent " + e.getMessage();
        } else if (!garbage) {
            lastReason = expired ? "no answer within " + patience.toMillis() + " ms" : String.valueOf(e.getMessage());
        }
    }

    private void pause() {
        try {
            Thread.sleep(timeouts.handshakePause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw interrupted(e);
        }
    }

    private Duration left() {
        return Duration.ofNanos(bound - (System.nanoTime() - start));
    }

    private PyroException interrupted(Exception e) {
        return new PyroException(ErrorCode.INTERRUPTED, "interrupted while waiting for the guest of " + machine, e);
    }
}
