package dev.pyro.cli.terminal;

import java.nio.ByteBuffer;
import java.util.Set;
import java.util.TreeSet;

/**
 * Remembers what programs in a guest made of a terminal, so that it can be made usual again when it is taken away from them in the middle: the
 * alternate screen, a hidden cursor, reports of the mouse, colours. Looks at control sequences in passing and changes nothing. For one thread at a time.
 */
final class TerminalModes {
    private static final char ESCAPE = '\u001b';
    private static final int MAX_PARAMETER_CHARS = 64;
    private static final int MAX_MODES = 64;
    private static final int MAX_PUSHED = 16;
    private static final int AUTO_WRAP = 7;
    private static final int CURSOR_SHOWN = 25;

    /** Private modes that stand on a usual terminal. */
    private static final Set<Integer> USUALLY_ON = Set.of(AUTO_WRAP, CURSOR_SHOWN);

    /** Those that lead to another screen: left last but for the cursor, so that the rest is set on the screen that people see. */
    private static final Set<Integer> SCREENS = Set.of(47, 1047, 1049);

    private enum State {
        TEXT,
        ESCAPED,
        SEQUENCE
    }

    private final TreeSet<Integer> unusual = new TreeSet<>();
    private final StringBuilder parameters = new StringBuilder();
    private State state = State.TEXT;
    private boolean used;
    private boolean applicationKeypad;
    private boolean modifiedKeys;
    private int pushedKeyboards;

    /** Looks at a piece of output, and leaves it unread. */
    void look(ByteBuffer output) {
        for (int i = output.position(); i < output.limit(); i++) {
            next((char) (output.get(i) & 0xFF));
        }
    }

    private void next(char c) {
        if (c == ESCAPE) {
            state = State.ESCAPED;
            return;
        }
        switch (state) {
            case TEXT -> {}
            case ESCAPED -> {
                state = c == '[' ? State.SEQUENCE : State.TEXT;
                parameters.setLength(0);
                switch (c) {
                    case '=' -> applicationKeypad = true;
                    case '>' -> applicationKeypad = false;
                    case 'c' -> forget();
                    default -> {}
                }
            }
            case SEQUENCE -> {
                if (c >= '@' && c <= '~') {
                    state = State.TEXT;
                    sequence(c, parameters.toString());
                } else if (parameters.length() < MAX_PARAMETER_CHARS) {
                    parameters.append(c);
                }
            }
        }
    }

    private void sequence(char end, String text) {
        used = true;
        String rest = text.isEmpty() ? "" : text.substring(1);
        switch (text.isEmpty() ? ' ' : text.charAt(0)) {
            case '?' -> {
                if (end == 'h' || end == 'l') {
                    for (String mode : rest.split(";", -1)) {
                        set(mode, end == 'h');
                    }
                }
            }
            case '>' -> {
                if (end == 'm' && (rest.equals("4") || rest.startsWith("4;"))) {
                    modifiedKeys = rest.startsWith("4;") && !rest.equals("4;0");
                } else if (end == 'u') {
                    pushedKeyboards = Math.min(MAX_PUSHED, pushedKeyboards + 1);
                }
            }
            case '<' -> {
                if (end == 'u') {
                    pushedKeyboards = Math.max(0, pushedKeyboards - 1);
                }
            }
            default -> {}
        }
    }

    private void set(String mode, boolean on) {
        if (!mode.matches("[0-9]{1,5}")) {
            return;
        }
        int number = Integer.parseInt(mode);
        if (on == USUALLY_ON.contains(number)) {
            unusual.remove(number);
        } else if (unusual.size() < MAX_MODES) {
            unusual.add(number);
        }
    }

    private void forget() {
        unusual.clear();
        used = false;
        applicationKeypad = false;
        modifiedKeys = false;
        pushedKeyboards = 0;
    }

    /** Returns, once, what makes the terminal usual again; empty when nothing has been done to it. */
    String takeReset() {
        StringBuilder reset = new StringBuilder();
        unusual.stream().filter(mode -> !SCREENS.contains(mode)).forEach(mode -> unset(reset, mode));
        for (int i = 0; i < pushedKeyboards; i++) {
            reset.append(ESCAPE).append("[<u");
        }
        if (modifiedKeys) {
            reset.append(ESCAPE).append("[>4;0m");
        }
        if (applicationKeypad) {
            reset.append(ESCAPE).append('>');
        }
        if (used) {
            reset.append(ESCAPE).append("[0m");
        }
        unusual.stream().filter(SCREENS::contains).forEach(mode -> unset(reset, mode));
        forget();
        return reset.toString();
    }

    private static void unset(StringBuilder reset, int mode) {
        reset.append(ESCAPE).append("[?").append(mode).append(USUALLY_ON.contains(mode) ? 'h' : 'l');
    }
}
