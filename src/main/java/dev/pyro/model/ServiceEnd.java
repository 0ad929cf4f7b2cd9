package dev.pyro.model;

/** Why a service does not run any more. */
public enum ServiceEnd {
    /** Its process ended by itself after it was ready. */
    EXITED("exited"),
    /** Somebody asked to stop it. */
    STOP_REQUESTED("stop_requested"),
    /** Its workspace was stopped. */
    WORKSPACE_STOPPED("workspace_stopped"),
    /** Its machine ended without being asked to; nobody knows when, and how the service ended. */
    MACHINE_ENDED("machine_ended"),
    /** Its process ended before it was ready. */
    EXITED_BEFORE_READY("exited_before_ready"),
    /** It was not ready in time, and was stopped. */
    READY_TIMEOUT("ready_timeout"),
    /** Whoever started it was ended before he knew whether it is ready, and it was stopped. */
    START_ABANDONED("start_abandoned");

    private final String wireName;

    ServiceEnd(String wireName) {
        this.wireName = wireName;
    }

    /** Returns the name that records and payloads carry. */
    public String wireName() {
        return wireName;
    }
}
