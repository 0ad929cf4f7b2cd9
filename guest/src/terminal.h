/* Pseudo-terminals. */
#ifndef PYRO_TERMINAL_H
#define PYRO_TERMINAL_H

#include "error.h"

#include <sys/types.h>

/* Makes a terminal that knows of UTF-8. The master is the agent's end, and non-blocking; the slave is the shell's. */
bool terminal_open(uint16_t columns, uint16_t rows, int *master_fd, int *slave_fd, struct error *error);

/* Gives it another size; who runs in its foreground is told. */
bool terminal_resize(int master_fd, uint16_t columns, uint16_t rows, struct error *error);

/* Sends a signal to what runs in its foreground; where nothing does, nothing happens. */
bool terminal_signal(int master_fd, int signal, struct error *error);

#endif
