package dev.pyro.agent;

/** The frames that the agent sends, with the lengths that their payloads may have. */
enum FrameType {
    HELLO_ACK(0x81, 26, 26),
    RESULT(0x90, 0, Wire.MAX_PAYLOAD),
    ERROR(0x91, 0, Wire.MAX_PAYLOAD),
    STDOUT(0x92, 1, Wire.MAX_DATA),
    STDERR(0x93, 1, Wire.MAX_DATA),
    DATA_OUT(0x94, 1, Wire.MAX_DATA),
    ENTRIES(0x95, 1, Wire.MAX_PAYLOAD);

    private final int code;
    private final int shortest;
    private final int longest;

    FrameType(int code, int shortest, int longest) {
        this.code = code;
        this.shortest = shortest;
        this.longest = longest;
    }

    int code() {
        return code;
    }

    /** Returns the type of a frame whose header says this, when the length is one that the type allows. */
    static FrameType of(int code, int length) throws ProtocolViolation {
        FrameType type = switch (code) {
            case 0x81 -> HELLO_ACK;
            case 0x90 -> RESULT;
            case 0x91 -> ERROR;
            case 0x92 -> STDOUT;
            case 0x93 -> STDERR;
            case 0x94 -> DATA_OUT;
            case 0x95 -> ENTRIES;
            default -> throw new ProtocolViolation("a frame of the unknown type 0x" + Integer.toHexString(code));
        };
        if (length < type.shortest || length > type.longest) {
            throw new ProtocolViolation("a frame " + type + " of " + Integer.toUnsignedString(length)
                    + " bytes, allowed are " + type.shortest + " to " + type.longest);
        }
        return type;
    }
}
