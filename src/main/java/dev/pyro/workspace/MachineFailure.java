package dev.pyro.workspace;

import dev.pyro.machine.LogText;
import dev.pyro.machine.Machine;
import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import java.util.function.Supplier;

/** Adds what a machine last said to the failures of talking with it. Stateless. */
final class MachineFailure {
    private MachineFailure() {}

    /** Runs something that talks to a machine's guest; what fails on the way names the end of the machine's log. */
    static <T> T explain(Machine machine, Supplier<T> conversation) {
        try {
            return conversation.get();
        } catch (PyroException e) {
            String tail = isMachines(e.code()) ? machine.logTail() : "";
            String lastLine = tail.substring(tail.lastIndexOf('\n') + 1);
            // Some messages have it already.
            if (tail.isEmpty() || e.getMessage().contains(lastLine)) {
                throw e;
            }
            throw new PyroException(e.code(), LogText.after(e.getMessage() + "; the end of its log:", tail), e);
        }
    }

    private static boolean isMachines(ErrorCode code) {
        return switch (code) {
            case MACHINE_DIED, GUEST_TIMEOUT, GUEST_PROTOCOL -> true;
            default -> false;
        };
    }
}
