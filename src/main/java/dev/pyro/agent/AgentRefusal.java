package dev.pyro.agent;

import dev.pyro.model.ErrorCode;

/** The agent's ERROR frame: the cause of the exception that a caller sees when the guest refused or failed a request. */
public final class AgentRefusal extends Exception {
    private static final long serialVersionUID = 1L;

    /** What the agent says is wrong. */
    public enum Reason {
        BAD_REQUEST(1, "the request is malformed"),
        NOT_CONFIGURED(2, "the guest is not configured yet"),
        NOT_FOUND(3, "no such file or directory"),
        OUTSIDE(4, "the path leads out of its folder"),
        NOT_A_DIRECTORY(5, "it is not a directory"),
        IS_A_DIRECTORY(6, "it is a directory"),
        NO_SPACE(7, "the guest's disk is full"),
        LIMIT(8, "a bound is exceeded"),
        BAD_ARCHIVE(9, "the archive is malformed, or holds something that is refused"),
        NOT_EXECUTABLE(10, "the shell cannot be started"),
        IO(11, "an operation of the guest's kernel failed"),
        EXISTS(12, "there is one of that name already"),
        WRONG_STATE(13, "it has ended"),
        NO_SUCH_USER(14, "the guest has no such user"),
        /** A reason that this version does not know. */
        UNKNOWN(0, "it failed");

        private final int code;
        private final String description;

        Reason(int code, String description) {
            this.code = code;
            this.description = description;
        }

        /** Returns a few words for a message. */
        public String description() {
            return description;
        }

        static Reason ofCode(int code) {
            for (Reason reason : values()) {
                if (reason.code == code) {
                    return reason;
                }
            }
            return UNKNOWN;
        }
    }

    private final Reason reason;
    private final long errno;

    AgentRefusal(Reason reason, long errno, String message) {
        super(message);
        this.reason = reason;
        this.errno = errno;
    }

    /** Returns what is wrong. */
    public Reason reason() {
        return reason;
    }

    /** Returns the code that callers of Pyro see. */
    ErrorCode errorCode() {
        return reason == Reason.NO_SUCH_USER ? ErrorCode.GUEST_USER_UNKNOWN : ErrorCode.GUEST_ERROR;
    }

    /** Returns the guest kernel's error number, or 0. */
    public long errno() {
        return errno;
    }
}
