/* Frames over a descriptor: a virtio-serial port or a Unix socket, always non-blocking. */
#ifndef PYRO_CHANNEL_H
#define PYRO_CHANNEL_H

#include "error.h"
#include "frame.h"

#include <poll.h>

/*
 * The payload of a full output frame. The port's driver sends at most 32 KiB in one write, so that a frame of exactly
 * two such writes, header included, is the cheapest.
 */
#define OUTPUT_CHUNK (MAX_DATA - FRAME_HEADER)

struct channel {
    int fd;
    bool over;              /* nothing more can be received */
    int64_t frame_deadline; /* when the frame that has begun must be complete; negative: none has begun */
    size_t out_sent;
    size_t out_length; /* of the frame on its way out, header included; 0: none */
    struct frame_reader reader;
    uint8_t out[FRAME_HEADER + MAX_PAYLOAD];
};

enum channel_status { CHANNEL_READY, CHANNEL_BLOCKED, CHANNEL_OVER };

/* The descriptor stays the caller's. */
void channel_init(struct channel *channel, int fd);

/* Reads what is there, without waiting: READY means that a frame is complete. OVER: the host went away, or broke the
 * rules. */
enum channel_status channel_receive(struct channel *channel, struct frame *frame);

/* Waits for the next frame. */
bool channel_await(struct channel *channel, struct frame *frame, struct error *error);

/* Returns where an outgoing frame's payload goes; the frame before must have been sent. */
uint8_t *channel_payload(struct channel *channel);

/* Begins to send a frame whose payload stands in channel_payload. */
void channel_begin(struct channel *channel, enum frame_type type, size_t length);

/* Goes on sending without waiting: READY means that nothing is left to send. */
enum channel_status channel_flush(struct channel *channel);

/* Sends a frame whose payload stands in channel_payload, and waits until it is on its way. */
bool channel_send(struct channel *channel, enum frame_type type, size_t length, struct error *error);

/*
 * Waits until one of the other descriptors is ready or the deadline (negative: none) is over. Fails when the host went
 * away, or, where no input is expected, sent something.
 */
bool channel_wait(struct channel *channel, bool input_expected, struct pollfd *others, nfds_t count,
                  int64_t deadline_ms, struct error *error);

/* Fails when the host went away or sent something: called now and then by long requests that expect no input. */
bool channel_undisturbed(struct channel *channel, struct error *error);

#endif
