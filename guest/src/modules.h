/* The kernel modules that the initramfs carries. */
#ifndef PYRO_MODULES_H
#define PYRO_MODULES_H

#include "error.h"

/* Loads the files that /modules/order lists, one a line, in that order. */
bool modules_load(struct error *error);

#endif
