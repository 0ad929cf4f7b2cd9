package dev.pyro.model;

import java.util.Locale;

/** Where a virtual machine is in its life. */
public enum VmState {
    /** It has a record, and was never started. */
    CREATED,
    /** It runs. */
    STARTED,
    /** It ran, and ended; its root disk is kept. */
    STOPPED;

    /** Returns the name used in JSON and in records. */
    public String wireName() {
        return name().toLowerCase(Locale.ROOT);
    }
}
