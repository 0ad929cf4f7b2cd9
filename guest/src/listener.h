/* The Unix socket of the namespace back end. */
#ifndef PYRO_LISTENER_H
#define PYRO_LISTENER_H

#include "error.h"

/* Binds the socket, only for its owner; returns it through *fd. */
bool listener_bind(const char *path, int *fd, struct error *error);

/* Starts to serve connections, a bounded number of them at a time. */
bool listener_serve(int fd, struct error *error);

#endif
