package dev.pyro.oci;

import java.util.regex.Pattern;

/** Names of this machine itself. Stateless. */
final class Loopback {
    private static final Pattern NAMES =
            Pattern.compile("(?:localhost|127(?:\\.\\d{1,3}){3}|\\[?::1]?)(?::\\d+)?", Pattern.CASE_INSENSITIVE);

    private Loopback() {}

    /** Tells whether {@code HOST[:PORT]} is this machine, without asking anybody. */
    static boolean is(String host) {
        return NAMES.matcher(host).matches();
    }
}
