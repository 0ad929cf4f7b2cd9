#include "tar_pax.h"

#include <string.h>

static bool bad(struct error *error, const char *what) {
    return fail(error, ERROR_BAD_ARCHIVE, 0, "%s", what);
}

bool tar_copy_name(char *to, const char *from, size_t length, struct error *error) {
    if (length > MAX_PATH) {
        return bad(error, "a name of more than 4096 bytes");
    }
    if (memchr(from, '\0', length) != NULL) {
        return bad(error, "a name that holds a NUL");
    }
    memcpy(to, from, length);
    to[length] = '\0';
    return true;
}

static bool parse_decimal(const char *text, size_t length, uint64_t *value) {
    uint64_t result = 0;
    for (size_t i = 0; i < length; i++) {
        if (text[i] < '0' || text[i] > '9' || result > (INT64_MAX - 9) / 10) {
            return false;
        }
        result = result * 10 + (uint64_t)(text[i] - '0');
    }
    *value = result;
    return length > 0;
}

/* Seconds since the epoch, possibly negative, possibly with a fraction, of which nanoseconds are kept. */
static bool parse_time(const char *text, size_t length, struct tar_overrides *overrides) {
    bool negative = length > 0 && text[0] == '-';
    const char *digits = text + negative;
    size_t left = length - negative;
    const char *point = memchr(digits, '.', left);
    uint64_t seconds;
    uint32_t ns = 0;
    if (!parse_decimal(digits, point == NULL ? left : (size_t)(point - digits), &seconds)) {
        return false;
    }
    if (point != NULL) {
        uint32_t weight = 100000000;
        for (const char *at = point + 1; at < digits + left; at++, weight /= 10) {
            if (*at < '0' || *at > '9') {
                return false;
            }
            ns += weight * (uint32_t)(*at - '0');
        }
    }
    overrides->mtime_s = negative ? -(int64_t)seconds : (int64_t)seconds;
    overrides->mtime_ns = ns;
    if (negative && ns > 0) {
        overrides->mtime_s--;
        overrides->mtime_ns = 1000000000 - ns;
    }
    overrides->has_mtime = true;
    return true;
}

static bool is_key(const char *key, size_t length, const char *wanted) {
    return length == strlen(wanted) && memcmp(key, wanted, length) == 0;
}

static bool take_record(struct tar_overrides *overrides, const char *key, size_t key_length, const char *value,
                        size_t length, struct error *error) {
    if (is_key(key, key_length, "path")) {
        overrides->has_name = length > 0;
        return tar_copy_name(overrides->name, value, length, error);
    }
    if (is_key(key, key_length, "linkpath")) {
        overrides->has_target = length > 0;
        return tar_copy_name(overrides->target, value, length, error);
    }
    if (is_key(key, key_length, "size")) {
        overrides->has_size = length > 0;
        return length == 0 || parse_decimal(value, length, &overrides->size) ||
               bad(error, "a pax size that is no number");
    }
    if (is_key(key, key_length, "mtime")) {
        overrides->has_mtime = false;
        return length == 0 || parse_time(value, length, overrides) || bad(error, "a pax mtime that is no time");
    }
    if (key_length >= 10 && memcmp(key, "GNU.sparse", 10) == 0) {
        return bad(error, "a sparse file");
    }
    return true; /* what is not known is not needed */
}

bool tar_pax_parse(struct tar_overrides *overrides, const char *text, size_t length, struct error *error) {
    size_t at = 0;
    while (at < length) {
        const char *record = text + at;
        const char *space = memchr(record, ' ', length - at);
        uint64_t size;
        if (space == NULL || !parse_decimal(record, (size_t)(space - record), &size) || size > length - at ||
            size < (uint64_t)(space - record) + 4 || record[size - 1] != '\n') {
            return bad(error, "a malformed pax record");
        }
        const char *key = space + 1;
        const char *end = record + size - 1;
        const char *equals = memchr(key, '=', (size_t)(end - key));
        if (equals == NULL || equals == key) {
            return bad(error, "a malformed pax record");
        }
        if (!take_record(overrides, key, (size_t)(equals - key), equals + 1, (size_t)(end - equals) - 1, error)) {
            return false;
        }
        at += size;
    }
    return true;
}

void tar_pax_apply(struct tar_entry *entry, const struct tar_overrides *overrides) {
    if (overrides->has_name) {
        strcpy(entry->name, overrides->name);
    }
    if (overrides->has_target) {
        strcpy(entry->target, overrides->target);
    }
    if (overrides->has_size) {
        entry->size = overrides->size;
    }
    if (overrides->has_mtime) {
        entry->mtime_s = overrides->mtime_s;
        entry->mtime_ns = overrides->mtime_ns;
    }
}
