/* What a command may not do in namespaces, where the kernel is the host's. */
#ifndef PYRO_PRIVILEGES_H
#define PYRO_PRIVILEGES_H

#include <stdbool.h>

/* Drops every capability but those that installing packages and serving low ports take, for good. Safe after a fork. */
bool privileges_drop(void);

#endif
