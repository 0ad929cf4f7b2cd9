#include "frame.h"

uint8_t *frame_reader_space(struct frame_reader *reader, size_t *wanted) {
    if (reader->have < FRAME_HEADER) {
        *wanted = FRAME_HEADER - reader->have;
        return reader->header + reader->have;
    }
    size_t at = reader->have - FRAME_HEADER;
    *wanted = get_u32(reader->header + 4) - at;
    return reader->payload + at;
}

/* Only what a host may send is known here. */
static bool header_is_good(const uint8_t *header) {
    size_t length = get_u32(header + 4);
    if (header[1] != 0 || header[2] != 0 || header[3] != 0) {
        return false;
    }
    switch (header[0]) {
    case FRAME_HELLO:
        return length == HELLO_SIZE;
    case FRAME_REQUEST:
        return length >= 2 && length <= MAX_PAYLOAD;
    case FRAME_DATA:
        return length >= 1 && length <= MAX_DATA;
    case FRAME_END:
        return length == 0;
    default:
        return false;
    }
}

enum frame_status frame_reader_filled(struct frame_reader *reader, size_t count, struct frame *frame) {
    reader->have += count;
    if (reader->have < FRAME_HEADER) {
        return FRAME_PARTIAL;
    }
    if (!header_is_good(reader->header)) {
        return FRAME_BAD;
    }
    size_t length = get_u32(reader->header + 4);
    if (reader->have < FRAME_HEADER + length) {
        return FRAME_PARTIAL;
    }
    frame->type = reader->header[0];
    frame->payload = reader->payload;
    frame->length = length;
    reader->have = 0;
    return FRAME_COMPLETE;
}

void frame_header(uint8_t *at, enum frame_type type, size_t length) {
    put_u32(at, (uint32_t)type << 24);
    put_u32(at + 4, (uint32_t)length);
}
