/* Fuzzes the frame reader, the fields and the command parser with what a host could send. */
#include "command.h"
#include "frame.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void parse_request(const struct frame *frame) {
    struct error error;
    struct fields fields;
    /* In memory of exactly its size, so that a read beyond its end shows. */
    uint8_t *copy = malloc(frame->length);
    if (copy == NULL) {
        return;
    }
    memcpy(copy, frame->payload, frame->length);
    if (fields_parse(&fields, copy + 2, frame->length - 2, &error)) {
        struct command command;
        (void)command_parse(&command, &fields, &(struct command_tags){1, 2, 3, 6, 7, 8, 9}, &error);
        command_free(&command);
        (void)command_parse(&command, &fields, &(struct command_tags){0, 4, 5, 8, 9, 10, 11}, &error);
        command_free(&command);
        for (uint16_t tag = 0; tag < 12; tag++) {
            bool present;
            uint8_t u8;
            uint32_t u32;
            uint64_t u64;
            struct slice slice;
            char text[32];
            (void)fields_u8(&fields, tag, &u8, &present, &error);
            (void)fields_u32(&fields, tag, &u32, &present, &error);
            (void)fields_u64(&fields, tag, &u64, &present, &error);
            if (fields_bytes(&fields, tag, &slice, &present, &error) && present) {
                (void)slice_text(slice, "text", text, sizeof text, &error);
            }
        }
    }
    free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct frame_reader reader;
    reader.have = 0;
    while (size > 0) {
        size_t wanted;
        uint8_t *space = frame_reader_space(&reader, &wanted);
        if (wanted == 0 || space + wanted > reader.payload + sizeof reader.payload) {
            abort();
        }
        size_t piece = wanted < size ? wanted : size;
        memcpy(space, data, piece);
        data += piece;
        size -= piece;
        struct frame frame;
        switch (frame_reader_filled(&reader, piece, &frame)) {
        case FRAME_BAD:
            return 0;
        case FRAME_COMPLETE:
            if (frame.length > MAX_PAYLOAD) {
                abort();
            }
            if (frame.type == FRAME_REQUEST) {
                parse_request(&frame);
            }
            break;
        case FRAME_PARTIAL:
            break;
        }
    }
    return 0;
}
