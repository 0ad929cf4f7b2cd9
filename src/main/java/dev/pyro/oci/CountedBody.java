package dev.pyro.oci;

import java.io.IOException;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongConsumer;

/** The body of a request, which tells how much of it was sent. */
final class CountedBody implements BodyPublisher {
    private final BodyPublisher body;
    private final LongConsumer onSent;
    private final AtomicLong sent = new AtomicLong();

    private CountedBody(BodyPublisher body, LongConsumer onSent) {
        this.body = body;
        this.onSent = onSent;
    }

    /**
     * A file.
     *
     * @param onSent hears of each piece that goes out, on a thread of the client
     */
    static CountedBody of(Path file, LongConsumer onSent) throws IOException {
        return new CountedBody(BodyPublishers.ofFile(file), onSent);
    }

    static CountedBody of(byte[] bytes) {
        return new CountedBody(BodyPublishers.ofByteArray(bytes), count -> {});
    }

    long sent() {
        return sent.get();
    }

    @Override
    public long contentLength() {
        return body.contentLength();
    }

    @Override
    public void subscribe(Flow.Subscriber<? super ByteBuffer> subscriber) {
        body.subscribe(new Flow.Subscriber<>() {
            @Override
            public void onSubscribe(Flow.Subscription subscription) {
                subscriber.onSubscribe(subscription);
            }

            @Override
            public void onNext(ByteBuffer piece) {
                int count = piece.remaining();
                sent.addAndGet(count);
                onSent.accept(count);
                subscriber.onNext(piece);
            }

            @Override
            public void onError(Throwable failure) {
                subscriber.onError(failure);
            }

            @Override
            public void onComplete() {
                subscriber.onComplete();
            }
        });
    }
}
