/* Stops every process of the machine but the agent for a moment, where there is no file system of its own to freeze. */
#ifndef PYRO_STANDSTILL_H
#define PYRO_STANDSTILL_H

#include "error.h"

/* Stops them, and returns when all of them stand. On failure they go on. */
bool standstill_begin(struct error *error);

/* Lets those go on that went before. */
void standstill_end(void);

#endif
