/* From bubblewrap's sandbox to a machine with its own root. */
#ifndef PYRO_NAMESPACES_H
#define PYRO_NAMESPACES_H

#include "error.h"

/* Where the host's folder for the workspace is mounted. */
#define NAMESPACES_WORKSPACE "/workspace"

/*
 * Makes a new root: lower, with what changes kept below upper, and the workspace's folder where that is not NULL; and
 * switches to it for good.
 */
bool namespaces_enter(const char *lower, const char *upper, const char *workspace, struct error *error);

/* Tells whether the workspace is mounted. */
bool namespaces_have_workspace(void);

#endif
