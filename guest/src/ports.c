#include "ports.h"

#include "clock.h"
#include "dial.h"
#include "scope.h"
#include "session.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>

#define CLASS "/sys/class/virtio-ports"
#define NAME_PREFIX "pyro.agent."
#define RELAY_NAME "pyro.relay"
#define MAX_DEVICE 32
#define PORTS_WAIT_MS 10000
#define PORTS_LOOK_NS 1000000
#define REOPEN_PAUSE_NS 10000000

struct port {
    char path[32];
    struct session session;
};

/*
 * Waits until the host has opened its end. A port whose other end is closed is always "ready" (to be told so), hence
 * the edge-triggered wait: it returns when the state changes.
 */
static bool await_host(int fd) {
    SCOPED_FD watcher = epoll_create1(EPOLL_CLOEXEC);
    struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLET};
    if (watcher < 0 || epoll_ctl(watcher, EPOLL_CTL_ADD, fd, &event) != 0) {
        return false;
    }
    for (;;) {
        struct pollfd poller = {.fd = fd, .events = POLLIN};
        if (poll(&poller, 1, 0) == 0 || (poller.revents & POLLHUP) == 0) {
            return (poller.revents & (POLLERR | POLLNVAL)) == 0;
        }
        epoll_wait(watcher, &event, 1, -1);
    }
}

static void *serve_port(void *argument) {
    static const struct timespec pause = {.tv_nsec = REOPEN_PAUSE_NS};
    struct port *port = argument;
    for (;;) {
        /* Opening it anew throws away what the last host left unread. */
        SCOPED_FD fd = open(port->path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
        if (fd >= 0 && await_host(fd)) {
            session_serve(&port->session, fd);
        } else {
            nanosleep(&pause, NULL);
        }
    }
    return NULL;
}

static void *serve_relay(void *argument) {
    static const struct timespec pause = {.tv_nsec = REOPEN_PAUSE_NS};
    const char *path = argument;
    for (;;) {
        SCOPED_FD fd = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
        if (fd >= 0 && await_host(fd)) {
            dial_serve(fd);
        }
        nanosleep(&pause, NULL);
    }
    return NULL;
}

/* Tells whether a port's name begins so; a port gets its name a little later than its device. */
static bool is_named(const char *device, const char *prefix) {
    char path[300];
    char name[64];
    snprintf(path, sizeof path, CLASS "/%s/name", device);
    SCOPED_FD fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t length = fd < 0 ? -1 : read(fd, name, sizeof name);
    return length > (ssize_t)strlen(prefix) && memcmp(name, prefix, strlen(prefix)) == 0;
}

static bool start_port(const char *device, struct error *error) {
    struct port *port = calloc(1, sizeof *port);
    if (port == NULL) {
        return fail(error, ERROR_IO, ENOMEM, "no memory for a port");
    }
    snprintf(port->path, sizeof port->path, "/dev/%.20s", device);
    int os_error = session_thread(serve_port, port);
    return os_error == 0 || fail(error, ERROR_IO, os_error, "cannot start a thread for %s", port->path);
}

/* The ports that are served already. */
struct started {
    char devices[MAX_SESSIONS][32];
    int count;
};

static bool is_started(const struct started *started, const char *device) {
    for (int i = 0; i < started->count; i++) {
        if (strcmp(started->devices[i], device) == 0) {
            return true;
        }
    }
    return false;
}

static bool start_new(struct started *started, struct error *error) {
    SCOPED_DIR *directory = opendir(CLASS);
    const struct dirent *entry;
    while (directory != NULL && started->count < MAX_SESSIONS && (entry = readdir(directory)) != NULL) {
        const char *device = entry->d_name;
        if (device[0] == '.' || strlen(device) >= sizeof started->devices[0] || is_started(started, device) ||
            !is_named(device, NAME_PREFIX)) {
            continue;
        }
        if (!start_port(device, error)) {
            return false;
        }
        strcpy(started->devices[started->count++], device);
    }
    return true;
}

/*
 * A kernel that answers a burst of connections with SYN cookies resets those whose second segment comes before the
 * server has taken the first. Without them it lets them wait; the only clients that it could be flooded by are ours.
 */
static void forbid_syn_cookies(void) {
    SCOPED_FD fd = open("/proc/sys/net/ipv4/tcp_syncookies", O_WRONLY | O_CLOEXEC);
    if (fd >= 0) {
        (void)!write(fd, "0", 1);
    }
}

/* The host announces the relay's port, where there is one, before all others. */
static bool start_relay(struct error *error) {
    static char path[MAX_DEVICE];
    SCOPED_DIR *directory = opendir(CLASS);
    const struct dirent *entry;
    while (directory != NULL && (entry = readdir(directory)) != NULL) {
        if (entry->d_name[0] != '.' && is_named(entry->d_name, RELAY_NAME)) {
            snprintf(path, sizeof path, "/dev/%.20s", entry->d_name);
            forbid_syn_cookies();
            int os_error = session_thread(serve_relay, path);
            return os_error == 0 || fail(error, ERROR_IO, os_error, "cannot start a thread for %s", path);
        }
    }
    return true;
}

bool ports_serve(struct error *error) {
    static const struct timespec pause = {.tv_nsec = PORTS_LOOK_NS};
    int64_t deadline = now_ms() + PORTS_WAIT_MS;
    struct started started = {.count = 0};
    /* The host announces its ports one after the other. */
    while (started.count < MAX_SESSIONS && now_ms() < deadline) {
        if (!start_new(&started, error)) {
            return false;
        }
        nanosleep(&pause, NULL);
    }
    if (started.count == 0) {
        return fail(error, ERROR_IO, ENODEV, "there is no port named " NAME_PREFIX "N after %d ms", PORTS_WAIT_MS);
    }
    return start_relay(error);
}
