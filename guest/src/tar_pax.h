/* What an archive says of an entry, and the extended headers that say it where the usual one has no room. */
#ifndef PYRO_TAR_PAX_H
#define PYRO_TAR_PAX_H

#include "error.h"
#include "wire.h"

#include <stddef.h>

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

/* Takes a name of at most MAX_PATH bytes without NUL, and ends it. */
bool tar_copy_name(char *to, const char *from, size_t length, struct error *error);

/* Takes records of the form "LENGTH KEY=VALUE\n". */
bool tar_pax_parse(struct tar_overrides *overrides, const char *text, size_t length, struct error *error);

/* Gives an entry what the extended headers say. */
void tar_pax_apply(struct tar_entry *entry, const struct tar_overrides *overrides);

#endif
