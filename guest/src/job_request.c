#include "job_request.h"

#include <string.h>

#define NAME_CHARACTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-"

bool job_request_kind(const struct fields *request, enum job_kind *kind, struct error *error) {
    uint8_t number = 0;
    bool present;
    if (!fields_u8(request, JOB_TAG_KIND, &number, &present, error) || !fields_need(present, JOB_TAG_KIND, error)) {
        return false;
    }
    *kind = number == JOB_SHELL ? JOB_SHELL : JOB_SERVICE;
    return number == (uint8_t)*kind || fail(error, ERROR_BAD_REQUEST, 0, "%u is no kind of job", number);
}

bool job_request_name(const struct fields *request, bool needed, char name[MAX_JOB_NAME + 1], struct error *error) {
    struct slice value;
    bool present;
    name[0] = '\0';
    if (!fields_bytes(request, JOB_TAG_NAME, &value, &present, error) ||
        (needed && !fields_need(present, JOB_TAG_NAME, error))) {
        return false;
    }
    if (!present) {
        return true;
    }
    if (!slice_text(value, "name of a job", name, MAX_JOB_NAME + 1, error)) {
        return false;
    }
    return (value.length > 0 && strspn(name, NAME_CHARACTERS) == value.length) ||
           fail(error, ERROR_BAD_REQUEST, 0,
                "a job's name holds something else than letters, digits, `.`, `_` and `-`");
}

bool job_request_number(const struct fields *request, uint16_t tag, uint32_t least, uint32_t most, uint32_t *value,
                        struct error *error) {
    bool present;
    if (!fields_u32(request, tag, value, &present, error) || !fields_need(present, tag, error)) {
        return false;
    }
    return (*value >= least && *value <= most) ||
           fail(error, ERROR_LIMIT, 0, "field %u is %u, not %u to %u", tag, *value, least, most);
}

static bool side(const struct fields *request, uint16_t tag, uint16_t *value, struct error *error) {
    bool present;
    if (!fields_u16(request, tag, value, &present, error) || !fields_need(present, tag, error)) {
        return false;
    }
    return (*value >= 1 && *value <= MAX_TERMINAL_SIDE) ||
           fail(error, ERROR_LIMIT, 0, "a terminal with a side of %u, not 1 to %d", *value, MAX_TERMINAL_SIDE);
}

bool job_request_size(const struct fields *request, uint16_t *columns, uint16_t *rows, struct error *error) {
    return side(request, JOB_TAG_COLUMNS, columns, error) && side(request, JOB_TAG_ROWS, rows, error);
}

bool job_request_job(const struct fields *request, struct job **job, struct error *error) {
    enum job_kind kind;
    char name[MAX_JOB_NAME + 1];
    return job_request_kind(request, &kind, error) && job_request_name(request, true, name, error) &&
           job_find(kind, name, job, error);
}

bool job_request_job_of(const struct fields *request, enum job_kind kind, struct job **job, struct error *error) {
    enum job_kind asked;
    if (!job_request_kind(request, &asked, error)) {
        return false;
    }
    return asked == kind ? job_request_job(request, job, error)
                         : fail(error, ERROR_BAD_REQUEST, 0, "a %s cannot be asked for this", job_kind_name(asked));
}
