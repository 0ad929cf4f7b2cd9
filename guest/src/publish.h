/*
 * The host's end of the relay: listens on ports of the host's loopback, and lets those who connect to them reach
 * servers in the guest. A process of its own beside QEMU, which holds the ports exactly as long as QEMU runs.
 */
#ifndef PYRO_PUBLISH_H
#define PYRO_PUBLISH_H

/*
 * Listens on two Unix sockets: on the first for QEMU's one connection, on the second for what is to be done, a line a
 * connection (docs/guest-protocol.md). Returns the process's exit status when QEMU's connection ends.
 */
int publish_run(const char *link_path, const char *control_path);

#endif
