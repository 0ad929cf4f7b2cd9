package dev.pyro.model;

import java.util.Locale;

/** Where the value of a secret came from. */
public enum SecretSource {
    /** It was given as it is. */
    LITERAL,
    /** It was read from a file of the host. */
    FILE;

    /** Returns the name that records and payloads carry. */
    public String wireName() {
        return name().toLowerCase(Locale.ROOT);
    }
}
