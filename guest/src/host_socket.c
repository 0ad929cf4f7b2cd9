#include "host_socket.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define BACKLOG 16
#define ACCEPT_TIMEOUT_MS 60000

int host_socket_listen(const char *path) {
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof name.sun_path) {
        errno = ENAMETOOLONG;
        return -1;
    }
    strcpy(name.sun_path, path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd >= 0) {
        umask(0177);
        if (bind(fd, (struct sockaddr *)&name, sizeof name) != 0 || listen(fd, BACKLOG) != 0) {
            close(fd);
            return -1;
        }
    }
    return fd;
}

int host_socket_accept_one(int listener) {
    struct pollfd poller = {.fd = listener, .events = POLLIN};
    int ready;
    do {
        ready = poll(&poller, 1, ACCEPT_TIMEOUT_MS);
    } while (ready < 0 && errno == EINTR);
    return ready == 1 ? accept4(listener, NULL, NULL, SOCK_CLOEXEC) : -1;
}
