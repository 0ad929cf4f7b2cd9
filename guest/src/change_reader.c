#include "change_reader.h"

#include <limits.h>
#include <string.h>

void change_reader_init(struct change_reader *reader, struct change_sink sink) {
    memset(reader, 0, sizeof *reader);
    reader->sink = sink;
}

static bool take_header(struct change_reader *reader, struct error *error) {
    const uint8_t *header = reader->header;
    struct change_record *record = &reader->record;
    uint8_t action = header[0];
    record->mode = get_u32(header + 1);
    record->size = get_u64(header + 5);
    reader->path_length = get_u16(header + 13);
    if (action < CHANGE_WRITE || action > CHANGE_DELETE) {
        return fail(error, ERROR_BAD_REQUEST, 0, "a change has the unknown action %u", action);
    }
    record->action = (enum change_action)action;
    if (reader->path_length == 0 || reader->path_length > MAX_PATH) {
        return fail(error, ERROR_BAD_REQUEST, 0, "a change has a path of %zu bytes", reader->path_length);
    }
    bool sound = record->action == CHANGE_WRITE  ? record->mode <= 07777 && record->size <= INT64_MAX
                 : record->action == CHANGE_LINK ? record->mode == 0 && record->size >= 1 && record->size <= MAX_TARGET
                                                 : record->mode == 0 && record->size == 0;
    return sound || fail(error, ERROR_BAD_REQUEST, 0, "a change has mode %o and size %llu, which its action has not",
                         record->mode, (unsigned long long)record->size);
}

static bool check_path(const char *path, size_t length, struct error *error) {
    if (memchr(path, '\0', length) != NULL) {
        return fail(error, ERROR_BAD_REQUEST, 0, "a changed path holds a NUL");
    }
    if (path[0] == '/') {
        return fail(error, ERROR_OUTSIDE, 0, "the changed path `%.300s` is absolute", path);
    }
    int levels = 0;
    for (const char *at = path;; at++) {
        size_t name = strcspn(at, "/");
        if (name == 2 && at[0] == '.' && at[1] == '.') {
            return fail(error, ERROR_OUTSIDE, 0, "the changed path `%.300s` holds `..`", path);
        }
        if (name == 0 || name > NAME_MAX || (name == 1 && at[0] == '.') || ++levels > MAX_LEVELS) {
            return fail(error, ERROR_BAD_REQUEST, 0, "the changed path `%.300s` is malformed, too deep or too long",
                        path);
        }
        at += name;
        if (*at == '\0') {
            return true;
        }
    }
}

static bool end_record(struct change_reader *reader, struct error *error) {
    reader->state = CHANGE_IN_HEADER;
    reader->have = 0;
    return reader->sink.end(reader->sink.context, &reader->record, error);
}

/* Puts bytes to those that are there already, until there are as many as wanted. */
static size_t gather(struct change_reader *reader, void *to, size_t wanted, const uint8_t *bytes, size_t length) {
    size_t piece = wanted - reader->have < length ? wanted - reader->have : length;
    memcpy((uint8_t *)to + reader->have, bytes, piece);
    reader->have += piece;
    return piece;
}

static bool begin_record(struct change_reader *reader, struct error *error) {
    reader->record.path[reader->path_length] = '\0';
    if (!check_path(reader->record.path, reader->path_length, error) ||
        !reader->sink.begin(reader->sink.context, &reader->record, error)) {
        return false;
    }
    reader->left = reader->record.size;
    reader->state = CHANGE_IN_CONTENT;
    return reader->left > 0 || end_record(reader, error);
}

bool change_reader_feed(struct change_reader *reader, const uint8_t *bytes, size_t length, struct error *error) {
    while (length > 0) {
        size_t piece = length;
        if (reader->state == CHANGE_IN_HEADER) {
            piece = gather(reader, reader->header, CHANGE_HEADER, bytes, length);
            if (reader->have == CHANGE_HEADER) {
                reader->have = 0;
                reader->state = CHANGE_IN_PATH;
                if (!take_header(reader, error)) {
                    return false;
                }
            }
        } else if (reader->state == CHANGE_IN_PATH) {
            piece = gather(reader, reader->record.path, reader->path_length, bytes, length);
            if (reader->have == reader->path_length && !begin_record(reader, error)) {
                return false;
            }
        } else {
            piece = reader->left < length ? (size_t)reader->left : length;
            reader->left -= piece;
            if (!reader->sink.content(reader->sink.context, bytes, piece, error) ||
                (reader->left == 0 && !end_record(reader, error))) {
                return false;
            }
        }
        bytes += piece;
        length -= piece;
    }
    return true;
}

bool change_reader_finish(const struct change_reader *reader, struct error *error) {
    return (reader->state == CHANGE_IN_HEADER && reader->have == 0) ||
           fail(error, ERROR_BAD_REQUEST, 0, "the last change is not complete");
}
