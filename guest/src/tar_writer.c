#include "tar_writer.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define MAX_OCTAL_7 07777777LL
#define MAX_OCTAL_11 077777777777LL

/* Appends a pax record, whose length counts its own digits. */
static size_t add_record(char *text, size_t at, const char *key, const char *value) {
    size_t rest = strlen(key) + strlen(value) + 3;
    size_t length = rest + 1;
    for (size_t digits = 1, power = 10; length >= power; digits++, power *= 10) {
        length = rest + digits + 1;
    }
    return at + (size_t)sprintf(text + at, "%zu %s=%s\n", length, key, value);
}

static void put_octal(uint8_t *field, size_t size, int64_t value, int64_t most) {
    if (value < 0 || value > most) {
        value = 0; /* the pax header says it */
    }
    char text[24];
    snprintf(text, sizeof text, "%0*" PRIo64, (int)size - 1, (uint64_t)value);
    memcpy(field, text, size);
}

/* Splits a name between ustar's two fields; false when it does not fit. */
static bool put_name(uint8_t *header, const char *name) {
    size_t length = strlen(name);
    if (length <= 100) {
        memcpy(header, name, length);
        return true;
    }
    for (size_t at = length > 256 ? length : 1; at < length && at <= 155; at++) {
        if (name[at] == '/' && length - at - 1 <= 100 && at + 1 < length) {
            memcpy(header + 345, name, at);
            memcpy(header, name + at + 1, length - at - 1);
            return true;
        }
    }
    memcpy(header, name, 100);
    return false;
}

static void finish_header(uint8_t *header, char type) {
    header[156] = (uint8_t)type;
    memcpy(header + 257,
           "ustar\0"
           "00",
           8);
    memset(header + 148, ' ', 8);
    unsigned sum = 0;
    for (size_t i = 0; i < TAR_BLOCK; i++) {
        sum += header[i];
    }
    char text[8];
    snprintf(text, sizeof text, "%06o", sum);
    memcpy(header + 148, text, 7);
}

static size_t write_pax(uint8_t *out, const char *text, size_t length) {
    memset(out, 0, TAR_BLOCK);
    memcpy(out, "pax", 3);
    put_octal(out + 100, 8, 0644, MAX_OCTAL_7);
    put_octal(out + 108, 8, 0, MAX_OCTAL_7);
    put_octal(out + 116, 8, 0, MAX_OCTAL_7);
    put_octal(out + 124, 12, (int64_t)length, MAX_OCTAL_11);
    put_octal(out + 136, 12, 0, MAX_OCTAL_11);
    finish_header(out, 'x');
    size_t padded = (length + TAR_BLOCK - 1) / TAR_BLOCK * TAR_BLOCK;
    memset(out + TAR_BLOCK + length, 0, padded - length);
    memcpy(out + TAR_BLOCK, text, length);
    return TAR_BLOCK + padded;
}

size_t tar_write_headers(uint8_t out[TAR_MAX_HEADERS], const struct tar_entry *entry, struct tar_owner owner) {
    static const char types[] = {[TAR_FILE] = '0', [TAR_DIRECTORY] = '5', [TAR_SYMLINK] = '2', [TAR_HARD_LINK] = '1'};
    char name[MAX_PATH + 2];
    char number[24];
    char pax[2 * (MAX_PATH + 64) + 512];
    size_t pax_length = 0;
    uint8_t header[TAR_BLOCK] = {0};
    snprintf(name, sizeof name, "%s%s", entry->name, entry->kind == TAR_DIRECTORY ? "/" : "");
    if (!put_name(header, name)) {
        pax_length = add_record(pax, pax_length, "path", name);
    }
    size_t target_length = strlen(entry->target);
    memcpy(header + 157, entry->target, target_length < 100 ? target_length : 100);
    if (target_length > 100) {
        pax_length = add_record(pax, pax_length, "linkpath", entry->target);
    }
    if (entry->size > MAX_OCTAL_11) {
        snprintf(number, sizeof number, "%" PRIu64, entry->size);
        pax_length = add_record(pax, pax_length, "size", number);
    }
    if (entry->mtime_s < 0 || entry->mtime_s > MAX_OCTAL_11) {
        snprintf(number, sizeof number, "%" PRId64, entry->mtime_s);
        pax_length = add_record(pax, pax_length, "mtime", number);
    }
    if (owner.uid > MAX_OCTAL_7) {
        snprintf(number, sizeof number, "%" PRIu32, owner.uid);
        pax_length = add_record(pax, pax_length, "uid", number);
    }
    if (owner.gid > MAX_OCTAL_7) {
        snprintf(number, sizeof number, "%" PRIu32, owner.gid);
        pax_length = add_record(pax, pax_length, "gid", number);
    }
    put_octal(header + 100, 8, entry->mode, MAX_OCTAL_7);
    put_octal(header + 108, 8, owner.uid, MAX_OCTAL_7);
    put_octal(header + 116, 8, owner.gid, MAX_OCTAL_7);
    put_octal(header + 124, 12, (int64_t)entry->size, MAX_OCTAL_11);
    put_octal(header + 136, 12, entry->mtime_s, MAX_OCTAL_11);
    finish_header(header, types[entry->kind]);
    size_t used = pax_length > 0 ? write_pax(out, pax, pax_length) : 0;
    memcpy(out + used, header, TAR_BLOCK);
    return used + TAR_BLOCK;
}
