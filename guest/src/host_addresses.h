/*
 * The addresses at which this host answers itself, whichever card they belong to: what its kernel's local table holds.
 * A thread keeps them up to date while the process runs.
 */
#ifndef PYRO_HOST_ADDRESSES_H
#define PYRO_HOST_ADDRESSES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HOST_ADDRESSES_MAX 16384

/* Addresses of a common prefix, in host order; as a rule a single one. */
struct host_network {
    uint32_t address;
    uint32_t mask;
};

/* Learns the addresses, and goes on learning: when it can no longer, the process ends. False with errno: it cannot. */
bool host_addresses_watch(void);

/* Tells whether an address, 4 bytes in network order, is one of them. */
bool host_addresses_have(const uint8_t *address);

enum host_addresses_status { HOST_ADDRESSES_MORE, HOST_ADDRESSES_DONE, HOST_ADDRESSES_BAD };

/* Adds what a part of the kernel's answer says; `count` is how many networks there are. Sets errno when it is BAD. */
enum host_addresses_status host_addresses_read(const uint8_t *answer, size_t length, struct host_network *networks,
                                               size_t *count);

#endif
