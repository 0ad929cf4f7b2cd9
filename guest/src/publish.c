#include "publish.h"

#include "host_socket.h"
#include "relay.h"
#include "scope.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>

#define MAX_PUBLISHED 256
#define ACCEPTS_AT_ONCE 64
#define BACKLOG 4096
#define MAX_LINE 63

/* A client that is gone without a word is noticed, though its server keeps silent: after two minutes. */
#define KEEP_ALIVE_IDLE_S 60
#define KEEP_ALIVE_INTERVAL_S 15
#define KEEP_ALIVE_COUNT 4

#define CONTROL_TAG MAX_PUBLISHED
#define COMMAND_TAG (MAX_PUBLISHED + 1)

struct published {
    int listener; /* negative: the place is free */
    uint16_t host_port;
    uint16_t guest_port;
};

/* One process serves one machine. */
static struct relay relay;
static struct published ports[MAX_PUBLISHED];
static bool full; /* there are too many connections: nobody is let in */
static int control = -1;
static int command = -1; /* whoever has something to be done; the next one waits */
static char line[MAX_LINE + 1];
static size_t line_length;

static void set_listening(bool wanted) {
    for (uint32_t i = 0; i < MAX_PUBLISHED; i++) {
        if (ports[i].listener < 0) {
            continue;
        }
        if (wanted) {
            relay_watch(&relay, ports[i].listener, i);
        } else {
            epoll_ctl(relay.watcher, EPOLL_CTL_DEL, ports[i].listener, NULL);
        }
    }
    full = !wanted;
}

static void room(struct relay *ours) {
    (void)ours;
    if (full) {
        set_listening(true);
    }
}

static void accept_clients(const struct published *port) {
    static const struct {
        int option;
        int value;
    } settings[] = {
        {TCP_KEEPIDLE, KEEP_ALIVE_IDLE_S}, {TCP_KEEPINTVL, KEEP_ALIVE_INTERVAL_S}, {TCP_KEEPCNT, KEEP_ALIVE_COUNT}};
    for (int i = 0; i < ACCEPTS_AT_ONCE; i++) {
        if (relay.count == RELAY_MAX_CONNECTIONS) {
            set_listening(false);
            return;
        }
        SCOPED_FD fd = accept4(port->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
        if (fd < 0) {
            return;
        }
        int on = 1;
        setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
        for (size_t s = 0; s < sizeof settings / sizeof settings[0]; s++) {
            setsockopt(fd, IPPROTO_TCP, settings[s].option, &settings[s].value, sizeof settings[s].value);
        }
        if (relay_open(&relay, fd, port->guest_port)) {
            scope_take(&fd);
        }
    }
}

/* Returns 0 or what went wrong. */
static int publish(uint16_t host_port, uint16_t guest_port) {
    uint32_t index = 0;
    while (index < MAX_PUBLISHED && ports[index].listener >= 0) {
        index++;
    }
    if (index == MAX_PUBLISHED) {
        return ENOSPC;
    }
    SCOPED_FD fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    int on = 1;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(host_port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
        bind(fd, (struct sockaddr *)&address, sizeof address) != 0 || listen(fd, BACKLOG) != 0 ||
        (!full && !relay_watch(&relay, fd, index))) {
        return errno;
    }
    ports[index] = (struct published){scope_take(&fd), host_port, guest_port};
    return 0;
}

static int unpublish(uint16_t host_port) {
    for (uint32_t i = 0; i < MAX_PUBLISHED; i++) {
        if (ports[i].listener >= 0 && ports[i].host_port == host_port) {
            scope_drop(&ports[i].listener);
        }
    }
    return 0;
}

static bool is_port(unsigned value) {
    return value > 0 && value <= UINT16_MAX;
}

static int obey(void) {
    unsigned host_port = 0;
    unsigned guest_port = 0;
    char end;
    if (sscanf(line, "publish %5u %5u%c", &host_port, &guest_port, &end) == 2 && is_port(host_port) &&
        is_port(guest_port)) {
        return publish((uint16_t)host_port, (uint16_t)guest_port);
    }
    if (sscanf(line, "unpublish %5u%c", &host_port, &end) == 1 && is_port(host_port)) {
        return unpublish((uint16_t)host_port);
    }
    return EINVAL;
}

static void next_command(void) {
    scope_drop(&command);
    line_length = 0;
    command = accept4(control, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (command >= 0) {
        epoll_ctl(relay.watcher, EPOLL_CTL_DEL, control, NULL);
        relay_watch(&relay, command, COMMAND_TAG);
    }
}

static void end_command(void) {
    scope_drop(&command);
    relay_watch(&relay, control, CONTROL_TAG);
}

/* A command's line has come, or a part of it. */
static void read_command(void) {
    ssize_t got = read(command, line + line_length, MAX_LINE - line_length);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) {
        return;
    }
    line_length += got > 0 ? (size_t)got : 0;
    bool whole = line_length > 0 && line[line_length - 1] == '\n';
    if (got > 0 && !whole && line_length < MAX_LINE) {
        return;
    }
    if (whole) {
        char answer[16];
        line[line_length - 1] = '\0';
        int length = snprintf(answer, sizeof answer, "%d\n", obey());
        (void)send(command, answer, (size_t)length, MSG_NOSIGNAL);
    }
    end_command();
}

static void ready(struct relay *ours, uint32_t tag) {
    (void)ours;
    if (tag == CONTROL_TAG) {
        next_command();
    } else if (tag == COMMAND_TAG) {
        read_command();
    } else if (tag < MAX_PUBLISHED && ports[tag].listener >= 0) {
        accept_clients(&ports[tag]);
    }
}

static void allow_many_descriptors(void) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

int publish_run(const char *link_path, const char *control_path) {
    static const struct relay_side side = {.ready = ready, .room = room};
    signal(SIGPIPE, SIG_IGN);
    allow_many_descriptors();
    for (int i = 0; i < MAX_PUBLISHED; i++) {
        ports[i].listener = -1;
    }
    control = host_socket_listen(control_path);
    SCOPED_FD listener = control < 0 ? -1 : host_socket_listen(link_path);
    SCOPED_FD link = listener < 0 ? -1 : host_socket_accept_one(listener);
    if (link < 0 || fcntl(control, F_SETFL, O_NONBLOCK) != 0 || fcntl(link, F_SETFL, O_NONBLOCK) != 0 ||
        !relay_init(&relay, link, &side) || !relay_watch(&relay, control, CONTROL_TAG)) {
        perror("no machine connected to the publisher of its ports");
        return 1;
    }
    relay_run(&relay);
    return 0;
}
