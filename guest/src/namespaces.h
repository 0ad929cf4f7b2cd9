/* From bubblewrap's sandbox to a machine with its own root. */
#ifndef PYRO_NAMESPACES_H
#define PYRO_NAMESPACES_H

#include "error.h"

/* Makes a new root: lower, with what changes kept below upper, and switches to it for good. */
bool namespaces_enter(const char *lower, const char *upper, struct error *error);

#endif
