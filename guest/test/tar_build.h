/* Tar headers for tests, good ones and bad ones. */
#ifndef PYRO_TAR_BUILD_H
#define PYRO_TAR_BUILD_H

#include "tar_reader.h"

#include <stdio.h>
#include <string.h>

struct archive {
    size_t length;
    uint8_t bytes[1 << 20];
};

static inline void tar_seal(uint8_t *header) {
    unsigned sum = 0;
    memset(header + 148, ' ', 8);
    for (int i = 0; i < TAR_BLOCK; i++) {
        sum += header[i];
    }
    snprintf((char *)header + 148, 8, "%06o", sum);
}

/* Adds an entry; without content for a NULL. */
static inline uint8_t *tar_add(struct archive *archive, char type, const char *name, const char *target,
                               const char *content) {
    uint8_t *header = archive->bytes + archive->length;
    size_t length = content == NULL ? 0 : strlen(content);
    size_t blocks = 1 + (length + TAR_BLOCK - 1) / TAR_BLOCK;
    memset(header, 0, blocks * TAR_BLOCK);
    memcpy(header, name, strnlen(name, 100));
    snprintf((char *)header + 100, 8, "%07o", 0644U);
    snprintf((char *)header + 124, 12, "%011zo", length);
    snprintf((char *)header + 136, 12, "%011o", 1000000000U);
    header[156] = (uint8_t)type;
    memcpy(header + 157, target, strnlen(target, 100));
    memcpy(header + 257, "ustar\00000", 8);
    if (length > 0) {
        memcpy(header + TAR_BLOCK, content, length);
    }
    tar_seal(header);
    archive->length += blocks * TAR_BLOCK;
    return header;
}

static inline void tar_end(struct archive *archive) {
    memset(archive->bytes + archive->length, 0, 2 * TAR_BLOCK);
    archive->length += 2 * TAR_BLOCK;
}

#endif
