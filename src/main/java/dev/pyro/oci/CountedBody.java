package dev.pyro.oci;

import java.io.IOException;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
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
     * @param bytes how many it must have
     * @param onSent hears of each piece that goes out, on a thread of the client
     * @throws Unreadable when it is gone, say
     */
    static CountedBody of(Path file, long bytes, LongConsumer onSent) throws Unreadable {
        // What the client's publisher says of a file that it cannot open is not always an exception, and not always at
        // once.
        try (SeekableByteChannel channel = Files.newByteChannel(file)) {
            if (channel.size() != bytes) {
                throw new IOException("it has " + channel.size() + " bytes, not " + bytes);
            }
            return new CountedBody(BodyPublishers.ofFile(file), onSent);
        } catch (IOException e) {
            throw new Unreadable(file, e);
        }
    }

    /** A file on this host cannot be read: no registry's fault. */
    static final class Unreadable extends IOException {
        private static final long serialVersionUID = 1L;

        Unreadable(Path file, IOException cause) {
            super("cannot read " + file + " (" + reason(cause) + ")", cause);
        }

        private static String reason(IOException cause) {
            return switch (cause) {
                case NoSuchFileException e -> "it is gone";
                case AccessDeniedException e -> "permission denied";
                default -> String.valueOf(cause.getMessage());
            };
        }
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
