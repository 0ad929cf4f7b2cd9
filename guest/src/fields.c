#include "fields.h"

#include "wire.h"

#include <assert.h>
#include <string.h>

#define FIELD_HEADER 6

bool fields_parse(struct fields *fields, const uint8_t *bytes, size_t length, struct error *error) {
    size_t at = 0;
    while (at < length) {
        if (length - at < FIELD_HEADER || get_u32(bytes + at + 2) > length - at - FIELD_HEADER) {
            return fail(error, ERROR_BAD_REQUEST, 0, "a field reaches beyond its frame");
        }
        at += FIELD_HEADER + get_u32(bytes + at + 2);
    }
    fields->bytes = bytes;
    fields->length = length;
    return true;
}

bool fields_next(const struct fields *fields, uint16_t tag, size_t *cursor, struct slice *value) {
    while (*cursor < fields->length) {
        const uint8_t *field = fields->bytes + *cursor;
        size_t length = get_u32(field + 2);
        *cursor += FIELD_HEADER + length;
        if (get_u16(field) == tag) {
            value->bytes = field + FIELD_HEADER;
            value->length = length;
            return true;
        }
    }
    return false;
}

bool fields_bytes(const struct fields *fields, uint16_t tag, struct slice *value, bool *present, struct error *error) {
    size_t cursor = 0;
    struct slice again;
    *present = fields_next(fields, tag, &cursor, value);
    if (*present && fields_next(fields, tag, &cursor, &again)) {
        return fail(error, ERROR_BAD_REQUEST, 0, "field %u stands twice", tag);
    }
    return true;
}

static bool number(const struct fields *fields, uint16_t tag, size_t size, struct slice *value, bool *present,
                   struct error *error) {
    if (!fields_bytes(fields, tag, value, present, error)) {
        return false;
    }
    if (*present && value->length != size) {
        return fail(error, ERROR_BAD_REQUEST, 0, "field %u has %zu bytes, not %zu", tag, value->length, size);
    }
    return true;
}

bool fields_u8(const struct fields *fields, uint16_t tag, uint8_t *value, bool *present, struct error *error) {
    struct slice bytes;
    if (!number(fields, tag, 1, &bytes, present, error)) {
        return false;
    }
    if (*present) {
        *value = bytes.bytes[0];
    }
    return true;
}

bool fields_u16(const struct fields *fields, uint16_t tag, uint16_t *value, bool *present, struct error *error) {
    struct slice bytes;
    if (!number(fields, tag, 2, &bytes, present, error)) {
        return false;
    }
    if (*present) {
        *value = get_u16(bytes.bytes);
    }
    return true;
}

bool fields_u32(const struct fields *fields, uint16_t tag, uint32_t *value, bool *present, struct error *error) {
    struct slice bytes;
    if (!number(fields, tag, 4, &bytes, present, error)) {
        return false;
    }
    if (*present) {
        *value = get_u32(bytes.bytes);
    }
    return true;
}

bool fields_u64(const struct fields *fields, uint16_t tag, uint64_t *value, bool *present, struct error *error) {
    struct slice bytes;
    if (!number(fields, tag, 8, &bytes, present, error)) {
        return false;
    }
    if (*present) {
        *value = get_u64(bytes.bytes);
    }
    return true;
}

bool fields_need(bool present, uint16_t tag, struct error *error) {
    return present || fail(error, ERROR_BAD_REQUEST, 0, "field %u is missing", tag);
}

bool slice_text(struct slice value, const char *what, char *buffer, size_t capacity, struct error *error) {
    if (value.length >= capacity) {
        return fail(error, ERROR_LIMIT, 0, "the %s has %zu bytes, more than %zu", what, value.length, capacity - 1);
    }
    if (value.length > 0 && memchr(value.bytes, 0, value.length) != NULL) {
        return fail(error, ERROR_BAD_REQUEST, 0, "the %s holds a NUL", what);
    }
    if (value.length > 0) {
        memcpy(buffer, value.bytes, value.length);
    }
    buffer[value.length] = '\0';
    return true;
}

void answer_bytes(struct answer *answer, uint16_t tag, const void *bytes, size_t length) {
    assert(answer->length + FIELD_HEADER + length <= sizeof answer->bytes);
    uint8_t *at = answer->bytes + answer->length;
    put_u16(at, tag);
    put_u32(at + 2, (uint32_t)length);
    memcpy(at + FIELD_HEADER, bytes, length);
    answer->length += FIELD_HEADER + length;
}

void answer_u8(struct answer *answer, uint16_t tag, uint8_t value) {
    answer_bytes(answer, tag, &value, 1);
}

void answer_u16(struct answer *answer, uint16_t tag, uint16_t value) {
    uint8_t bytes[2];
    put_u16(bytes, value);
    answer_bytes(answer, tag, bytes, sizeof bytes);
}

void answer_u32(struct answer *answer, uint16_t tag, uint32_t value) {
    uint8_t bytes[4];
    put_u32(bytes, value);
    answer_bytes(answer, tag, bytes, sizeof bytes);
}

void answer_u64(struct answer *answer, uint16_t tag, uint64_t value) {
    uint8_t bytes[8];
    put_u64(bytes, value);
    answer_bytes(answer, tag, bytes, sizeof bytes);
}
