package dev.pyro.mcp.http;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.TimeoutException;
import java.util.function.BiConsumer;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Request;
import org.jspecify.annotations.Nullable;

/** Reads the body of one request as it comes, holding no thread: its size, its time and the memory for all bodies are bounded. */
final class RequestBody implements Runnable {
    /** Of one body. The largest argument that makes sense is a file or a patch of some MiB. */
    static final int MAX_BYTES = 4 * 1024 * 1024;

    /** From the headers to the last byte. */
    private static final Duration BOUND = Duration.ofSeconds(30);

    private final Request request;
    private final BodyBudget.Share share;
    private final BiConsumer<@Nullable String, @Nullable HttpFailure> whenRead;
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final long deadline = System.nanoTime() + BOUND.toNanos();

    private RequestBody(
            Request request, BodyBudget.Share share, BiConsumer<@Nullable String, @Nullable HttpFailure> whenRead) {
        this.request = request;
        this.share = share;
        this.whenRead = whenRead;
    }

    /**
     * Reads a body.
     *
     * @param share takes the memory; the caller gives it back
     * @param whenRead is given the text or the failure, once, on some thread
     */
    static void read(
            Request request, BodyBudget.Share share, BiConsumer<@Nullable String, @Nullable HttpFailure> whenRead) {
        new RequestBody(request, share, whenRead).run();
    }

    @Override
    public void run() {
        String text;
        try {
            while (true) {
                Content.Chunk chunk = request.read();
                if (chunk == null) {
                    request.demand(this);
                    return;
                }
                if (take(chunk)) {
                    break;
                }
            }
            text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes.toByteArray()))
                    .toString();
        } catch (CharacterCodingException e) {
            whenRead.accept(
                    null,
                    new HttpFailure(HttpStatus.BAD_REQUEST_400, HttpFailure.PARSE_ERROR, "the body is not UTF-8"));
            return;
        } catch (HttpFailure e) {
            whenRead.accept(null, e);
            return;
        }
        whenRead.accept(text, null);
    }

    /** Returns whether it was the last one. */
    private boolean take(Content.Chunk chunk) {
        if (Content.Chunk.isFailure(chunk)) {
            throw chunk.getFailure() instanceof TimeoutException
                    ? tooSlow()
                    : new HttpFailure(HttpStatus.BAD_REQUEST_400, HttpFailure.INVALID_REQUEST, "the body broke off");
        }
        try {
            int length = chunk.remaining();
            if (bytes.size() + length > MAX_BYTES) {
                throw tooLarge();
            }
            if (System.nanoTime() > deadline) {
                throw tooSlow();
            }
            if (!share.grow(length)) {
                throw new HttpFailure(
                        HttpStatus.SERVICE_UNAVAILABLE_503,
                        HttpFailure.REFUSED,
                        "too many large requests at a time; try again",
                        "Retry-After",
                        "1");
            }
            ByteBuffer buffer = chunk.getByteBuffer();
            byte[] copy = new byte[length];
            buffer.get(copy);
            bytes.write(copy, 0, length);
            return chunk.isLast();
        } finally {
            chunk.release();
        }
    }

    static HttpFailure tooLarge() {
        return new HttpFailure(
                HttpStatus.PAYLOAD_TOO_LARGE_413,
                HttpFailure.INVALID_REQUEST,
                "the body is larger than " + MAX_BYTES + " bytes");
    }

    private static HttpFailure tooSlow() {
        return new HttpFailure(
                HttpStatus.REQUEST_TIMEOUT_408,
                HttpFailure.INVALID_REQUEST,
                "the body did not come within " + BOUND.toSeconds() + " s");
    }
}
