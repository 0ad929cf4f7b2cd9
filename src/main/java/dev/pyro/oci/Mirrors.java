package dev.pyro.oci;

import dev.pyro.model.PyroException;
import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The mirrors of one repository, which are asked in their order until they fail. Safe for use by several threads. */
final class Mirrors {
    private final List<Endpoint> all;
    private final Purpose purpose;
    private final Set<Endpoint> struckOff = new HashSet<>();
    private @Nullable String lastFailure;

    /**
     * @param purpose what they are asked for, which is not said again with each of their failures
     */
    Mirrors(List<Endpoint> all, Purpose purpose) {
        this.all = List.copyOf(all);
        this.purpose = purpose;
    }

    /** Returns those that are still asked. */
    synchronized List<Endpoint> left() {
        return all.stream().filter(mirror -> !struckOff.contains(mirror)).toList();
    }

    void strikeOff(Endpoint mirror, IOException e, Consumer<String> notices) {
        strikeOff(mirror, RegistryFailure.reason(mirror.host(), e), notices);
    }

    void strikeOff(Endpoint mirror, PyroException e, Consumer<String> notices) {
        String message = String.valueOf(e.getMessage());
        String known = "cannot " + purpose.words() + ": ";
        strikeOff(mirror, message.startsWith(known) ? message.substring(known.length()) : message, notices);
    }

    /**
     * Asks a mirror no more.
     *
     * @param reason what it did, as a sentence
     * @param notices hears of it, in words for a person
     */
    void strikeOff(Endpoint mirror, String reason, Consumer<String> notices) {
        synchronized (this) {
            if (!struckOff.add(mirror)) {
                return;
            }
            lastFailure = "the mirror " + mirror.host() + " is left out: " + reason;
        }
        notices.accept("leaves out the mirror " + mirror.host() + ": " + reason);
    }

    /** Returns a failure of the registry itself, which might not have been asked if the mirror that failed last had not. */
    synchronized PyroException blamed(PyroException e) {
        return switch (e.code()) {
            case IMAGE_NOT_FOUND, REGISTRY_DENIED, REGISTRY_UNAVAILABLE ->
                lastFailure == null ? e : new PyroException(e.code(), e.getMessage() + "; and " + lastFailure, e);
            default -> e;
        };
    }
}
