/*
 * Many TCP connections over one byte stream (docs/guest-protocol.md, "The relay"): how clients of the host reach
 * servers in the guest. Both ends are the same program: publish.c opens connections, dial.c answers them.
 *
 * Nothing here waits but relay_run, in one place, and nothing is ever lost: what an end owes the other is noted in the
 * connection and sent when there is room, and what a socket does not take stays within the connection's window.
 */
#ifndef PYRO_RELAY_H
#define PYRO_RELAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RELAY_MAX_CONNECTIONS 512
#define RELAY_WINDOW 262144
#define RELAY_HEADER 12
#define RELAY_MAX_DATA (32768 - RELAY_HEADER) /* a whole frame is the most that the port's driver sends at once */

enum relay_frame { RELAY_OPEN = 1, RELAY_DATA = 2, RELAY_CREDIT = 3, RELAY_END = 4, RELAY_RESET = 5 };

struct connection {
    uint32_t id; /* 0: there is none */
    int fd;
    uint16_t port; /* of the guest */
    bool connecting;
    int64_t again_ms;   /* when another attempt to connect is due, while it is connecting */
    int64_t give_up_ms; /* when no more is made */
    bool readable;
    bool writable;
    bool owes_open;
    bool owes_reset;
    bool read_over;    /* the socket gives no more bytes */
    bool end_sent;     /* and the other end knows */
    bool end_received; /* no more bytes come for the socket */
    bool shut;         /* and the socket knows */
    uint32_t credit;   /* how many bytes may be sent */
    uint32_t passed;   /* bytes that the socket took, and the other end does not know yet */
    uint8_t *held;     /* a ring of what the socket did not take yet, or NULL as long as it took everything */
    uint32_t held_start;
    uint32_t held_length;
};

struct relay;

/* What the two ends do differently. */
struct relay_side {
    /* The other end has opened a connection; NULL where it must not. False: it cannot be had. */
    bool (*open)(struct relay *relay, struct connection *connection);
    /* A socket was refused, or is still connecting: tries another way, or anew; false: that is of no use. */
    bool (*connect_again)(struct relay *relay, struct connection *connection, bool refused);
    /* A descriptor that this side watches is ready. */
    void (*ready)(struct relay *relay, uint32_t tag);
    /* There is room for a connection again. */
    void (*room)(struct relay *relay);
};

struct relay {
    const struct relay_side *side;
    int link;
    int watcher;
    uint32_t last_id;
    unsigned count;
    unsigned next;   /* the slot that is served first */
    bool link_waits; /* for the link to take more */
    bool connecting; /* some connection may be */
    size_t out_start;
    size_t out_length;
    size_t in_length;
    struct connection connections[RELAY_MAX_CONNECTIONS];
    uint8_t out[8 * (RELAY_HEADER + RELAY_MAX_DATA)];
    uint8_t in[2 * (RELAY_HEADER + RELAY_MAX_DATA)];
};

/* Begins to relay over a non-blocking descriptor, which stays the caller's. */
bool relay_init(struct relay *relay, int link, const struct relay_side *side);

/* Relays until the link is over, or the other end breaks the rules; then all connections are closed. */
void relay_run(struct relay *relay);

/* Watches a descriptor of the side's own for input. */
bool relay_watch(struct relay *relay, int fd, uint32_t tag);

/* Opens a connection for a client's socket, which the relay owns from now on; false when there are too many. */
bool relay_open(struct relay *relay, int fd, uint16_t port);

/* Gives an opened connection its socket, which is connecting; the relay owns it from now on. */
bool relay_attach(struct relay *relay, struct connection *connection, int fd);

#endif
