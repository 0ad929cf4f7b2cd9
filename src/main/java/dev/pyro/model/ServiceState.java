package dev.pyro.model;

import java.util.Locale;

/** Where a service is in its life. */
public enum ServiceState {
    /** Its process runs; while {@link Service#readyAt} is null, it is being started. */
    RUNNING,
    /** It ended by itself, or with its machine, after it was ready. */
    EXITED,
    /** Somebody stopped it, or its workspace. */
    STOPPED,
    /** It did not become ready; nothing of it runs. */
    FAILED;

    /** Returns the name that records and payloads carry. */
    public String wireName() {
        return name().toLowerCase(Locale.ROOT);
    }
}
