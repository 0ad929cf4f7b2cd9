package dev.pyro.agent;

/** What a job of the guest's agent is. */
public enum JobKind {
    /** A login shell on a terminal of its own. */
    SHELL(1),
    /** A command that runs on its own, with its output in pipes. */
    SERVICE(2);

    private final int code;

    JobKind(int code) {
        this.code = code;
    }

    int code() {
        return code;
    }
}
