package dev.pyro.oci;

import dev.pyro.model.Arguments;
import java.io.IOException;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.net.http.HttpConnectTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateException;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;
import org.jspecify.annotations.Nullable;

/** What an exception of the HTTP client means. Stateless. */
final class HttpFailures {
    private static final int MAX_CAUSES = 20;

    private HttpFailures() {}

    /** Tells whether the other side proved itself by a certificate that is not trusted, or not its own. */
    static boolean isDistrust(Throwable e) {
        return causedBy(e, SSLHandshakeException.class)
                && (causedBy(e, CertificateException.class)
                        || causedBy(e, CertPathBuilderException.class)
                        || causedBy(e, CertPathValidatorException.class));
    }

    /** Tells whether TLS could not be spoken at all. */
    static boolean isTls(Throwable e) {
        return causedBy(e, SSLException.class);
    }

    static boolean isUnknownHost(Throwable e) {
        return causedBy(e, UnresolvedAddressException.class) || causedBy(e, UnknownHostException.class);
    }

    /** Tells whether nobody listens there. */
    static boolean isUnreachable(Throwable e) {
        return causedBy(e, ConnectException.class)
                || causedBy(e, HttpConnectTimeoutException.class)
                || isUnknownHost(e);
    }

    /** Tells whether it went on, but so slowly that this is no use. */
    static boolean isSlow(Throwable e) {
        return causedBy(e, BodyWatchdog.SlowBody.class);
    }

    /**
     * Returns who failed.
     *
     * @param otherwise who it was when the failure itself does not tell
     */
    static String host(String otherwise, IOException e) {
        return e instanceof HostFailure failure ? failure.host() : otherwise;
    }

    /** Returns who failed and how, as a sentence. */
    static String sentence(String otherwise, IOException e) {
        return host(otherwise, e) + " " + describe(e);
    }

    /** Returns what happened, as the end of a sentence that begins with the host's name. */
    private static String describe(IOException e) {
        if (e instanceof TransientFailure) {
            return String.valueOf(e.getMessage());
        }
        if (isUnknownHost(e)) {
            return "has no address that can be found";
        }
        if (causedBy(e, HttpConnectTimeoutException.class)) {
            return "does not answer";
        }
        if (causedBy(e, ConnectException.class)) {
            return "refuses connections";
        }
        Throwable what = e instanceof HostFailure && e.getCause() != null ? e.getCause() : e;
        String message = what.getMessage();
        return (isSlow(e) ? "is too slow (" : "breaks off (")
                + Arguments.printable(message == null ? what.getClass().getSimpleName() : message) + ")";
    }

    private static boolean causedBy(Throwable e, Class<? extends Throwable> type) {
        @Nullable Throwable cause = e;
        for (int i = 0; i < MAX_CAUSES && cause != null; i++) {
            if (type.isInstance(cause)) {
                return true;
            }
            cause = cause.getCause();
        }
        return false;
    }
}
