package dev.pyro.sdk;

import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import java.util.function.Supplier;

/** Says of a call that failed because its thread was interrupted that it was interrupted. Stateless. */
final class Interruptible {
    private Interruptible() {}

    /**
     * Runs a call. Whatever fails while the interrupt flag is set fails for that: an interruption closes files and connections and ends programs,
     * and not everybody on the way knows why his one has gone. What a listener throws passes through as it is.
     */
    static <T> T call(Supplier<T> call) {
        try {
            return call.get();
        } catch (PyroException e) {
            if (e.code() == ErrorCode.INTERRUPTED || !Thread.currentThread().isInterrupted()) {
                throw e;
            }
            throw new PyroException(ErrorCode.INTERRUPTED, "interrupted: " + e.getMessage(), e);
        }
    }
}
