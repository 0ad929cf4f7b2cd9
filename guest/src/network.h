/* The machine's network cards. */
#ifndef PYRO_NETWORK_H
#define PYRO_NETWORK_H

#include "error.h"

/* Brings the loopback device up; a machine without one does without. */
void network_start_loopback(void);

#define NETWORK_CARD_ADDRESS 6

/* Gives the card with a hardware address an IPv4 address and the way out. Addresses are 4 bytes in network order. */
bool network_configure(const uint8_t *hardware_address, unsigned prefix_length, const uint8_t *address,
                       const uint8_t *gateway, struct error *error);

#endif
