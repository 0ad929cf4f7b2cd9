package dev.pyro.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;

/** Expects failures. */
final class Failures {
    private Failures() {}

    /** Runs something that must fail with this code, and returns the failure. */
    static PyroException failure(ErrorCode code, Runnable call) {
        try {
            call.run();
        } catch (PyroException e) {
            assertThat(e.code()).describedAs(e.getMessage()).isEqualTo(code);
            return e;
        }
        throw new AssertionError("expected " + code + ", but nothing failed");
    }
}
