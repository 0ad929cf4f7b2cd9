/*
 * Stands between a machine's network card and passt, and lets nothing through that could reach the host itself.
 *
 * passt connects to whatever address a frame names; --no-map-gw closes only the gateway's alias of the host's loopback.
 * A guest would reach the host's own addresses through it, and one whose root writes frames of its own 127.0.0.1 too.
 */
#ifndef PYRO_FRAME_FILTER_H
#define PYRO_FRAME_FILTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Tells whether an Ethernet frame of a guest may leave: ARP, and IPv4 between addresses that are some single host's, to
 * one that is not this host's own.
 */
bool frame_filter_allows(const uint8_t *frame, size_t length, bool (*is_own)(const uint8_t *address));

/*
 * Runs a program (passt) with one end of a socket pair as its descriptor 3, waits until it answers an ARP request for
 * the gateway, listens on a Unix socket for QEMU's one connection, and passes frames both ways until either side ends.
 * Returns the process's exit status.
 */
int frame_filter_run(const char *socket_path, const char *address, const char *gateway, char **program);

#endif
