/* The processes below a process, found through /proc. */
#ifndef PYRO_DESCENDANTS_H
#define PYRO_DESCENDANTS_H

#include <stdbool.h>
#include <sys/types.h>

/* Sends a signal to each living descendant, not to the process itself. Tells whether there was any. */
bool descendants_signal(pid_t ancestor, int signal);

#endif
