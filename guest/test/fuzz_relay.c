/* The relay, at both of its ends, against whatever the other end may send. */
#include "relay.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool open_connection(struct relay *relay, struct connection *connection) {
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair) != 0) {
        return false;
    }
    connection->connecting = false;
    /* A server that says something and ends, or one that is silent for good. */
    if (connection->port % 2 == 0 && write(pair[1], "hello", 5) != 5) {
        abort();
    }
    close(pair[1]);
    return relay_attach(relay, connection, pair[0]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const struct relay_side guest = {.open = open_connection};
    static const struct relay_side host = {.open = NULL};
    static struct relay relay;
    int link[2];
    int client[2];
    if (size < 1 || size > 60000 || socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, link) != 0) {
        return 0;
    }
    bool is_guest = data[0] % 2 == 0;
    if (!relay_init(&relay, link[0], is_guest ? &guest : &host) || write(link[1], data + 1, size - 1) < 0 ||
        shutdown(link[1], SHUT_WR) != 0) {
        abort();
    }
    if (!is_guest && socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, client) == 0) {
        if (!relay_open(&relay, client[0], 80) || write(client[1], "client", 6) != 6) {
            abort();
        }
        close(client[1]);
    }
    relay_run(&relay);
    close(link[0]);
    close(link[1]);
    return 0;
}
