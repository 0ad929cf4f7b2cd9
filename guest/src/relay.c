#include "relay.h"

#include "clock.h"
#include "scope.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#define EVENTS_AT_ONCE 64
#define READS_AT_ONCE 16 /* the port's driver gives at most 4 KiB at a time */
#define CONNECT_AGAIN_MS 100
#define CONNECT_BOUND_MS 60000
#define LINK_TAG (1ULL << 32)
#define SIDE_TAG (2ULL << 32)

static void put_u32(uint8_t *bytes, uint32_t value) {
    bytes[0] = (uint8_t)(value >> 24);
    bytes[1] = (uint8_t)(value >> 16);
    bytes[2] = (uint8_t)(value >> 8);
    bytes[3] = (uint8_t)value;
}

static uint32_t get_u32(const uint8_t *bytes) {
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

static bool watch(struct relay *relay, int fd, uint32_t events, uint64_t tag) {
    struct epoll_event event = {.events = events, .data.u64 = tag};
    return epoll_ctl(relay->watcher, EPOLL_CTL_ADD, fd, &event) == 0;
}

bool relay_init(struct relay *relay, int link, const struct relay_side *side) {
    memset(relay, 0, offsetof(struct relay, out));
    relay->side = side;
    relay->link = link;
    relay->watcher = epoll_create1(EPOLL_CLOEXEC);
    return relay->watcher >= 0 && watch(relay, link, EPOLLIN, LINK_TAG);
}

bool relay_watch(struct relay *relay, int fd, uint32_t tag) {
    return watch(relay, fd, EPOLLIN, SIDE_TAG | tag);
}

static struct connection *slot_of(struct relay *relay, uint32_t id) {
    return &relay->connections[id % RELAY_MAX_CONNECTIONS];
}

static void use_slot(struct relay *relay, struct connection *connection, uint32_t id, uint16_t port) {
    *connection = (struct connection){.id = id, .fd = -1, .port = port, .credit = RELAY_WINDOW};
    relay->count++;
}

static void free_slot(struct relay *relay, struct connection *connection) {
    scope_drop(&connection->fd);
    free(connection->held);
    *connection = (struct connection){.fd = -1};
    relay->count--;
    if (relay->side->room != NULL) {
        relay->side->room(relay);
    }
}

/* Closes a socket so that its peer sees that something went wrong. */
static void abort_socket(struct connection *connection) {
    struct linger at_once = {.l_onoff = 1};
    if (connection->fd >= 0) {
        setsockopt(connection->fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    }
}

static void fail_connection(struct connection *connection) {
    abort_socket(connection);
    scope_drop(&connection->fd);
    connection->owes_reset = true;
}

bool relay_attach(struct relay *relay, struct connection *connection, int fd) {
    int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    scope_drop(&connection->fd);
    connection->fd = fd;
    uint32_t index = (uint32_t)(connection - relay->connections);
    return watch(relay, fd, EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, index);
}

bool relay_open(struct relay *relay, int fd, uint16_t port) {
    if (relay->count == RELAY_MAX_CONNECTIONS) {
        return false;
    }
    do {
        relay->last_id++;
    } while (relay->last_id == 0 || slot_of(relay, relay->last_id)->id != 0);
    struct connection *connection = slot_of(relay, relay->last_id);
    use_slot(relay, connection, relay->last_id, port);
    connection->owes_open = true;
    if (!relay_attach(relay, connection, fd)) {
        fail_connection(connection);
    }
    return true;
}

/* What is owed is sent as frames; there is always room for a whole one when these are called. */

static bool has_room(const struct relay *relay) {
    return relay->out_length + RELAY_HEADER + RELAY_MAX_DATA <= sizeof relay->out;
}

static uint8_t *frame_payload(struct relay *relay) {
    return relay->out + relay->out_length + RELAY_HEADER;
}

static void add_frame(struct relay *relay, enum relay_frame type, const struct connection *connection, uint32_t value) {
    uint8_t *header = relay->out + relay->out_length;
    put_u32(header, (uint32_t)type << 24);
    put_u32(header + 4, connection->id);
    put_u32(header + 8, value);
    relay->out_length += RELAY_HEADER + (type == RELAY_DATA ? value : 0);
}

static void send_credit(struct relay *relay, struct connection *connection) {
    bool last = connection->end_received && connection->held_length == 0;
    if (connection->passed >= RELAY_WINDOW / 2 || (last && connection->passed > 0)) {
        add_frame(relay, RELAY_CREDIT, connection, connection->passed);
        connection->passed = 0;
    }
}

/* Tells whether there may be more to send. */
static bool send_data(struct relay *relay, struct connection *connection) {
    if (!connection->readable || connection->read_over || connection->credit == 0 || connection->connecting) {
        return false;
    }
    uint32_t most = connection->credit < RELAY_MAX_DATA ? connection->credit : RELAY_MAX_DATA;
    ssize_t got = recv(connection->fd, frame_payload(relay), most, MSG_DONTWAIT);
    if (got > 0) {
        connection->credit -= (uint32_t)got;
        add_frame(relay, RELAY_DATA, connection, (uint32_t)got);
        return true;
    }
    if (got < 0 && errno == EAGAIN) {
        connection->readable = false;
        return false;
    }
    if (got == 0) {
        connection->read_over = true;
    } else if (errno != EINTR) {
        fail_connection(connection);
    }
    return true;
}

static bool is_finished(const struct connection *connection) {
    return connection->end_sent && connection->shut && connection->credit == RELAY_WINDOW && connection->passed == 0;
}

/* Sends what a connection owes, and one piece of what its socket has. Tells whether there may be more. */
static bool serve_connection(struct relay *relay, struct connection *connection) {
    if (connection->owes_open) {
        add_frame(relay, RELAY_OPEN, connection, connection->port);
        connection->owes_open = false;
        return true;
    }
    if (connection->owes_reset) {
        add_frame(relay, RELAY_RESET, connection, 0);
        free_slot(relay, connection);
        return false;
    }
    bool more = send_data(relay, connection);
    if (!has_room(relay)) {
        return true;
    }
    if (connection->read_over && !connection->end_sent) {
        add_frame(relay, RELAY_END, connection, 0);
        connection->end_sent = true;
        more = true;
    }
    if (!has_room(relay)) {
        return true;
    }
    send_credit(relay, connection);
    if (is_finished(connection)) {
        free_slot(relay, connection);
        return false;
    }
    return more || connection->owes_reset;
}

/* Goes once around all connections, from where there was no more room, so that busy ones do not starve the others. */
static bool serve_all(struct relay *relay) {
    bool more = false;
    unsigned left = relay->count;
    for (unsigned i = 0; left > 0 && i < RELAY_MAX_CONNECTIONS; i++) {
        unsigned slot = (relay->next + i) % RELAY_MAX_CONNECTIONS;
        struct connection *c = &relay->connections[slot];
        if (c->id == 0) {
            continue;
        }
        left--;
        if (!has_room(relay)) {
            relay->next = slot;
            return true;
        }
        more |= serve_connection(relay, c);
    }
    return more;
}

/* Writes what has been put together; false when the link is over. */
static bool flush(struct relay *relay) {
    while (relay->out_start < relay->out_length) {
        ssize_t sent = write(relay->link, relay->out + relay->out_start, relay->out_length - relay->out_start);
        if (sent < 0 && errno == EINTR) {
            continue;
        }
        if (sent < 0 && errno == EAGAIN) {
            break;
        }
        if (sent <= 0) {
            return false;
        }
        relay->out_start += (size_t)sent;
    }
    bool waits = relay->out_start < relay->out_length;
    if (!waits || relay->out_start > sizeof relay->out / 2) {
        relay->out_length -= relay->out_start;
        memmove(relay->out, relay->out + relay->out_start, relay->out_length);
        relay->out_start = 0;
    }
    if (waits != relay->link_waits) {
        struct epoll_event event = {.events = EPOLLIN | (waits ? EPOLLOUT : 0U), .data.u64 = LINK_TAG};
        relay->link_waits = waits;
        return epoll_ctl(relay->watcher, EPOLL_CTL_MOD, relay->link, &event) == 0;
    }
    return true;
}

/* Gives bytes to a connection's socket; returns how many it took, or -1 when it is broken. */
static ssize_t give(struct connection *connection, const uint8_t *bytes, size_t length) {
    size_t given = 0;
    while (given < length && connection->writable) {
        ssize_t sent = send(connection->fd, bytes + given, length - given, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent >= 0) {
            given += (size_t)sent;
        } else if (errno == EAGAIN) {
            connection->writable = false;
        } else if (errno != EINTR) {
            return -1;
        }
    }
    connection->passed += (uint32_t)given;
    return (ssize_t)given;
}

/* Keeps what the socket did not take: the window is the bound. */
static bool hold(struct connection *connection, const uint8_t *bytes, uint32_t length) {
    if (connection->held == NULL && (connection->held = malloc(RELAY_WINDOW)) == NULL) {
        return false;
    }
    uint32_t end = (connection->held_start + connection->held_length) % RELAY_WINDOW;
    uint32_t first = length < RELAY_WINDOW - end ? length : RELAY_WINDOW - end;
    memcpy(connection->held + end, bytes, first);
    memcpy(connection->held, bytes + first, length - first);
    connection->held_length += length;
    return true;
}

static void give_held(struct connection *connection) {
    while (connection->held_length > 0 && connection->writable) {
        uint32_t straight = RELAY_WINDOW - connection->held_start;
        uint32_t length = connection->held_length < straight ? connection->held_length : straight;
        ssize_t given = give(connection, connection->held + connection->held_start, length);
        if (given < 0) {
            fail_connection(connection);
            return;
        }
        connection->held_start = (connection->held_start + (uint32_t)given) % RELAY_WINDOW;
        connection->held_length -= (uint32_t)given;
    }
    if (connection->held_length == 0 && connection->held != NULL) {
        free(connection->held);
        connection->held = NULL;
        connection->held_start = 0;
    }
}

/* The other end's END goes to the socket when everything before it has. */
static void end_socket(struct connection *connection) {
    if (connection->end_received && !connection->shut && connection->held_length == 0 && !connection->connecting &&
        connection->fd >= 0) {
        shutdown(connection->fd, SHUT_WR);
        connection->shut = true;
    }
}

static bool receive_data(struct connection *connection, const uint8_t *bytes, uint32_t length) {
    if (connection->end_received || length > RELAY_WINDOW - connection->held_length - connection->passed) {
        return false;
    }
    if (connection->fd < 0) {
        return true; /* the other end does not know yet that the connection has failed */
    }
    ssize_t given = connection->held_length > 0 || connection->connecting ? 0 : give(connection, bytes, length);
    if (given < 0 || ((uint32_t)given < length && !hold(connection, bytes + given, length - (uint32_t)given))) {
        fail_connection(connection);
    }
    return true;
}

static bool receive_open(struct relay *relay, uint32_t id, uint32_t port) {
    struct connection *connection = slot_of(relay, id);
    if (connection->id != 0 && is_finished(connection)) {
        free_slot(relay, connection); /* the other end knew that first, and its slot has been taken again */
    }
    if (relay->side->open == NULL || id == 0 || port == 0 || port > UINT16_MAX || connection->id != 0) {
        return false;
    }
    use_slot(relay, connection, id, (uint16_t)port);
    connection->connecting = true;
    connection->again_ms = now_ms() + CONNECT_AGAIN_MS;
    connection->give_up_ms = now_ms() + CONNECT_BOUND_MS;
    relay->connecting = true;
    if (!relay->side->open(relay, connection)) {
        fail_connection(connection);
    }
    return true;
}

/* Does what a frame says; false when the other end breaks the rules. */
static bool receive_frame(struct relay *relay, const uint8_t *frame) {
    uint32_t id = get_u32(frame + 4);
    uint32_t value = get_u32(frame + 8);
    if (frame[0] == RELAY_OPEN) {
        return receive_open(relay, id, value);
    }
    struct connection *connection = slot_of(relay, id);
    if (id == 0 || connection->id != id) {
        return true; /* of a connection that has ended here meanwhile */
    }
    switch (frame[0]) {
    case RELAY_DATA:
        return receive_data(connection, frame + RELAY_HEADER, value);
    case RELAY_CREDIT:
        if (value > RELAY_WINDOW - connection->credit) {
            return false;
        }
        connection->credit += value;
        return true;
    case RELAY_END:
        if (connection->end_received) {
            return false;
        }
        connection->end_received = true;
        end_socket(connection);
        return true;
    default: /* RESET */
        abort_socket(connection);
        free_slot(relay, connection);
        return true;
    }
}

/* Tells how long the frame is that begins here; 0: no such frame exists. */
static size_t frame_length(const uint8_t *header) {
    uint32_t value = get_u32(header + 8);
    if (header[0] < RELAY_OPEN || header[0] > RELAY_RESET || (get_u32(header) & 0xffffff) != 0) {
        return 0;
    }
    if (header[0] == RELAY_DATA) {
        return value == 0 || value > RELAY_MAX_DATA ? 0 : RELAY_HEADER + value;
    }
    return RELAY_HEADER;
}

static bool receive_frames(struct relay *relay) {
    size_t done = 0;
    while (relay->in_length - done >= RELAY_HEADER) {
        size_t length = frame_length(relay->in + done);
        if (length == 0) {
            return false;
        }
        if (relay->in_length - done < length) {
            break;
        }
        if (!receive_frame(relay, relay->in + done)) {
            return false;
        }
        done += length;
    }
    if (done > 0) { /* moving nothing nowhere would cost as much as moving it */
        relay->in_length -= done;
        memmove(relay->in, relay->in + done, relay->in_length);
    }
    return true;
}

/* Reads a bounded amount, so that what is owed gets its turn. */
static bool receive(struct relay *relay) {
    for (int i = 0; i < READS_AT_ONCE; i++) {
        ssize_t got = read(relay->link, relay->in + relay->in_length, sizeof relay->in - relay->in_length);
        if (got < 0 && (errno == EAGAIN || errno == EINTR)) {
            return true;
        }
        if (got <= 0) {
            return false;
        }
        relay->in_length += (size_t)got;
        if (!receive_frames(relay)) {
            return false;
        }
    }
    return true;
}

/* Learns how an attempt to connect has ended. */
static void finish_connecting(struct relay *relay, struct connection *connection, uint32_t events) {
    int failure = 0;
    socklen_t length = sizeof failure;
    if ((events & (EPOLLOUT | EPOLLERR | EPOLLHUP)) == 0) {
        return;
    }
    if (getsockopt(connection->fd, SOL_SOCKET, SO_ERROR, &failure, &length) == 0 && failure == 0 &&
        (events & EPOLLHUP) == 0) {
        connection->connecting = false;
    } else if (relay->side->connect_again == NULL || !relay->side->connect_again(relay, connection, true)) {
        fail_connection(connection);
    }
}

/*
 * A server whose backlog is full drops what comes. The kernel would try again after a second, and after two, and after
 * four: too late and too seldom for the 200 clients of a server with a backlog of 5.
 */
static void connect_again(struct relay *relay) {
    int64_t now = now_ms();
    relay->connecting = false;
    for (struct connection *c = relay->connections; c < relay->connections + RELAY_MAX_CONNECTIONS; c++) {
        if (c->id == 0 || !c->connecting || c->fd < 0) {
            continue;
        }
        relay->connecting = true;
        if (now >= c->again_ms) {
            c->again_ms = now + CONNECT_AGAIN_MS;
            if (now >= c->give_up_ms || !relay->side->connect_again(relay, c, false)) {
                fail_connection(c);
            }
        }
    }
}

static void connection_ready(struct relay *relay, struct connection *connection, uint32_t events) {
    if (connection->id == 0 || connection->fd < 0) {
        return; /* it has ended while this event waited for its turn */
    }
    if (connection->connecting) {
        finish_connecting(relay, connection, events);
        if (connection->connecting || connection->fd < 0) {
            return;
        }
    }
    if ((events & EPOLLERR) != 0 && connection->read_over) {
        fail_connection(connection); /* nothing else would find out that its peer is gone */
        return;
    }
    connection->readable |= (events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0;
    if ((events & (EPOLLOUT | EPOLLHUP | EPOLLERR)) != 0) {
        connection->writable = true;
        give_held(connection);
        end_socket(connection);
    }
}

void relay_run(struct relay *relay) {
    struct epoll_event events[EVENTS_AT_ONCE];
    bool over = false;
    while (!over) {
        bool more = serve_all(relay);
        over = !flush(relay);
        int wait_ms = more && !relay->link_waits ? 0 : relay->connecting ? CONNECT_AGAIN_MS : -1;
        int count = over ? 0 : epoll_wait(relay->watcher, events, EVENTS_AT_ONCE, wait_ms);
        for (int i = 0; i < count && !over; i++) {
            uint64_t tag = events[i].data.u64;
            if (tag == LINK_TAG) {
                over = (events[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0 && !receive(relay);
            } else if ((tag & SIDE_TAG) != 0) {
                relay->side->ready(relay, (uint32_t)tag);
            } else {
                connection_ready(relay, &relay->connections[tag], events[i].events);
            }
        }
        if (relay->connecting) {
            connect_again(relay);
        }
    }
    for (struct connection *c = relay->connections; c < relay->connections + RELAY_MAX_CONNECTIONS; c++) {
        if (c->id != 0) {
            abort_socket(c);
            scope_drop(&c->fd);
            free(c->held);
            c->held = NULL;
            c->id = 0;
        }
    }
    scope_drop(&relay->watcher);
}
