/* The few files in /etc that a machine gets from its host. */
#ifndef PYRO_ETC_H
#define PYRO_ETC_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Writes a file in /etc anew, in place of a link too. Where that cannot be done, a file of /run/pyro is mounted over
 * the one that is there; where there is none either, it is left: a machine works without it.
 */
void etc_write(const char *name, const char *text, size_t length);

/* Tells whether there is nothing to be read in it: it is missing or empty. */
bool etc_is_empty(const char *name);

#endif
