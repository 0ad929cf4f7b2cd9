package dev.pyro.model;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One step of a long operation.
 *
 * @param operation what goes on, in one lower-case word: {@code pull}, {@code run}, {@code setup}
 * @param phase the step, in one lower-case word, such as {@code install}
 * @param subject the object that it is about, such as an environment's name
 * @param fraction how much of the phase is done, from 0 to 1, or null when nobody can know
 * @param detail a few words for a person, possibly empty
 */
public record Progress(
        String operation,
        String phase,
        String subject,
        @Nullable Double fraction,
        String detail) {
    public Progress {
        Objects.requireNonNull(operation, "operation");
        Objects.requireNonNull(phase, "phase");
        Objects.requireNonNull(subject, "subject");
        Objects.requireNonNull(detail, "detail");
        if (fraction != null && !(fraction >= 0 && fraction <= 1)) {
            throw new IllegalArgumentException("fraction " + fraction);
        }
    }

    /** A step whose length nobody knows. */
    public static Progress of(String operation, String phase, String subject) {
        return new Progress(operation, phase, subject, null, "");
    }

    /** Hears of each step, on whichever thread does the work; it must return quickly and not throw. */
    @FunctionalInterface
    public interface Listener {
        /** A listener that ignores everything. */
        Listener NONE = progress -> {};

        /** Hears of one step. */
        void onProgress(Progress progress);
    }
}
