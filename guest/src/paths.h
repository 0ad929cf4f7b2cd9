/* A set of paths that remembers the order in which they came. */
#ifndef PYRO_PATHS_H
#define PYRO_PATHS_H

#include "error.h"

#include <stddef.h>

struct paths {
    char **paths;
    size_t count;
    size_t capacity;
    size_t *slots; /* a hash table of numbers of paths plus 1; 0 is free */
    size_t slot_count;
};

/* Adds a copy of a path; *index is its number, *added tells whether it is new. Starts with a zeroed set. */
bool paths_add(struct paths *set, const char *path, size_t *index, bool *added, struct error *error);

bool paths_has(const struct paths *set, const char *path);

void paths_free(struct paths *set);

#endif
