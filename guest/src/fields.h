/* The fields of a request and of an answer: u16 tag, u32 length, bytes. */
#ifndef PYRO_FIELDS_H
#define PYRO_FIELDS_H

#include "error.h"
#include "wire.h"

#include <stddef.h>

/* Some bytes of a received frame; they are valid until the next frame is read. */
struct slice {
    const uint8_t *bytes;
    size_t length;
};

/* A checked list of fields: every length lies within the payload. */
struct fields {
    const uint8_t *bytes;
    size_t length;
};

/* Checks the structure. */
bool fields_parse(struct fields *fields, const uint8_t *bytes, size_t length, struct error *error);

/* Finds the next field with this tag; *cursor starts at 0. */
bool fields_next(const struct fields *fields, uint16_t tag, size_t *cursor, struct slice *value);

/* Finds a field that may stand at most once; *present tells whether it is there. */
bool fields_bytes(const struct fields *fields, uint16_t tag, struct slice *value, bool *present, struct error *error);

/* The same for numbers; the value is left alone when the field is absent. */
bool fields_u8(const struct fields *fields, uint16_t tag, uint8_t *value, bool *present, struct error *error);
bool fields_u16(const struct fields *fields, uint16_t tag, uint16_t *value, bool *present, struct error *error);
bool fields_u32(const struct fields *fields, uint16_t tag, uint32_t *value, bool *present, struct error *error);
bool fields_u64(const struct fields *fields, uint16_t tag, uint64_t *value, bool *present, struct error *error);

/* Fails for an absent field. */
bool fields_need(bool present, uint16_t tag, struct error *error);

/* Copies a string without NUL into a buffer and ends it; the capacity includes the end. */
bool slice_text(struct slice value, const char *what, char *buffer, size_t capacity, struct error *error);

/* The fields of a RESULT: few and small, but for one path. */
struct answer {
    uint8_t bytes[1024 + MAX_PATH];
    size_t length;
};

void answer_bytes(struct answer *answer, uint16_t tag, const void *bytes, size_t length);
void answer_u8(struct answer *answer, uint16_t tag, uint8_t value);
void answer_u16(struct answer *answer, uint16_t tag, uint16_t value);
void answer_u32(struct answer *answer, uint16_t tag, uint32_t value);
void answer_u64(struct answer *answer, uint16_t tag, uint64_t value);

#endif
