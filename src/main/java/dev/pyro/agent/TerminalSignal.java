package dev.pyro.agent;

/** A signal for what runs in the foreground of a shell's terminal; the numbers are Linux's. */
public enum TerminalSignal {
    HUP(1),
    INT(2),
    KILL(9),
    TERM(15);

    private final int number;

    TerminalSignal(int number) {
        this.number = number;
    }

    int number() {
        return number;
    }
}
