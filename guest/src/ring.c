#include "ring.h"

#include <stdlib.h>
#include <string.h>

#define FIRST_CAPACITY 4096

/* Copies bytes that follow one another in the stream; in memory they may go round the end. */
static void copy_in(uint8_t *memory, size_t capacity, uint64_t cursor, const uint8_t *bytes, size_t length) {
    size_t at = (size_t)(cursor % capacity);
    size_t straight = length < capacity - at ? length : capacity - at;
    memcpy(memory + at, bytes, straight);
    memcpy(memory, bytes + straight, length - straight);
}

static void copy_out(const struct ring *ring, uint64_t cursor, uint8_t *bytes, size_t length) {
    size_t at = (size_t)(cursor % ring->capacity);
    size_t straight = length < ring->capacity - at ? length : ring->capacity - at;
    memcpy(bytes, ring->bytes + at, straight);
    memcpy(bytes + straight, ring->bytes, length - straight);
}

/* Makes room for so many bytes, as far as there is memory. */
static void grow(struct ring *ring, uint64_t wanted) {
    size_t capacity = ring->capacity == 0 ? FIRST_CAPACITY : ring->capacity;
    while (capacity < wanted && capacity < RING_MOST) {
        capacity *= 2;
    }
    if (capacity == ring->capacity) {
        return;
    }
    uint8_t *memory = malloc(capacity);
    if (memory == NULL) {
        return;
    }
    /* Piece by piece where the old memory goes round its end. */
    for (uint64_t cursor = ring->begin; cursor < ring->end;) {
        size_t at = (size_t)(cursor % ring->capacity);
        uint64_t left = ring->end - cursor;
        size_t piece = left < ring->capacity - at ? (size_t)left : ring->capacity - at;
        copy_in(memory, capacity, cursor, ring->bytes + at, piece);
        cursor += piece;
    }
    free(ring->bytes);
    ring->bytes = memory;
    ring->capacity = capacity;
}

void ring_append(struct ring *ring, const uint8_t *bytes, size_t length) {
    if (length == 0) {
        return;
    }
    grow(ring, ring->end - ring->begin + length);
    /* Of more than all that is kept only the last counts. */
    size_t skipped = length > ring->capacity ? length - ring->capacity : 0;
    if (length > skipped) {
        copy_in(ring->bytes, ring->capacity, ring->end + skipped, bytes + skipped, length - skipped);
    }
    ring->end += length;
    if (ring->end - ring->begin > ring->capacity) {
        ring->begin = ring->end - ring->capacity;
    }
}

size_t ring_read(const struct ring *ring, uint64_t cursor, uint8_t *bytes, size_t capacity) {
    if (cursor < ring->begin || cursor >= ring->end || capacity == 0) {
        return 0;
    }
    uint64_t available = ring->end - cursor;
    size_t length = available < capacity ? (size_t)available : capacity;
    copy_out(ring, cursor, bytes, length);
    return length;
}

void ring_free(struct ring *ring) {
    free(ring->bytes);
    *ring = (struct ring){.bytes = NULL};
}
