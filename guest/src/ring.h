/* The last bytes of a stream that never ends. A byte is named by its cursor: how many bytes came before it. */
#ifndef PYRO_RING_H
#define PYRO_RING_H

#include <stddef.h>
#include <stdint.h>

#define RING_MOST (1024 * 1024) /* how many bytes are kept at most; a power of two */

/* Starts zeroed. The memory grows with what is kept. */
struct ring {
    uint8_t *bytes;
    size_t capacity; /* a power of two: the byte with the cursor c stands at c % capacity */
    uint64_t begin;  /* the cursor of the oldest byte that is kept */
    uint64_t end;    /* the cursor that the next byte will have */
};

/* Adds bytes; the oldest give way. Without memory to grow, fewer are kept. */
void ring_append(struct ring *ring, const uint8_t *bytes, size_t length);

/* Copies bytes from the cursor on; returns how many: none when the first was dropped or has not come yet. */
size_t ring_read(const struct ring *ring, uint64_t cursor, uint8_t *bytes, size_t capacity);

void ring_free(struct ring *ring);

#endif
