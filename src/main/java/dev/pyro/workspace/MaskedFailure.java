package dev.pyro.workspace;

import dev.pyro.model.PyroException;
import org.jspecify.annotations.Nullable;

/** Makes failures whose texts show no secret, with the stack traces of those that did. Immutable. */
final class MaskedFailure {
    /** Nothing of Pyro is wrapped as often; what lies deeper is left out. */
    private static final int MAX_DEPTH = 16;

    private final SecretMask mask;

    MaskedFailure(SecretMask mask) {
        this.mask = mask;
    }

    /** Returns the failure itself when none of its texts shows a secret. */
    PyroException of(PyroException failure) {
        return shows(failure, 0) ? masked(failure, 0) : failure;
    }

    private boolean shows(@Nullable Throwable throwable, int depth) {
        if (throwable == null) {
            return false;
        }
        if (depth > MAX_DEPTH) {
            return true;
        }
        String text = throwable.toString();
        boolean shows = !mask.text(text).equals(text) || shows(throwable.getCause(), depth + 1);
        for (Throwable suppressed : throwable.getSuppressed()) {
            shows |= shows(suppressed, depth + 1);
        }
        return shows;
    }

    private PyroException masked(PyroException failure, int depth) {
        return like(
                failure,
                new PyroException(
                        failure.code(), mask.text(failure.getMessage()), masked(failure.getCause(), depth + 1)),
                depth);
    }

    private @Nullable Throwable masked(@Nullable Throwable throwable, int depth) {
        if (throwable == null || depth > MAX_DEPTH) {
            return null;
        }
        return throwable instanceof PyroException failure
                ? masked(failure, depth)
                : like(
                        throwable,
                        new Hidden(mask.text(throwable.toString()), masked(throwable.getCause(), depth + 1)),
                        depth);
    }

    private <T extends Throwable> T like(Throwable original, T masked, int depth) {
        masked.setStackTrace(original.getStackTrace());
        for (Throwable suppressed : original.getSuppressed()) {
            Throwable hidden = masked(suppressed, depth + 1);
            if (hidden != null) {
                masked.addSuppressed(hidden);
            }
        }
        return masked;
    }

    /** Stands for a cause of any class; its message is the cause's text. */
    private static final class Hidden extends Exception {
        private static final long serialVersionUID = 1L;

        Hidden(String text, @Nullable Throwable cause) {
            super(text, cause);
        }
    }
}
