/* The headers of a tar archive: ustar, with a pax header where ustar has no room. */
#ifndef PYRO_TAR_WRITER_H
#define PYRO_TAR_WRITER_H

#include "tar_reader.h"

#include <stdbool.h>

/* Enough for a pax header with two long names, and the entry's own. */
#define TAR_MAX_HEADERS (2 * TAR_BLOCK + 2 * (MAX_PATH + 64) + 512 + TAR_BLOCK)

struct tar_owner {
    uint32_t uid;
    uint32_t gid;
};

/* Writes the headers of an entry; returns their length, a multiple of the block's. */
size_t tar_write_headers(uint8_t out[TAR_MAX_HEADERS], const struct tar_entry *entry, struct tar_owner owner);

#endif
