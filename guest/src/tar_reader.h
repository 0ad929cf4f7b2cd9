/*
 * Takes a tar archive apart as it comes (ustar, pax, GNU long names), and refuses what a tree of files cannot hold
 * safely. Knows nothing of the file system, so that it can be fuzzed.
 */
#ifndef PYRO_TAR_READER_H
#define PYRO_TAR_READER_H

#include "error.h"
#include "wire.h"

#include <stddef.h>

#define TAR_BLOCK 512
#define TAR_MAX_EXTENSION 65536

enum tar_kind { TAR_FILE, TAR_DIRECTORY, TAR_SYMLINK, TAR_HARD_LINK };

/* Names are relative, hold no empty, "." or ".." component and no slash at the end; the archive's own root is the empty
 * name. */
struct tar_entry {
    enum tar_kind kind;
    uint32_t mode;
    uint64_t size; /* of a file's content, else 0 */
    int64_t mtime_s;
    uint32_t mtime_ns;
    char name[MAX_PATH + 1];
    char target[MAX_PATH + 1]; /* what a link leads to: any text for a symlink, a name as above for a hard link */
};

/* What becomes of the entries: each is begun, gets its content in pieces, and is ended. */
struct tar_sink {
    void *context;
    bool (*begin)(void *context, const struct tar_entry *entry, struct error *error);
    bool (*content)(void *context, const uint8_t *bytes, size_t length, struct error *error);
    bool (*end)(void *context, const struct tar_entry *entry, struct error *error);
};

/* What extended headers say of the entry that follows. */
struct tar_overrides {
    bool has_name;
    bool has_target;
    bool has_size;
    bool has_mtime;
    uint64_t size;
    int64_t mtime_s;
    uint32_t mtime_ns;
    char name[MAX_PATH + 1];
    char target[MAX_PATH + 1];
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
