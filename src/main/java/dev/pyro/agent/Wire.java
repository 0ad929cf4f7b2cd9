package dev.pyro.agent;

import java.nio.charset.StandardCharsets;

/** The numbers of {@code docs/guest-protocol.md}, version 4, that both directions need. */
final class Wire {
    static final int VERSION = 4;
    static final int HEADER_LENGTH = 8;
    static final int MAX_PAYLOAD = 262_144;
    /** The most bytes of a stream in one frame. */
    static final int MAX_DATA = 65_536;

    static final int NONCE_LENGTH = 16;
    static final int MAX_PATH = 4_096;
    static final int MAX_NAME = 255;
    static final int MAX_LINK_TARGET = 4_095;
    static final int MAX_COMMAND = 131_000;
    static final int MAX_VARIABLES = 1_024;
    static final int MAX_USER = 256;
    static final int MAX_ARGUMENTS = 4_096;
    static final int MAX_WALK_ENTRIES = 1_000_000;
    static final int MAX_WALK_LEVELS = 128;
    static final int MAX_CHANGES = 100_000;
    static final int MAX_FREEZE_MILLIS = 30_000;

    static final int HELLO = 0x01;
    static final int REQUEST = 0x10;
    static final int DATA = 0x11;
    static final int END = 0x12;

    static final int CONFIGURE = 1;
    static final int EXEC = 2;
    static final int WALK = 3;
    static final int READ = 4;
    static final int WRITE = 5;
    static final int IMPORT = 6;
    static final int EXPORT = 7;
    static final int SHUTDOWN = 8;
    static final int FREEZE = 9;
    static final int THAW = 10;
    static final int CHANGE = 11;
    static final int JOB_START = 12;
    static final int JOB_LIST = 13;
    static final int JOB_READ = 14;
    static final int JOB_WRITE = 15;
    static final int JOB_RESIZE = 16;
    static final int JOB_SIGNAL = 17;
    static final int JOB_STOP = 18;
    static final int JOB_PROBE = 19;

    private static final byte[] HELLO_MAGIC = "PYRO-HEL".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] ACK_MAGIC = "PYRO-ACK".getBytes(StandardCharsets.US_ASCII);

    private Wire() {}

    static byte[] helloMagic() {
        return HELLO_MAGIC.clone();
    }

    /** Returns how every HELLO_ACK begins: its header and the magic. */
    static byte[] ackStart() {
        byte[] start = new byte[HEADER_LENGTH + ACK_MAGIC.length];
        start[0] = (byte) FrameType.HELLO_ACK.code();
        start[HEADER_LENGTH - 1] = (byte) (ACK_MAGIC.length + Short.BYTES + NONCE_LENGTH);
        System.arraycopy(ACK_MAGIC, 0, start, HEADER_LENGTH, ACK_MAGIC.length);
        return start;
    }
}
