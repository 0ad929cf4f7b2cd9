/* The names in a directory, in byte order. */
#ifndef PYRO_NAMES_H
#define PYRO_NAMES_H

#include "error.h"

#include <stddef.h>

struct names {
    char **names;
    size_t count;
};

/* Reads the names; the descriptor stays the caller's. names_free must follow, also after a failure. */
bool names_read(struct names *names, int directory_fd, struct error *error);

void names_free(struct names *names);

#endif
