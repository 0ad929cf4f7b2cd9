/* Unix sockets of the two modes that run on the host beside QEMU. */
#ifndef PYRO_HOST_SOCKET_H
#define PYRO_HOST_SOCKET_H

/* Listens on a path, for this user only; returns the socket, or -1 with errno. */
int host_socket_listen(const char *path);

/* Waits for the one connection that QEMU makes when it starts; returns it, or -1 with errno. */
int host_socket_accept_one(int listener);

#endif
