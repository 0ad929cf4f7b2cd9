#include "host_addresses.h"

#include "abi.h"
#include "scope.h"

#include <arpa/inet.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>

#define ANSWER_BYTES 65536
#define ANSWER_TIMEOUT_S 10
#define ATTEMPTS 16 /* the kernel says so when its table has changed meanwhile */

/* A host whose routes change all the time makes a look worth while 20 times a second at most. */
#define PAUSE_NS 50000000

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct host_network known[HOST_ADDRESSES_MAX];
static size_t known_count;

static int open_netlink(uint32_t groups) {
    SCOPED_FD fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, ABI_NETLINK_ROUTE);
    struct abi_netlink_address address = {.family = AF_NETLINK, .groups = groups};
    if (fd < 0 || bind(fd, (const struct sockaddr *)&address, sizeof address) != 0) {
        return -1;
    }
    return scope_take(&fd);
}

static void add(const struct abi_route *route, const uint8_t *attributes, size_t length, struct host_network *networks,
                size_t *count) {
    struct host_network network = {.mask = 0};
    if (route->destination_length > 0) {
        network.mask = UINT32_MAX << (32 - route->destination_length);
    }
    struct abi_attribute attribute;
    for (size_t at = 0; length - at >= sizeof attribute; at += ABI_NETLINK_ALIGN(attribute.length)) {
        memcpy(&attribute, attributes + at, sizeof attribute);
        if (attribute.length < sizeof attribute || attribute.length > length - at) {
            break;
        }
        if (attribute.type == ABI_ATTRIBUTE_DESTINATION && attribute.length == sizeof attribute + sizeof(uint32_t)) {
            memcpy(&network.address, attributes + at + sizeof attribute, sizeof network.address);
            network.address = ntohl(network.address) & network.mask;
        }
        if (ABI_NETLINK_ALIGN(attribute.length) > length - at) {
            break;
        }
    }
    networks[(*count)++] = network;
}

/* Deals with one message, whose header is complete. */
static enum host_addresses_status read_message(const struct abi_netlink_header *header, const uint8_t *message,
                                               struct host_network *networks, size_t *count) {
    struct abi_route route;
    int failure = 0;
    if ((header->flags & ABI_FLAG_DUMP_INTERRUPTED) != 0) {
        errno = EAGAIN;
        return HOST_ADDRESSES_BAD;
    }
    switch (header->type) {
    case ABI_MESSAGE_DONE:
        return HOST_ADDRESSES_DONE;
    case ABI_MESSAGE_ERROR:
        if (header->length >= sizeof *header + sizeof failure) {
            memcpy(&failure, message + sizeof *header, sizeof failure);
        }
        errno = -failure;
        return failure == -ENOENT ? HOST_ADDRESSES_DONE : HOST_ADDRESSES_BAD; /* no address at all yet: no table */
    case ABI_MESSAGE_NEW_ROUTE:
        break;
    default:
        return HOST_ADDRESSES_MORE;
    }
    if (header->length < sizeof *header + sizeof route) {
        errno = EPROTO;
        return HOST_ADDRESSES_BAD;
    }
    memcpy(&route, message + sizeof *header, sizeof route);
    if (route.family != AF_INET || route.table != ABI_TABLE_LOCAL || route.type != ABI_ROUTE_LOCAL ||
        route.destination_length > 32) {
        return HOST_ADDRESSES_MORE;
    }
    if (*count == HOST_ADDRESSES_MAX) {
        errno = E2BIG;
        return HOST_ADDRESSES_BAD;
    }
    size_t offset = sizeof *header + sizeof route;
    add(&route, message + offset, header->length - offset, networks, count);
    return HOST_ADDRESSES_MORE;
}

enum host_addresses_status host_addresses_read(const uint8_t *answer, size_t length, struct host_network *networks,
                                               size_t *count) {
    struct abi_netlink_header header;
    size_t at = 0;
    while (length - at >= sizeof header) {
        memcpy(&header, answer + at, sizeof header);
        if (header.length < sizeof header || header.length > length - at) {
            errno = EPROTO;
            return HOST_ADDRESSES_BAD;
        }
        enum host_addresses_status status = read_message(&header, answer + at, networks, count);
        if (status != HOST_ADDRESSES_MORE) {
            return status;
        }
        size_t step = ABI_NETLINK_ALIGN(header.length);
        at = step < length - at ? at + step : length;
    }
    return HOST_ADDRESSES_MORE;
}

/* Asks for all addresses once. */
static bool ask(struct host_network *networks, size_t *count) {
    struct {
        struct abi_netlink_header header;
        struct abi_route route;
    } request = {.header = {.length = sizeof request,
                            .type = ABI_MESSAGE_GET_ROUTE,
                            .flags = ABI_FLAG_REQUEST | ABI_FLAG_DUMP,
                            .sequence = 1},
                 .route = {.family = AF_INET, .table = ABI_TABLE_LOCAL, .type = ABI_ROUTE_LOCAL}};
    static uint8_t answer[ANSWER_BYTES];
    static const struct timeval timeout = {.tv_sec = ANSWER_TIMEOUT_S};
    int on = 1;
    SCOPED_FD fd = open_netlink(0);
    if (fd < 0) {
        return false;
    }
    /* Without this, which needs Linux 4.20, the kernel answers with the routes of all tables. */
    setsockopt(fd, SOL_NETLINK, ABI_NETLINK_STRICT_CHECK, &on, sizeof on);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout);
    if (send(fd, &request, sizeof request, 0) != (ssize_t)sizeof request) {
        return false;
    }
    *count = 0;
    enum host_addresses_status status = HOST_ADDRESSES_MORE;
    while (status == HOST_ADDRESSES_MORE) {
        ssize_t got = recv(fd, answer, sizeof answer, 0);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got <= 0) {
            return false;
        }
        status = host_addresses_read(answer, (size_t)got, networks, count);
    }
    return status == HOST_ADDRESSES_DONE;
}

static bool learn(void) {
    static struct host_network fresh[HOST_ADDRESSES_MAX];
    size_t count;
    for (int i = 0; i < ATTEMPTS; i++) {
        if (ask(fresh, &count)) {
            pthread_mutex_lock(&lock);
            memcpy(known, fresh, count * sizeof fresh[0]);
            known_count = count;
            pthread_mutex_unlock(&lock);
            return true;
        }
        if (errno != EAGAIN) {
            break;
        }
    }
    return false;
}

static void *keep_learning(void *argument) {
    static const struct timespec pause = {.tv_nsec = PAUSE_NS};
    static uint8_t dropped[ANSWER_BYTES];
    int events = (int)(intptr_t)argument;
    for (;;) {
        /* What has changed does not matter, nor that something was lost. */
        ssize_t got = recv(events, dropped, sizeof dropped, 0);
        if (got < 0 && errno != EINTR && errno != ENOBUFS) {
            break;
        }
        while (recv(events, dropped, sizeof dropped, MSG_DONTWAIT) >= 0 || errno == ENOBUFS) {
        }
        if (!learn()) {
            break;
        }
        nanosleep(&pause, NULL);
    }
    perror("cannot learn the host's addresses any more");
    _exit(1);
}

bool host_addresses_watch(void) {
    pthread_t thread;
    SCOPED_FD events = open_netlink(ABI_GROUP_IPV4_ADDRESS | ABI_GROUP_IPV4_ROUTE);
    if (events < 0 || !learn()) {
        return false;
    }
    errno = pthread_create(&thread, NULL, keep_learning, (void *)(intptr_t)events);
    if (errno != 0) {
        return false;
    }
    scope_take(&events);
    return true;
}

bool host_addresses_have(const uint8_t *address) {
    uint32_t wanted = (uint32_t)address[0] << 24 | (uint32_t)address[1] << 16 | (uint32_t)address[2] << 8 | address[3];
    bool found = false;
    pthread_mutex_lock(&lock);
    for (size_t i = 0; i < known_count && !found; i++) {
        found = (wanted & known[i].mask) == known[i].address;
    }
    pthread_mutex_unlock(&lock);
    return found;
}
