package dev.pyro.oci;

import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import dev.pyro.os.HostEntropy;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * How often something is tried again, and how long is waited before. Immutable; safe for use by several threads.
 *
 * @param activity what is done, as the beginning of a sentence
 * @param maxTries how many tries without any progress there are
 * @param firstPause before the second try; doubled for each further one
 * @param longestPause the longest that is waited by ourselves
 * @param sleeper what waits
 */
record Retry(String activity, int maxTries, Duration firstPause, Duration longestPause, Sleeper sleeper) {
    /** How long a registry may make us wait. */
    static final Duration LONGEST_RETRY_AFTER = Duration.ofSeconds(60);

    /** How many tries there are, whatever progress they make. */
    static final int MAX_TRIES_IN_ALL = 100;

    /** How often a body may be too slow, whatever it brings meanwhile: whoever drips on purpose brings something each time. */
    static final int MAX_SLOW_TRIES = 3;

    /** For what is fetched. */
    static final Retry FETCH = new Retry(
            Purpose.Access.PULL.activity(),
            5,
            Duration.ofMillis(500),
            Duration.ofSeconds(8),
            pause -> TimeUnit.NANOSECONDS.sleep(pause.toNanos()));

    /** For what is uploaded, each time as a whole. */
    static final Retry UPLOAD = FETCH.withMaxTries(3);

    /** For what has another place to be asked, or fails for ever. */
    static final Retry ONCE = FETCH.withMaxTries(1);

    private static final int JITTER_STEPS = 256;

    /** Waits. */
    @FunctionalInterface
    interface Sleeper {
        void sleep(Duration pause) throws InterruptedException;
    }

    /** Something that may fail. */
    @FunctionalInterface
    interface Attempt<T> {
        /**
         * Tries once.
         *
         * @throws IOException when another try may succeed
         */
        T run(Tries tries) throws IOException;
    }

    /** Counts the tries of one thing. */
    static final class Tries {
        private int withoutProgress;
        private int all;
        private int slow;

        /** Says that this try has brought something, even if it should fail. */
        void progress() {
            withoutProgress = 0;
        }
    }

    Retry withActivity(String what) {
        return new Retry(what, maxTries, firstPause, longestPause, sleeper);
    }

    Retry withMaxTries(int tries) {
        return new Retry(activity, tries, firstPause, longestPause, sleeper);
    }

    /**
     * Tries until it succeeds.
     *
     * @param notices hears of each pause, in words for a person
     * @param failure makes the error of the last try's exception
     * @throws PyroException {@link ErrorCode#INTERRUPTED}, what an attempt throws, or what {@code failure} makes
     */
    <T> T run(Consumer<String> notices, Function<IOException, PyroException> failure, Attempt<T> attempt) {
        Tries tries = new Tries();
        while (true) {
            tries.all++;
            tries.withoutProgress++;
            try {
                return attempt.run(tries);
            } catch (IOException e) {
                if (Thread.currentThread().isInterrupted()) {
                    throw new PyroException(ErrorCode.INTERRUPTED, activity + " was interrupted", e);
                }
                tries.slow += HttpFailures.isSlow(e) ? 1 : 0;
                if (tries.withoutProgress >= mostTries(e)
                        || tries.slow >= MAX_SLOW_TRIES
                        || tries.all >= MAX_TRIES_IN_ALL) {
                    throw failure.apply(e);
                }
                pause(e, tries, notices, failure);
            }
        }
    }

    /** A host that has no address, or is not trusted, will not be better in a few seconds; an address may just be hard to find. */
    private int mostTries(IOException e) {
        if (HttpFailures.isDistrust(e)) {
            return 1;
        }
        return HttpFailures.isUnknownHost(e) ? Math.min(2, maxTries) : maxTries;
    }

    private void pause(
            IOException e, Tries tries, Consumer<String> notices, Function<IOException, PyroException> failure) {
        Duration pause = ownPause(tries.withoutProgress);
        if (e instanceof TransientFailure refusal) {
            Duration wanted = refusal.retryAfter().orElse(pause);
            if (wanted.compareTo(LONGEST_RETRY_AFTER) > 0) {
                throw failure.apply(e);
            }
            pause = wanted;
        }
        if (pause.compareTo(Duration.ofSeconds(1)) >= 0) {
            // What could be said of how many tries there will be changes with what the next one brings.
            notices.accept("waits " + pause.toSeconds() + " s before try " + (tries.all + 1) + ": "
                    + HttpFailures.sentence("the other side", e));
        }
        try {
            sleeper.sleep(pause);
        } catch (InterruptedException interruption) {
            Thread.currentThread().interrupt();
            throw new PyroException(ErrorCode.INTERRUPTED, activity + " was interrupted", interruption);
        }
    }

    /** Doubles with each try, and is a little shorter by chance, so that those whom one failure hit do not all come back at once. */
    Duration ownPause(int triesWithoutProgress) {
        Duration pause = firstPause;
        for (int i = 1; i < triesWithoutProgress && pause.compareTo(longestPause) < 0; i++) {
            pause = pause.multipliedBy(2);
        }
        if (pause.compareTo(longestPause) > 0) {
            pause = longestPause;
        }
        int chance = Byte.toUnsignedInt(HostEntropy.draw(1)[0]);
        return pause.minus(pause.dividedBy(4).multipliedBy(chance).dividedBy(JITTER_STEPS));
    }
}
