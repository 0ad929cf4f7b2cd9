package dev.pyro.oci;

import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** Sends single requests, within the bounds of time, and follows no redirect. Opened and closed with one image. Safe for use by several threads. */
final class HttpSender implements AutoCloseable {
    private static final Duration LOOK = Duration.ofSeconds(1);

    private final HttpBounds bounds;
    private final TrustedAuthorities authorities;
    private final ProxySelector proxies;
    private final BodyWatchdog watchdog;
    private final ExecutorService executor = Executors.newCachedThreadPool(
            action -> Thread.ofPlatform().daemon().name("pyro-http").unstarted(action));
    private final Map<String, HttpClient> clients = new HashMap<>();
    private final String userAgent = "pyro/"
            + Objects.requireNonNullElse(HttpSender.class.getPackage().getImplementationVersion(), "development");

    HttpSender(RegistrySettings settings, HttpBounds bounds) {
        this.bounds = bounds;
        this.authorities = new TrustedAuthorities(settings);
        this.proxies = new ProxyVariables(settings.environment());
        this.watchdog = new BodyWatchdog(bounds);
    }

    /**
     * Sends a request. The answer must be closed. A body's way to the registry may take long, as long as it moves on.
     *
     * @param authorization what proves who asks, or null
     * @throws HostFailure when there is no answer
     * @throws CountedBody.Unreadable when there is nothing to be sent
     * @throws PyroException {@link ErrorCode#INTERRUPTED}; {@link ErrorCode#INVALID_ARGUMENT} when it would take a proxy that cannot be used
     */
    HttpAnswer send(URI uri, ApiRequest request, @Nullable String authorization) throws IOException {
        String host = shown(uri);
        @Nullable
        CountedBody body = request.body() == null ? null : request.body().open();
        try {
            HttpResponse<InputStream> response = exchange(uri, request, body, authorization);
            return new HttpAnswer(
                    uri, response.statusCode(), response.headers(), watchdog.watch(host, response.body()));
        } catch (TimeoutException e) {
            throw new TransientFailure(host, "does not answer in time", null);
        } catch (IOException e) {
            throw new HostFailure(host, e.getMessage(), e);
        }
    }

    /** Returns the host, and who was asked in its stead: a proxy that refuses is not the host's fault. */
    private String shown(URI uri) {
        Proxy proxy = proxies.select(uri).getFirst();
        return uri.getRawAuthority()
                + (proxy.address() instanceof InetSocketAddress address
                        ? " (through the proxy " + address.getHostString() + ":" + address.getPort() + ")"
                        : "");
    }

    private HttpResponse<InputStream> exchange(
            URI uri, ApiRequest request, @Nullable CountedBody body, @Nullable String authorization)
            throws IOException, TimeoutException {
        HttpRequest.Builder builder = builder(uri).header("User-Agent", userAgent);
        request.headers().forEach(builder::header);
        if (authorization != null) {
            builder.header("Authorization", authorization);
        }
        builder.method(request.method(), body == null ? BodyPublishers.noBody() : body);
        return await(uri, start(uri, builder), body);
    }

    private static HttpRequest.Builder builder(URI uri) throws IOException {
        try {
            return HttpRequest.newBuilder(uri);
        } catch (IllegalArgumentException e) {
            throw unusable(e);
        }
    }

    private CompletableFuture<HttpResponse<InputStream>> start(URI uri, HttpRequest.Builder builder)
            throws IOException {
        try {
            return client(uri).sendAsync(builder.build(), BodyHandlers.ofInputStream());
        } catch (IllegalArgumentException e) {
            throw unusable(e);
        }
    }

    /** An address whose form is right may still be none, as with a port that cannot be. */
    private static IOException unusable(IllegalArgumentException e) {
        return new IOException("there can be no such address", e);
    }

    private HttpResponse<InputStream> await(
            URI uri, CompletableFuture<HttpResponse<InputStream>> future, @Nullable CountedBody upload)
            throws IOException, TimeoutException {
        boolean done = false;
        try {
            HttpResponse<InputStream> response = upload == null
                    ? future.get(bounds.answer().toNanos(), TimeUnit.NANOSECONDS)
                    : awaitUpload(future, upload);
            done = true;
            return response;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new PyroException(ErrorCode.INTERRUPTED, "waiting for " + uri.getHost() + " was interrupted", e);
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case IOException failure -> throw failure;
                case RuntimeException failure -> throw new IOException(failure.toString(), failure);
                case null, default -> throw new IOException(e);
            }
        } finally {
            if (!done) {
                future.cancel(true);
                // It may have come at this very moment.
                var _ = future.thenAccept(response -> closeQuietly(response.body()));
            }
        }
    }

    private HttpResponse<InputStream> awaitUpload(CompletableFuture<HttpResponse<InputStream>> future, CountedBody body)
            throws InterruptedException, TimeoutException, ExecutionException {
        long sentBefore = -1;
        long movedAt = System.nanoTime();
        while (true) {
            try {
                return future.get(LOOK.toNanos(), TimeUnit.NANOSECONDS);
            } catch (TimeoutException e) {
                long sent = body.sent();
                if (sent != sentBefore) {
                    sentBefore = sent;
                    movedAt = System.nanoTime();
                }
                Duration bound = sent >= body.contentLength() ? HttpBounds.UPLOAD_ANSWER : bounds.stall();
                if (System.nanoTime() - movedAt > bound.toNanos()) {
                    throw e;
                }
            }
        }
    }

    /** Certificates that are kept for one host prove that one only. */
    private HttpClient client(URI uri) {
        boolean plain = "http".equalsIgnoreCase(uri.getScheme());
        String host = uri.getRawAuthority();
        String key = plain ? "plain" : authorities.hasOwn(host) ? host : "";
        synchronized (clients) {
            return clients.computeIfAbsent(key, name -> {
                HttpClient.Builder builder = HttpClient.newBuilder()
                        .version(HttpClient.Version.HTTP_1_1)
                        .followRedirects(HttpClient.Redirect.NEVER)
                        .connectTimeout(bounds.connect())
                        .proxy(proxies)
                        .executor(executor);
                return (plain ? builder : builder.sslContext(authorities.context(name))).build();
            });
        }
    }

    private static void closeQuietly(InputStream body) {
        try {
            body.close();
        } catch (IOException e) {
            // Nothing more is wanted of it.
            return;
        }
    }

    @Override
    public void close() {
        synchronized (clients) {
            clients.values().forEach(HttpClient::shutdownNow);
        }
        watchdog.close();
        executor.shutdownNow();
    }
}
