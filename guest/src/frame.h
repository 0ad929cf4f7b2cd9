/* Puts frames together from bytes as they come. Knows nothing of descriptors, so that it can be fuzzed. */
#ifndef PYRO_FRAME_H
#define PYRO_FRAME_H

#include "wire.h"

#include <stdbool.h>

/* Never holds more than one frame. */
struct frame_reader {
    uint8_t header[FRAME_HEADER];
    uint8_t payload[MAX_PAYLOAD];
    size_t have;
};

/* A complete frame; its payload is valid until the reader is asked for more. */
struct frame {
    uint8_t type;
    const uint8_t *payload;
    size_t length;
};

enum frame_status { FRAME_PARTIAL, FRAME_COMPLETE, FRAME_BAD };

/* Tells where the next bytes go and how many are wanted, at least one. */
uint8_t *frame_reader_space(struct frame_reader *reader, size_t *wanted);

/* Takes note of bytes that were put there. After FRAME_COMPLETE the reader is ready for the next frame. */
enum frame_status frame_reader_filled(struct frame_reader *reader, size_t count, struct frame *frame);

/* Writes a frame's header. */
void frame_header(uint8_t *at, enum frame_type type, size_t length);

#endif
