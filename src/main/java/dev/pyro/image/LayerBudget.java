package dev.pyro.image;

import dev.pyro.tar.BadArchiveException;
import java.util.concurrent.atomic.AtomicLong;

/** How many bytes all layers together may still have when they are unpacked, whatever they are. Safe for use by several threads. */
final class LayerBudget {
    private final UnpackBounds bounds;
    private final AtomicLong left;

    LayerBudget(UnpackBounds bounds) {
        this.bounds = bounds;
        this.left = new AtomicLong(bounds.bytes());
    }

    void take(long bytes) throws BadArchiveException {
        if (left.addAndGet(-bytes) < 0) {
            throw bounds.tooLarge();
        }
    }
}
