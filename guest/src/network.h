/* The machine's network cards. */
#ifndef PYRO_NETWORK_H
#define PYRO_NETWORK_H

#include "error.h"

/* Brings the loopback device up; a machine without one does without. */
void network_start_loopback(void);

/* Gives the first card an IPv4 address and the way out. Addresses are 4 bytes in network order. */
bool network_configure(unsigned prefix_length, const uint8_t *address, const uint8_t *gateway, struct error *error);

#endif
