#include "drain.h"

#include "scope.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <sys/epoll.h>

#define MAX_PIPES 512
#define PIECE 65536
#define PIECES_AT_ONCE 16

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int watcher = -1; /* stays for good once there was something to drain */
static int pipes;

/* Reads a bounded amount, so that one busy pipe does not starve the others; false when the pipe has come to its end. */
static bool read_some(int fd) {
    static char dropped[PIECE];
    for (int i = 0; i < PIECES_AT_ONCE; i++) {
        ssize_t got = read(fd, dropped, sizeof dropped);
        if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR)) {
            return false;
        }
        if (got < 0) {
            return true;
        }
    }
    return true;
}

static void *drain_all(void *argument) {
    (void)argument;
    for (;;) {
        struct epoll_event event;
        if (epoll_wait(watcher, &event, 1, -1) == 1 && !read_some(event.data.fd)) {
            /* Closing would not do: a process that is just being forked may hold the pipe a moment longer. */
            epoll_ctl(watcher, EPOLL_CTL_DEL, event.data.fd, NULL);
            close(event.data.fd);
            pthread_mutex_lock(&lock);
            pipes--;
            pthread_mutex_unlock(&lock);
        }
    }
    return NULL;
}

/* The lock is held. */
static bool start(void) {
    if (watcher >= 0) {
        return true;
    }
    pthread_t thread;
    watcher = epoll_create1(EPOLL_CLOEXEC);
    if (watcher >= 0 && pthread_create(&thread, NULL, drain_all, NULL) != 0) {
        scope_drop(&watcher);
    }
    return watcher >= 0;
}

void drain_adopt(int fd) {
    struct pollfd poller = {.fd = fd, .events = POLLIN};
    struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
    poll(&poller, 1, 0);
    bool has_writer = (poller.revents & POLLHUP) == 0;
    pthread_mutex_lock(&lock);
    bool adopted = has_writer && pipes < MAX_PIPES && start() && epoll_ctl(watcher, EPOLL_CTL_ADD, fd, &event) == 0;
    pipes += adopted;
    pthread_mutex_unlock(&lock);
    if (!adopted) {
        close(fd);
    }
}
