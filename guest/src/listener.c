#include "listener.h"

#include "scope.h"
#include "session.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>

#define BACKLOG 64
#define ACCEPT_PAUSE_NS 10000000

bool listener_bind(const char *path, int *fd, struct error *error) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof address.sun_path) {
        return fail(error, ERROR_LIMIT, ENAMETOOLONG, "the socket's path is too long: %s", path);
    }
    memcpy(address.sun_path, path, strlen(path));
    SCOPED_FD listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    mode_t mask = umask(0177);
    bool bound = listener >= 0 && bind(listener, (struct sockaddr *)&address, sizeof address) == 0;
    int os_error = errno;
    umask(mask);
    errno = os_error;
    if (!bound) {
        return fail_errno(error, "cannot bind", path);
    }
    *fd = scope_take(&listener);
    return true;
}

/* Every thread takes one connection at a time, so that further ones wait in the backlog. */
static void *serve_connections(void *argument) {
    static const struct timespec pause = {.tv_nsec = ACCEPT_PAUSE_NS};
    int listener = *(const int *)argument;
    struct session *session = malloc(sizeof *session);
    while (session != NULL) {
        SCOPED_FD fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
        if (fd >= 0) {
            session_serve(session, fd);
        } else {
            nanosleep(&pause, NULL);
        }
    }
    return NULL;
}

bool listener_serve(int fd, struct error *error) {
    static int listener;
    listener = fd;
    if (listen(fd, BACKLOG) != 0) {
        return fail(error, ERROR_IO, errno, "cannot listen");
    }
    for (int i = 0; i < MAX_SESSIONS; i++) {
        int os_error = session_thread(serve_connections, &listener);
        if (os_error != 0) {
            return fail(error, ERROR_IO, os_error, "cannot start a thread");
        }
    }
    return true;
}
