/* Directories that must be there. */
#ifndef PYRO_DIRECTORIES_H
#define PYRO_DIRECTORIES_H

#include "error.h"

/*
 * Makes the directories of a path that are missing. Links are followed as long as only root can have made them: from
 * the first directory on in which somebody else can make a name, none is. Fails with errno: EXDEV for such a link, and
 * for a `..` from there on.
 */
bool directories_make(const char *path);

/* Tells why one could not be made, from errno. Returns false. */
bool directories_fail(struct error *error, const char *doing, const char *path);

/*
 * Makes a path a directory that something can be mounted on: what else is there, a link too, is taken away. Those above
 * are made when they are missing.
 */
bool directories_make_mount_point(const char *path, struct error *error);

/* Makes what every program expects of a root, where the root has nothing of that name. As far as it can be made. */
void directories_make_usual(const char *root);

#endif
