/* From the initramfs to a machine with its own root. */
#ifndef PYRO_BOOT_H
#define PYRO_BOOT_H

#include "error.h"

/* Loads the modules, mounts the root and switches to it. */
bool boot(struct error *error);

#endif
