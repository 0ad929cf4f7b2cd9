package dev.pyro.oci;

import dev.pyro.model.Arguments;
import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The protocol of registries (OCI distribution specification), for one repository and its mirrors. Opened and closed with one image; connects
 * when it is first asked. Safe for use by several threads.
 *
 * <p>Every method throws {@link PyroException}: {@link ErrorCode#IMAGE_NOT_FOUND}, {@link ErrorCode#REGISTRY_DENIED}, {@link
 * ErrorCode#REGISTRY_UNAVAILABLE} after the last of several tries, or {@link ErrorCode#INTERRUPTED}.
 */
public final class RegistryClient implements AutoCloseable {
    private static final Pattern CONTENT_RANGE = Pattern.compile("bytes (\\d{1,18})-(\\d{1,18})/(\\d{1,18}|\\*)");

    private final RegistryReference reference;
    private final Purpose purpose;
    private final Endpoint origin;
    private final Mirrors mirrors;
    private final Credentials credentials;
    private final HttpSender sender;
    private final HttpBounds bounds;
    private final Retry retry;
    private final Map<Endpoint, Place> places = new HashMap<>();

    RegistryClient(
            RegistryReference reference,
            Purpose.Access access,
            RegistrySettings settings,
            Credentials credentials,
            HttpBounds bounds,
            Retry retry) {
        this.reference = reference;
        this.purpose = new Purpose(access, reference.familiar());
        this.origin = Endpoint.origin(reference, settings);
        List<Mirror> named = access == Purpose.Access.PUSH ? List.of() : settings.mirrorsOf(reference.host());
        this.mirrors = new Mirrors(
                named.stream()
                        .map(mirror -> Endpoint.of(mirror, reference, settings))
                        .toList(),
                purpose);
        this.credentials = credentials;
        this.sender = new HttpSender(settings, bounds);
        this.bounds = bounds;
        this.retry = retry.withActivity(access.activity());
    }

    /** A manifest or index as it was fetched. */
    static final class FetchedManifest {
        private final byte[] bytes;
        private final String digest;
        private final String contentType;

        FetchedManifest(byte[] bytes, String digest, String contentType) {
            this.bytes = bytes;
            this.digest = digest;
            this.contentType = contentType;
        }

        /** Returns what it says, whatever it is. */
        ManifestReader.Document read(String what) {
            return ManifestReader.read(what, bytes, digest, contentType);
        }
    }

    /**
     * Fetches a manifest or index.
     *
     * @param target a tag, or a digest, which it then has
     * @param notices hears why it takes long
     */
    FetchedManifest manifest(String target, Consumer<String> notices) {
        return retry.run(notices, this::failure, tries -> eachPlace(notices, place -> manifest(place, target)));
    }

    private FetchedManifest manifest(Place place, String target) throws IOException {
        URI uri = place.endpoint().uri("manifests/" + target);
        try (HttpAnswer answer = place.call(uri, ApiRequest.get(Map.of("Accept", MediaTypes.ACCEPTED)))) {
            requireOk(answer, place, "image " + reference.name() + separator(target) + target);
            byte[] bytes = answer.read(ManifestReader.MAX_BYTES);
            String digest = Sha256.of(bytes);
            String wanted = ReferenceParser.isDigest(target)
                    ? target
                    : answer.header("Docker-Content-Digest")
                            .filter(ReferenceParser::isDigest)
                            .orElse(digest);
            if (!digest.equals(wanted)) {
                throw corrupt("is not what its digest says (" + digest + ", not " + wanted + ")");
            }
            return new FetchedManifest(
                    bytes, digest, answer.header("Content-Type").orElse(""));
        } catch (HttpAnswer.BodyTooLong e) {
            throw corrupt("is longer than " + ManifestReader.MAX_BYTES + " bytes");
        }
    }

    private PyroException corrupt(String what) {
        return new PyroException(
                ErrorCode.IMAGE_CORRUPT,
                "the manifest of " + reference.familiar() + " " + what
                        + "; try again, and if it stays so, whoever published the image has to push it again");
    }

    /**
     * Returns where the bytes of a blob come from. For one thread.
     *
     * @param notices hears of mirrors that fail
     */
    BlobFetcher blob(Descriptor blob, Consumer<String> notices) {
        return new BlobFetcher() {
            private @Nullable Endpoint last;
            private long lastFrom = -1;
            private long lastAt;

            @Override
            public Body open(long from, boolean originOnly) throws IOException {
                if (last != null && last.mirror() && isUseless(from - lastFrom, System.nanoTime() - lastAt)) {
                    mirrors.strikeOff(last, last.host() + " broke off, or was too slow", notices);
                }
                return originOnly
                        ? fromOrigin(place -> open(place, from))
                        : eachPlace(notices, place -> open(place, from));
            }

            private Body open(Place place, long from) throws IOException {
                Body body = openBlob(place, blob, from);
                last = place.endpoint();
                lastFrom = from;
                lastAt = System.nanoTime();
                return body;
            }
        };
    }

    /** Tells whether a mirror that broke off had brought nothing, or too little for the time that it took. */
    private boolean isUseless(long bytes, long nanos) {
        return bytes <= 0 || bytes < bounds.leastBytes(Duration.ofNanos(nanos));
    }

    private BlobFetcher.Body openBlob(Place place, Descriptor blob, long from) throws IOException {
        URI uri = place.endpoint().uri("blobs/" + blob.digest());
        // A closed range: some registries refuse open ones.
        Map<String, String> headers = from == 0 ? Map.of() : Map.of("Range", "bytes=" + from + "-" + (blob.size() - 1));
        HttpAnswer answer = place.call(uri, ApiRequest.get(headers));
        boolean kept = false;
        try {
            BlobFetcher.Body body = switch (answer.status()) {
                case HttpAnswer.PARTIAL -> partial(answer, blob, from);
                case HttpAnswer.RANGE_NOT_SATISFIABLE ->
                    throw new BlobFetcher.RangeRefused("does not continue a download");
                default -> {
                    requireOk(answer, place, "layer " + blob.digest() + " of " + reference.familiar());
                    yield whole(answer, blob);
                }
            };
            kept = true;
            return body;
        } finally {
            if (!kept) {
                answer.close();
            }
        }
    }

    private static BlobFetcher.Body whole(HttpAnswer answer, Descriptor blob) throws IOException {
        long length = answer.headers().firstValueAsLong("Content-Length").orElse(blob.size());
        if (length != blob.size()) {
            throw new BlobFetcher.WrongBody("is " + (length > blob.size() ? "longer" : "shorter")
                    + " than its manifest says (" + length + " bytes, not " + blob.size() + ")");
        }
        return new BlobFetcher.Body(answer.body(), 0);
    }

    private static BlobFetcher.Body partial(HttpAnswer answer, Descriptor blob, long from) throws IOException {
        Matcher range = CONTENT_RANGE.matcher(answer.header("Content-Range").orElse(""));
        boolean fits = range.matches()
                && Long.parseLong(range.group(1)) == from
                && (range.group(3).equals("*") || Long.parseLong(range.group(3)) == blob.size());
        if (!fits) {
            throw new BlobFetcher.RangeRefused("continues a download elsewhere than it was asked to");
        }
        return new BlobFetcher.Body(answer.body(), from);
    }

    /** Tells whether the repository has a blob. */
    public boolean hasBlob(Descriptor blob) {
        return retry.run(notice -> {}, this::failure, tries -> fromOrigin(place -> hasBlob(place, blob)));
    }

    private boolean hasBlob(Place place, Descriptor blob) throws IOException {
        URI uri = place.endpoint().uri("blobs/" + blob.digest());
        try (HttpAnswer answer = place.call(uri, new ApiRequest("HEAD", Map.of(), null))) {
            if (answer.status() == HttpAnswer.NOT_FOUND) {
                return false;
            }
            requireOk(answer, place, "blob " + blob.digest());
            return true;
        }
    }

    /**
     * Uploads a blob, unless the repository has it.
     *
     * @param file the blob's bytes, which must not change meanwhile
     * @param sent hears how many bytes went out; a negative number when it begins anew. On a thread of the client
     * @param notices hears why it takes long
     * @return whether it was uploaded now
     * @throws PyroException {@link ErrorCode#STORAGE_UNUSABLE} when the file cannot be read, besides what every method throws
     */
    public boolean upload(Path file, Descriptor blob, LongConsumer sent, Consumer<String> notices) {
        requireReadable(file, blob);
        return retry.withMaxTries(Math.min(retry.maxTries(), Retry.UPLOAD.maxTries()))
                .run(notices, this::failure, tries -> fromOrigin(place -> upload(place, file, blob, sent)));
    }

    private void requireReadable(Path file, Descriptor blob) {
        try {
            CountedBody.of(file, blob.size(), count -> {});
        } catch (CountedBody.Unreadable e) {
            throw RegistryFailure.unreadable(purpose, e);
        }
    }

    private boolean upload(Place place, Path file, Descriptor blob, LongConsumer sent) throws IOException {
        if (hasBlob(place, blob)) {
            return false;
        }
        URI target = new Upload(place, purpose).start(blob.digest());
        Upload.Counter counter = new Upload.Counter(sent);
        ApiRequest put = new ApiRequest(
                "PUT",
                Map.of("Content-Type", "application/octet-stream"),
                () -> CountedBody.of(file, blob.size(), counter));
        boolean done = false;
        try (HttpAnswer answer = place.call(target, put)) {
            if (answer.status() == HttpAnswer.NOT_FOUND || answer.status() == HttpAnswer.RANGE_NOT_SATISFIABLE) {
                throw new TransientFailure(
                        answer.uri().getRawAuthority(), "has forgotten an upload that it began", null);
            }
            if (answer.status() != HttpAnswer.CREATED && answer.status() != HttpAnswer.NO_CONTENT) {
                throw RegistryFailure.unexpected(purpose, answer);
            }
            done = true;
            return true;
        } catch (CountedBody.Unreadable e) {
            throw RegistryFailure.unreadable(purpose, e);
        } finally {
            if (!done) {
                counter.takeBack();
            }
        }
    }

    /**
     * Gives a manifest its tag. Every blob that it names must be there.
     *
     * @param notices hears why it takes long
     * @return the manifest's digest
     */
    public String putManifest(byte[] bytes, String mediaType, String tag, Consumer<String> notices) {
        if (!ReferenceParser.isTag(tag)) {
            throw new IllegalArgumentException("no tag: " + Arguments.printable(tag));
        }
        return retry.withMaxTries(Math.min(retry.maxTries(), Retry.UPLOAD.maxTries()))
                .run(notices, this::failure, tries -> fromOrigin(place -> putManifest(place, bytes, mediaType, tag)));
    }

    private String putManifest(Place place, byte[] bytes, String mediaType, String tag) throws IOException {
        URI uri = place.endpoint().uri("manifests/" + tag);
        ApiRequest put = new ApiRequest("PUT", Map.of("Content-Type", mediaType), () -> CountedBody.of(bytes));
        try (HttpAnswer answer = place.call(uri, put)) {
            if (answer.status() != HttpAnswer.CREATED && answer.status() != HttpAnswer.OK) {
                throw RegistryFailure.unexpected(purpose, answer);
            }
            String digest = Sha256.of(bytes);
            Optional<String> said = answer.header("Docker-Content-Digest").filter(ReferenceParser::isDigest);
            if (said.isPresent() && !said.get().equals(digest)) {
                throw new PyroException(
                        ErrorCode.IMAGE_CORRUPT,
                        "cannot " + purpose.words() + ": " + reference.host() + " has stored another manifest ("
                                + Arguments.printable(said.get()) + ") than it was given (" + digest
                                + "); ask whoever runs it");
            }
            return digest;
        }
    }

    private void requireOk(HttpAnswer answer, Place place, String what) {
        if (answer.status() == HttpAnswer.NOT_FOUND) {
            throw RegistryFailure.notFound(place.endpoint().credentialHost(), what, answer);
        }
        if (answer.status() != HttpAnswer.OK) {
            throw RegistryFailure.unexpected(purpose, answer);
        }
    }

    private static String separator(String target) {
        return ReferenceParser.isDigest(target) ? "@" : ":";
    }

    PyroException failure(IOException e) {
        return mirrors.blamed(RegistryFailure.unavailable(reference.host(), purpose, e));
    }

    /** Something that is asked of one place. */
    @FunctionalInterface
    private interface Question<T> {
        T ask(Place place) throws IOException;
    }

    /**
     * Asks the mirrors in their order, and then the registry: a mirror's failure only means that it is not asked again.
     *
     * @param notices hears of it
     */
    private <T> T eachPlace(Consumer<String> notices, Question<T> question) throws IOException {
        for (Endpoint mirror : mirrors.left()) {
            try {
                return question.ask(place(mirror));
            } catch (IOException e) {
                if (Thread.currentThread().isInterrupted()) {
                    throw e;
                }
                mirrors.strikeOff(mirror, e, notices);
            } catch (PyroException e) {
                switch (e.code()) {
                    // Others may be there.
                    case IMAGE_NOT_FOUND -> {}
                    case REGISTRY_DENIED, REGISTRY_UNAVAILABLE, IMAGE_CORRUPT -> mirrors.strikeOff(mirror, e, notices);
                    default -> throw e;
                }
            }
        }
        return fromOrigin(question);
    }

    private <T> T fromOrigin(Question<T> question) throws IOException {
        try {
            return question.ask(place(origin));
        } catch (PyroException e) {
            throw mirrors.blamed(e);
        }
    }

    private Place place(Endpoint endpoint) throws IOException {
        synchronized (places) {
            Place known = places.get(endpoint);
            if (known != null) {
                return known;
            }
        }
        Place opened = Place.open(endpoint, sender, purpose, credentials);
        synchronized (places) {
            Place faster = places.putIfAbsent(endpoint, opened);
            return faster == null ? opened : faster;
        }
    }

    /** Ends connections. */
    @Override
    public void close() {
        sender.close();
    }
}
