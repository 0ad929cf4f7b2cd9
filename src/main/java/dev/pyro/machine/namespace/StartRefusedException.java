package dev.pyro.machine.namespace;

import dev.pyro.machine.LogText;
import dev.pyro.model.Problem;
import org.jspecify.annotations.Nullable;

/** A machine's processes ended before its agent listened. */
final class StartRefusedException extends Exception {
    private static final long serialVersionUID = 1L;

    private final transient @Nullable Problem problem;
    private final String log;

    /**
     * A refusal.
     *
     * @param problem the cause, or null when nobody knows it
     * @param log the end of the machine's log, possibly empty
     */
    StartRefusedException(@Nullable Problem problem, String log) {
        super(problem == null ? "the sandbox ended at once" : problem.toString());
        this.problem = problem;
        this.log = log;
    }

    /** Returns the cause with its remedy; without a remedy where nobody knows the cause. */
    Problem problem() {
        return problem != null
                ? problem
                : new Problem("a sandbox of Linux namespaces ends at once: " + log.replace('\n', ' '), "");
    }

    /** Returns the cause and the end of the log, for a message. */
    String explanation() {
        return getMessage() + LogText.after("", log);
    }
}
