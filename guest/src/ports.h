/* The virtio-serial ports named pyro.agent.N, each with a thread that serves one host connection at a time. */
#ifndef PYRO_PORTS_H
#define PYRO_PORTS_H

#include "error.h"

/* Waits until the ports are there, and starts to serve them. */
bool ports_serve(struct error *error);

#endif
