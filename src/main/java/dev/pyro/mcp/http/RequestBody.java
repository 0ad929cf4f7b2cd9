package dev.pyro.mcp.http;

import dev.pyro.mcp.server.RpcMessage;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.TimeoutException;
import java.util.function.BiConsumer;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Request;
import org.jspecify.annotations.Nullable;

/**
 * Reads the body of one request as it comes, holding no thread: its size, its time and the memory for all bodies are bounded.
 *
 * <p>What is refused is read to its end all the same, within bounds, and dropped: most clients send all of a body before they look for an
 * answer, and would see nothing but a connection that breaks.
 */
final class RequestBody implements Runnable {
    /** Of one body: the same as of a line over stdio. */
    static final int MAX_BYTES = RpcMessage.MAX_BYTES;

    /** Of one body that is read only to be refused. */
    static final long MAX_DROPPED_BYTES = 64L * 1024 * 1024;

    /** From the headers to the last byte. */
    private static final Duration BOUND = Duration.ofSeconds(30);

    private final Request request;
    private final BodyBudget.Share share;
    private final BiConsumer<@Nullable String, @Nullable HttpFailure> whenRead;
    private ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final long deadline = System.nanoTime() + BOUND.toNanos();
    /** Set once nothing of the body is kept any more. */
    private @Nullable HttpFailure refusal;

    private long dropped;

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
     * @throws HttpFailure when its headers tell that it is far too large, or that the client waits for leave to send it
     */
    static void read(
            Request request, BodyBudget.Share share, BiConsumer<@Nullable String, @Nullable HttpFailure> whenRead) {
        RequestBody body = new RequestBody(request, share, whenRead);
        if (request.getLength() > MAX_BYTES) {
            if (request.getLength() > MAX_DROPPED_BYTES || request.getHeaders().contains(HttpHeader.EXPECT)) {
                throw tooLarge();
            }
            body.refusal = tooLarge();
        }
        body.run();
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
            if (refusal == null) {
                refusal = refusal(length);
            }
            HttpFailure refused = refusal;
            if (refused != null) {
                drop(length, chunk.isLast(), refused);
                return false;
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

    /** Returns why the body cannot become longer by so many bytes, or null. */
    private @Nullable HttpFailure refusal(int more) {
        if (System.nanoTime() > deadline) {
            throw tooSlow();
        }
        if (bytes.size() + more > MAX_BYTES) {
            return tooLarge();
        }
        return share.growTo(bytes.size() + more)
                ? null
                : new HttpFailure(
                        HttpStatus.SERVICE_UNAVAILABLE_503,
                        HttpFailure.REFUSED,
                        "too many large requests at a time; try again",
                        "Retry-After",
                        "1");
    }

    /** Throws why the body is refused, once there is no more of it, or too much. */
    private void drop(int length, boolean last, HttpFailure refused) {
        bytes = new ByteArrayOutputStream();
        share.release();
        dropped += length;
        if (last || dropped > MAX_DROPPED_BYTES || System.nanoTime() > deadline) {
            throw refused;
        }
    }

    private static HttpFailure tooLarge() {
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
