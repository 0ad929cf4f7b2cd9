package dev.pyro.agent;

import java.io.IOException;

/** The guest sent something that the protocol does not allow; the message names it: "a frame of the unknown type 0x7". */
final class ProtocolViolation extends IOException {
    private static final long serialVersionUID = 1L;

    ProtocolViolation(String message) {
        super(message);
    }
}
