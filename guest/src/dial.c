#include "dial.h"

#include "relay.h"
#include "scope.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>

/* Begins to connect; returns the socket, or -1. */
static int begin(const struct sockaddr *address, socklen_t length) {
    SCOPED_FD fd = socket(address->sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0 || (connect(fd, address, length) != 0 && errno != EINPROGRESS)) {
        return -1;
    }
    return scope_take(&fd);
}

static bool attach(struct relay *relay, struct connection *connection, int fd) {
    return fd >= 0 && relay_attach(relay, connection, fd);
}

static bool connect_ipv4(struct relay *relay, struct connection *connection) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(connection->port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return attach(relay, connection, begin((struct sockaddr *)&address, sizeof address));
}

static bool connect_ipv6(struct relay *relay, struct connection *connection) {
    struct sockaddr_in6 address = {.sin6_family = AF_INET6, .sin6_port = htons(connection->port)};
    address.sin6_addr = in6addr_loopback;
    return attach(relay, connection, begin((struct sockaddr *)&address, sizeof address));
}

static bool open_connection(struct relay *relay, struct connection *connection) {
    return connect_ipv4(relay, connection) || connect_ipv6(relay, connection);
}

/* Some servers that are told to listen on "localhost" do so on ::1 only. */
static bool connect_again(struct relay *relay, struct connection *connection, bool refused) {
    int domain = AF_INET6;
    socklen_t length = sizeof domain;
    getsockopt(connection->fd, SOL_SOCKET, SO_DOMAIN, &domain, &length);
    if (refused) {
        return domain == AF_INET && connect_ipv6(relay, connection);
    }
    return domain == AF_INET ? connect_ipv4(relay, connection) : connect_ipv6(relay, connection);
}

void dial_serve(int port) {
    static const struct relay_side side = {.open = open_connection, .connect_again = connect_again};
    SCOPED_FREE struct relay *relay = malloc(sizeof *relay);
    if (relay != NULL && relay_init(relay, port, &side)) {
        relay_run(relay);
    }
}
