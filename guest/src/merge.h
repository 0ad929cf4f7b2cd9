/*
 * Puts a staged tree into the place of what is there, all or nothing: first everything is checked, then moved, and
 * what was moved is moved back when a move fails.
 */
#ifndef PYRO_MERGE_H
#define PYRO_MERGE_H

#include "paths.h"
#include "wire.h"

#include <sys/types.h>

struct merge_step;

struct merge {
    int root_fd;                 /* the directory that changes */
    int new_fd;                  /* the tree that is to come, which keeps what is replaced */
    int old_fd;                  /* where what is removed is kept */
    const struct paths *removed; /* files and links of the root that are to go; or NULL */
    const struct paths
        *directories;         /* staged directories whose mode counts, and which replace files and links; or NULL */
    bool replaces_specials;   /* sockets, FIFOs and devices are replaced like files */
    struct merge_step *steps; /* what was done */
    size_t step_count;
    size_t step_capacity;
    size_t path_length;
    char path[MAX_PATH + 1];
};

/* Finds out whether the tree can be put into place; changes nothing. */
bool merge_check(struct merge *merge, struct error *error);

/* Puts it into place, or leaves everything as it was. */
bool merge_apply(struct merge *merge, struct error *error);

/* Removes the directories that have become empty because of what was removed. */
void merge_prune(const struct merge *merge);

void merge_free(struct merge *merge);

#endif
