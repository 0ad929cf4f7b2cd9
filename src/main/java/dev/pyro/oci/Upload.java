package dev.pyro.oci;

import java.io.IOException;
import java.net.URI;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongConsumer;

/**
 * The upload of one blob: it is announced, and then sent to where the registry wants it.
 *
 * @param place the repository
 * @param purpose what it is for, for messages
 */
record Upload(Place place, Purpose purpose) {
    /**
     * Announces a blob.
     *
     * @return where it is to be sent
     */
    URI start(String digest) throws IOException {
        URI uri = place.endpoint().uri("blobs/uploads/");
        try (HttpAnswer answer = place.call(uri, new ApiRequest("POST", Map.of(), () -> CountedBody.of(new byte[0])))) {
            if (answer.status() == HttpAnswer.NOT_FOUND) {
                throw RegistryFailure.notFound(
                        place.endpoint().credentialHost(),
                        "repository " + place.endpoint().repository(),
                        answer);
            }
            if (answer.status() != HttpAnswer.ACCEPTED) {
                throw RegistryFailure.unexpected(purpose, answer);
            }
            return target(answer, uri, digest);
        }
    }

    /** A registry behind something that ends TLS may not know that it has any. */
    private URI target(HttpAnswer answer, URI asked, String digest) {
        String location = answer.header("Location").orElse("");
        String plainSelf = "http://" + asked.getRawAuthority() + "/";
        if (asked.getScheme().equals("https") && location.startsWith(plainSelf)) {
            location = "https" + location.substring("http".length());
        }
        URI target = Redirects.target(place.endpoint(), answer.uri(), location, asked);
        return URI.create(target + (target.getRawQuery() == null ? "?" : "&") + "digest=" + digest);
    }

    /** Counts what one try has sent, so that it can be taken back. */
    static final class Counter implements LongConsumer {
        private final LongConsumer listener;
        private final AtomicLong sent = new AtomicLong();

        Counter(LongConsumer listener) {
            this.listener = listener;
        }

        @Override
        public void accept(long count) {
            sent.addAndGet(count);
            listener.accept(count);
        }

        void takeBack() {
            listener.accept(-sent.getAndSet(0));
        }
    }
}
