package dev.pyro.oci;

import dev.pyro.json.Json;
import dev.pyro.json.JsonFormatException;
import dev.pyro.json.JsonValue.JsonArray;
import dev.pyro.json.JsonValue.JsonObject;
import dev.pyro.json.JsonValue.JsonString;
import dev.pyro.model.Arguments;
import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Turns what a registry does into the error that the user sees. Stateless. */
final class RegistryFailure {
    private static final int MAX_BODY_BYTES = 64 << 10;

    private RegistryFailure() {}

    /**
     * The last try failed.
     *
     * @param registry who is to blame when the failure itself does not tell
     */
    static PyroException unavailable(String registry, Purpose purpose, IOException e) {
        String remedy;
        if (HttpFailures.isDistrust(e)) {
            remedy = "";
        } else if (HttpFailures.isUnreachable(e)) {
            remedy =
                    "; check its name and the network (HTTPS_PROXY where there is a proxy, --plain-http where a registry has no TLS),"
                            + " and try again";
        } else if (HttpFailures.isTls(e)) {
            remedy = "; when it has no TLS, name it with --plain-http (or " + RegistrySettings.PLAIN_VARIABLE + ")";
        } else {
            remedy = "; " + purpose.access().kept() + ": try again"
                    + (longWait(e).isPresent() ? " then" : "");
        }
        return new PyroException(
                ErrorCode.REGISTRY_UNAVAILABLE, "cannot " + purpose.words() + ": " + reason(registry, e) + remedy, e);
    }

    /**
     * Returns who failed and how, as a sentence.
     *
     * @param registry who is to blame when the failure itself does not tell
     */
    static String reason(String registry, IOException e) {
        if (HttpFailures.isDistrust(e)) {
            return "the certificate of " + HttpFailures.host(registry, e)
                    + " is not trusted here; when it is a private registry, name the file of its authority with"
                    + " --registry-ca (or " + RegistrySettings.CA_VARIABLE + ")";
        }
        return HttpFailures.sentence(registry, e)
                + longWait(e)
                        .map(time -> " and wants to be left alone for " + time.toSeconds() + " s")
                        .orElse("");
    }

    private static Optional<Duration> longWait(IOException e) {
        return e instanceof TransientFailure refusal
                ? refusal.retryAfter().filter(time -> time.compareTo(Retry.LONGEST_RETRY_AFTER) > 0)
                : Optional.empty();
    }

    /** An answer that nobody expects. */
    static PyroException unexpected(Purpose purpose, HttpAnswer answer) {
        return new PyroException(
                ErrorCode.REGISTRY_UNAVAILABLE,
                "cannot " + purpose.words() + ": " + answer.uri().getRawAuthority() + " answers with status "
                        + answer.status() + said(answer)
                        + "; check that it is a registry of images, and that the name is right");
    }

    /** What is to be sent cannot be read here. */
    static PyroException unreadable(Purpose purpose, CountedBody.Unreadable e) {
        return new PyroException(
                ErrorCode.STORAGE_UNUSABLE,
                "cannot " + purpose.words() + ": " + e.getMessage()
                        + "; try again when no `pyro env prune` runs: what is missing is made anew",
                e);
    }

    /** There is no such thing. */
    static PyroException notFound(String registry, String what, HttpAnswer answer) {
        return new PyroException(
                ErrorCode.IMAGE_NOT_FOUND,
                registry + " has no " + what + said(answer) + "; check the name and the tag");
    }

    /**
     * It does not let us.
     *
     * @param purpose what was wanted
     * @param credential what it was asked with, or null when nothing is known for it
     */
    static PyroException denied(String registry, Purpose purpose, @Nullable Credential credential, HttpAnswer answer) {
        String why = credential == null
                ? registry + " says that it does not exist, or needs a login, and there are no credentials for it"
                        + said(answer)
                        + "; check the name, or log in with `docker login`, `podman login` or `skopeo login`"
                : registry + " refuses the credentials from " + credential.origin() + said(answer)
                        + "; log in again, or ask whoever runs it for the right";
        return new PyroException(ErrorCode.REGISTRY_DENIED, "cannot " + purpose.words() + ": " + why);
    }

    /** Busy, or out of order. */
    static TransientFailure transientFailure(HttpAnswer answer, @Nullable Duration retryAfter) {
        return new TransientFailure(
                answer.uri().getRawAuthority(), "answers with status " + answer.status() + said(answer), retryAfter);
    }

    /** Returns what an answer says of its reason, in brackets, or nothing; it may be anything. */
    private static String said(HttpAnswer answer) {
        try {
            String text = new String(answer.readUpTo(MAX_BODY_BYTES), StandardCharsets.UTF_8);
            if (Json.parseBounded(text) instanceof JsonObject object
                    && object.members().get("errors") instanceof JsonArray errors
                    && !errors.elements().isEmpty()
                    && errors.elements().getFirst() instanceof JsonObject error
                    && error.members().get("message") instanceof JsonString message
                    && !message.value().isBlank()) {
                return " (\"" + Arguments.printable(message.value().strip()) + "\")";
            }
            return "";
        } catch (IOException | JsonFormatException e) {
            return "";
        }
    }
}
