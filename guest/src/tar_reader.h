/*
 * Takes a tar archive apart as it comes (ustar, pax, GNU long names), and refuses what a tree of files cannot hold
 * safely. Knows nothing of the file system, so that it can be fuzzed.
 */
#ifndef PYRO_TAR_READER_H
#define PYRO_TAR_READER_H

#include "tar_pax.h"

#define TAR_BLOCK 512
#define TAR_MAX_EXTENSION 65536

/* What becomes of the entries: each is begun, gets its content in pieces, and is ended. */
struct tar_sink {
    void *context;
    bool (*begin)(void *context, const struct tar_entry *entry, struct error *error);
    bool (*content)(void *context, const uint8_t *bytes, size_t length, struct error *error);
    bool (*end)(void *context, const struct tar_entry *entry, struct error *error);
};

struct tar_reader {
    struct tar_sink sink;
    enum { TAR_IN_HEADER, TAR_IN_EXTENSION, TAR_IN_CONTENT, TAR_IN_PADDING, TAR_AT_END } state;
    size_t have;      /* of the header or the extension */
    uint64_t left;    /* of the extension, the content or the padding */
    uint32_t padding; /* behind the extension or the content */
    char extension;   /* the extension's type flag */
    struct tar_entry entry;
    struct tar_overrides next;   /* for the next entry */
    struct tar_overrides global; /* for all that follow */
    uint8_t header[TAR_BLOCK];
    char text[TAR_MAX_EXTENSION + 1];
};

void tar_reader_init(struct tar_reader *reader, struct tar_sink sink);

/* Takes the next bytes; what the sink fails with is passed on. */
bool tar_reader_feed(struct tar_reader *reader, const uint8_t *bytes, size_t length, struct error *error);

/* Fails when the archive is not complete. */
bool tar_reader_finish(const struct tar_reader *reader, struct error *error);

#endif
