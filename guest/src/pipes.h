/* What a command's standard descriptors are, beside a terminal. */
#ifndef PYRO_PIPES_H
#define PYRO_PIPES_H

#include "error.h"

/* Makes a pipe. Both ends are closed when a program is started. */
bool pipes_make(int *read_end, int *write_end, struct error *error);

/* Opens /dev/null for reading. */
bool pipes_open_nothing(int *fd, struct error *error);

void pipes_set_nonblocking(int fd);

#endif
