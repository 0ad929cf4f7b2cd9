#include "tar_reader.h"

#include <string.h>

/* Where the fields of a header stand. */
enum {
    AT_NAME = 0,
    AT_MODE = 100,
    AT_SIZE = 124,
    AT_MTIME = 136,
    AT_CHECKSUM = 148,
    AT_TYPE = 156,
    AT_TARGET = 157,
    AT_MAGIC = 257,
    AT_PREFIX = 345,
};
enum { SIZE_NAME = 100, SIZE_MODE = 8, SIZE_NUMBER = 12, SIZE_CHECKSUM = 8, SIZE_PREFIX = 155 };

static bool bad(struct error *error, const char *what) {
    return fail(error, ERROR_BAD_ARCHIVE, 0, "%s", what);
}

static bool bad_entry(struct error *error, const char *what, const char *name) {
    return fail(error, ERROR_BAD_ARCHIVE, 0, "%s: `%.300s`", what, name);
}

void tar_reader_init(struct tar_reader *reader, struct tar_sink sink) {
    memset(reader, 0, sizeof *reader);
    reader->sink = sink;
    reader->state = TAR_IN_HEADER;
}

/* A number: octal digits among spaces and NULs, or with the first bit set a big-endian one. */
static bool parse_number(const uint8_t *field, size_t size, int64_t *value) {
    if ((field[0] & 0x80) != 0) {
        bool negative = field[0] == 0xff;
        if (!negative && field[0] != 0x80) {
            return false;
        }
        int64_t result = negative ? -1 : 0;
        for (size_t i = 1; i < size; i++) {
            if (result > INT64_MAX >> 8 || result < INT64_MIN >> 8) {
                return false;
            }
            result = result * 256 + field[i];
        }
        *value = result;
        return true;
    }
    size_t at = 0;
    int64_t result = 0;
    while (at < size && field[at] == ' ') {
        at++;
    }
    for (; at < size && field[at] >= '0' && field[at] <= '7'; at++) {
        result = result * 8 + (field[at] - '0'); /* 12 digits of 3 bits always fit */
    }
    for (; at < size; at++) {
        if (field[at] != ' ' && field[at] != '\0') {
            return false;
        }
    }
    *value = result;
    return true;
}

static bool checksum_is_good(const uint8_t *header) {
    int64_t expected;
    int64_t sum = 0;
    for (size_t i = 0; i < TAR_BLOCK; i++) {
        sum += i >= AT_CHECKSUM && i < AT_CHECKSUM + SIZE_CHECKSUM ? ' ' : header[i];
    }
    return parse_number(header + AT_CHECKSUM, SIZE_CHECKSUM, &expected) && expected == sum;
}

static bool all_zero(const uint8_t *header) {
    for (size_t i = 0; i < TAR_BLOCK; i++) {
        if (header[i] != 0) {
            return false;
        }
    }
    return true;
}

/* Brings a name into the form that struct tar_entry promises, in place. */
static bool normalise(char *name, struct error *error) {
    if (name[0] == '/') {
        return bad_entry(error, "an absolute name", name);
    }
    char *to = name;
    int levels = 0;
    for (const char *from = name; *from != '\0';) {
        size_t length = strcspn(from, "/");
        if (length == 2 && from[0] == '.' && from[1] == '.') {
            return bad_entry(error, "a name with `..`", from);
        }
        if (length > 0 && !(length == 1 && from[0] == '.')) {
            if (length > 255 || ++levels > MAX_LEVELS) {
                return bad_entry(error, "a name that is too long or too deep", from);
            }
            if (to != name) {
                *to++ = '/';
            }
            memmove(to, from, length);
            to += length;
        }
        from += length + (from[length] == '/');
    }
    *to = '\0';
    return true;
}

static bool take_extension(struct tar_reader *reader, struct error *error) {
    size_t length = reader->have;
    reader->text[length] = '\0';
    switch (reader->extension) {
    case 'x':
        return tar_pax_parse(&reader->next, reader->text, length, error);
    case 'g':
        return tar_pax_parse(&reader->global, reader->text, length, error);
    case 'L':
        reader->next.has_name = true;
        return tar_copy_name(reader->next.name, reader->text, strlen(reader->text), error);
    default:
        reader->next.has_target = true;
        return tar_copy_name(reader->next.target, reader->text, strlen(reader->text), error);
    }
}

static void take_name(struct tar_reader *reader, const uint8_t *header) {
    struct tar_entry *entry = &reader->entry;
    size_t length = 0;
    if (memcmp(header + AT_MAGIC, "ustar", 6) == 0 && header[AT_PREFIX] != 0) {
        length = strnlen((const char *)header + AT_PREFIX, SIZE_PREFIX);
        memcpy(entry->name, header + AT_PREFIX, length);
        entry->name[length++] = '/';
    }
    size_t name_length = strnlen((const char *)header + AT_NAME, SIZE_NAME);
    memcpy(entry->name + length, header + AT_NAME, name_length);
    entry->name[length + name_length] = '\0';
    size_t target_length = strnlen((const char *)header + AT_TARGET, SIZE_NAME);
    memcpy(entry->target, header + AT_TARGET, target_length);
    entry->target[target_length] = '\0';
}

static bool take_kind(struct tar_entry *entry, char type, struct error *error) {
    size_t length = strlen(entry->name);
    switch (type) {
    case '\0':
    case '0':
    case '7':
        entry->kind = type == '\0' && length > 0 && entry->name[length - 1] == '/' ? TAR_DIRECTORY : TAR_FILE;
        return true;
    case '1':
        entry->kind = TAR_HARD_LINK;
        return true;
    case '2':
        entry->kind = TAR_SYMLINK;
        return true;
    case '5':
        entry->kind = TAR_DIRECTORY;
        return true;
    default:
        return bad_entry(error, "neither file, directory nor link", entry->name);
    }
}

/* Tells how far it is to the next block. */
static uint32_t padding_of(uint64_t size) {
    return (uint32_t)((TAR_BLOCK - size % TAR_BLOCK) % TAR_BLOCK);
}

static bool begin_extension(struct tar_reader *reader, char type, int64_t size, struct error *error) {
    if (size > TAR_MAX_EXTENSION) {
        return bad(error, "an extended header of more than 64 KiB");
    }
    reader->extension = type;
    reader->have = 0;
    reader->left = (uint64_t)size;
    reader->padding = padding_of((uint64_t)size);
    reader->state = TAR_IN_EXTENSION;
    return true;
}

static bool check_entry(struct tar_entry *entry, struct error *error) {
    if (!normalise(entry->name, error)) {
        return false;
    }
    if (entry->name[0] == '\0' && entry->kind != TAR_DIRECTORY) {
        return bad(error, "an entry without a name");
    }
    if (entry->kind == TAR_DIRECTORY) {
        entry->size = 0;
    }
    if (entry->kind == TAR_FILE || entry->kind == TAR_DIRECTORY) {
        return true;
    }
    if (entry->size != 0) {
        return bad_entry(error, "a link with content", entry->name);
    }
    if (entry->kind == TAR_HARD_LINK && !normalise(entry->target, error)) {
        return false;
    }
    return entry->target[0] != '\0' || bad_entry(error, "a link without a target", entry->name);
}

static bool take_header(struct tar_reader *reader, struct error *error) {
    const uint8_t *header = reader->header;
    struct tar_entry *entry = &reader->entry;
    reader->have = 0;
    if (all_zero(header)) {
        reader->state = TAR_AT_END;
        return true;
    }
    int64_t size;
    int64_t mode;
    int64_t mtime;
    if (!checksum_is_good(header)) {
        return bad(error, "a header with a wrong checksum");
    }
    if (!parse_number(header + AT_SIZE, SIZE_NUMBER, &size) || size < 0 ||
        !parse_number(header + AT_MODE, SIZE_MODE, &mode) || !parse_number(header + AT_MTIME, SIZE_NUMBER, &mtime)) {
        return bad(error, "a header with a malformed number");
    }
    char type = (char)header[AT_TYPE];
    if (type == 'x' || type == 'g' || type == 'L' || type == 'K') {
        return begin_extension(reader, type, size, error);
    }
    entry->size = (uint64_t)size;
    entry->mode = (uint32_t)mode & 07777;
    entry->mtime_s = mtime;
    entry->mtime_ns = 0;
    take_name(reader, header);
    tar_pax_apply(entry, &reader->global); /* their word counts unless the entry's own headers say otherwise */
    tar_pax_apply(entry, &reader->next);
    memset(&reader->next, 0, offsetof(struct tar_overrides, name));
    if (!take_kind(entry, type, error) || !check_entry(entry, error) ||
        !reader->sink.begin(reader->sink.context, entry, error)) {
        return false;
    }
    reader->left = entry->size;
    reader->padding = padding_of(entry->size);
    reader->state = TAR_IN_CONTENT;
    return true;
}

/* Does what follows from nothing being left of the present part. */
static bool advance(struct tar_reader *reader, struct error *error) {
    if (reader->state == TAR_IN_EXTENSION && reader->left == 0) {
        if (!take_extension(reader, error)) {
            return false;
        }
        reader->have = 0;
        reader->left = reader->padding;
        reader->state = TAR_IN_PADDING;
    }
    if (reader->state == TAR_IN_CONTENT && reader->left == 0) {
        if (!reader->sink.end(reader->sink.context, &reader->entry, error)) {
            return false;
        }
        reader->left = reader->padding;
        reader->state = TAR_IN_PADDING;
    }
    if (reader->state == TAR_IN_PADDING && reader->left == 0) {
        reader->state = TAR_IN_HEADER;
    }
    return true;
}

bool tar_reader_feed(struct tar_reader *reader, const uint8_t *bytes, size_t length, struct error *error) {
    while (length > 0 && reader->state != TAR_AT_END) {
        uint64_t wanted = reader->state == TAR_IN_HEADER ? TAR_BLOCK - reader->have : reader->left;
        size_t piece = wanted < length ? (size_t)wanted : length;
        if (reader->state == TAR_IN_HEADER) {
            memcpy(reader->header + reader->have, bytes, piece);
            reader->have += piece;
            if (reader->have == TAR_BLOCK && !take_header(reader, error)) {
                return false;
            }
        } else {
            if (reader->state == TAR_IN_EXTENSION) {
                memcpy(reader->text + reader->have, bytes, piece);
                reader->have += piece;
            } else if (reader->state == TAR_IN_CONTENT &&
                       !reader->sink.content(reader->sink.context, bytes, piece, error)) {
                return false;
            }
            reader->left -= piece;
        }
        bytes += piece;
        length -= piece;
        if (!advance(reader, error)) {
            return false;
        }
    }
    return true;
}

bool tar_reader_finish(const struct tar_reader *reader, struct error *error) {
    return reader->state == TAR_AT_END || bad(error, "the archive is not complete");
}
