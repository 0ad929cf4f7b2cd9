/* A base directory and a path below it, which never leads out of it. */
#ifndef PYRO_PLACE_H
#define PYRO_PLACE_H

#include "fields.h"
#include "wire.h"

#include <limits.h>

struct place {
    int base_fd;
    char base[MAX_PATH + 1];
    char path[MAX_PATH + 1];
};

/* Reads fields 1 and 2 and opens the base. place_close must follow, also after a failure. */
bool place_parse(struct place *place, const struct fields *request, struct error *error);

void place_close(struct place *place);

/*
 * Opens the path, following links as long as what they lead to is in the base. The flags are those of open; for an
 * empty path the base itself is opened.
 */
bool place_open(const struct place *place, int flags, int *fd, struct error *error);

/*
 * Opens the directory that holds the path's last component, and gives that component's name. A link there is left
 * alone, or followed while it stays in the base; missing directories above are made on demand.
 */
bool place_open_parent(const struct place *place, bool follow, bool make_missing, int *fd, char name[NAME_MAX + 1],
                       struct error *error);

/* Opens the path, which is a directory, having made it and those above when they are missing: `made` of them. */
bool place_make_directory(const struct place *place, int *fd, size_t *made, struct error *error);

/* Removes as many directories again, the path's own first, as long as they are empty. */
void place_unmake_directory(const struct place *place, int fd, size_t made);

/* Opens below a directory without following any link and without leaving it; -1 and errno when that fails. */
int open_beneath(int directory_fd, const char *path, int flags);

/* Opens again, with other flags, what a descriptor stands for; -1 and errno when that fails. */
int reopen(int fd, int flags);

#endif
