/* Takes the records of a CHANGE request apart as they come. Knows nothing of the file system, so that it can be
 * fuzzed. */
#ifndef PYRO_CHANGE_READER_H
#define PYRO_CHANGE_READER_H

#include "error.h"
#include "wire.h"

#include <stddef.h>

#define CHANGE_HEADER 15
#define MAX_TARGET 4095

enum change_action { CHANGE_WRITE = 1, CHANGE_LINK = 2, CHANGE_DELETE = 3 };

/* The path is relative, and holds no empty, "." or ".." component. */
struct change_record {
    enum change_action action;
    uint32_t mode;
    uint64_t size;
    char path[MAX_PATH + 1];
};

/* What becomes of the records: each is begun, gets its content in pieces, and is ended. */
struct change_sink {
    void *context;
    bool (*begin)(void *context, const struct change_record *record, struct error *error);
    bool (*content)(void *context, const uint8_t *bytes, size_t length, struct error *error);
    bool (*end)(void *context, const struct change_record *record, struct error *error);
};

struct change_reader {
    struct change_sink sink;
    enum { CHANGE_IN_HEADER, CHANGE_IN_PATH, CHANGE_IN_CONTENT } state;
    size_t have; /* of the header or the path */
    size_t path_length;
    uint64_t left; /* of the content */
    uint8_t header[CHANGE_HEADER];
    struct change_record record;
};

void change_reader_init(struct change_reader *reader, struct change_sink sink);

/* Takes the next bytes; what the sink fails with is passed on. */
bool change_reader_feed(struct change_reader *reader, const uint8_t *bytes, size_t length, struct error *error);

/* Fails in the middle of a record. */
bool change_reader_finish(const struct change_reader *reader, struct error *error);

#endif
