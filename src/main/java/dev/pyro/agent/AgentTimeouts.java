package dev.pyro.agent;

import java.time.Duration;

/**
 * How long the host waits for its guest. None of these is a command's own time-out, which travels with it.
 *
 * @param handshakeTry the first attempt at a handshake; each further one may take half as long again, up to {@code longestTry}
 * @param longestTry the longest attempt at a handshake: a guest on a busy host may need it
 * @param handshakePause between two attempts, so that the agent sees the end of the first
 * @param frame from a frame's first byte to its last
 * @param reply until the answer to a request that needs little work, and to the last byte of an input stream
 * @param stall until the next sign of life while a stream of data flows
 * @param digestStall the same while the guest computes digests, of which one may be over a huge file, or flushes its disk
 * @param transfer a whole walk, read, write, import, change or export
 * @param execGrace what a command may take beyond its own time-out, for the guest to end it and to say so
 */
record AgentTimeouts(
        Duration handshakeTry,
        Duration longestTry,
        Duration handshakePause,
        Duration frame,
        Duration reply,
        Duration stall,
        Duration digestStall,
        Duration transfer,
        Duration execGrace) {
    static final AgentTimeouts STANDARD = new AgentTimeouts(
            Duration.ofSeconds(1),
            Duration.ofSeconds(5),
            Duration.ofMillis(50),
            Watchdog.FRAME_TIMEOUT,
            Duration.ofSeconds(60),
            Duration.ofSeconds(60),
            Duration.ofMinutes(15),
            Duration.ofHours(2),
            Duration.ofSeconds(10));
}
