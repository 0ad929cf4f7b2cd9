#include "channel.h"

#include "clock.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#ifndef POLLRDHUP
#define POLLRDHUP 0x2000
#endif

#define MAX_OTHERS 4

static const short POLL_GONE = POLLHUP | POLLERR | POLLNVAL | POLLRDHUP;

void channel_init(struct channel *channel, int fd) {
    channel->fd = fd;
    channel->over = false;
    channel->frame_deadline = -1;
    channel->out_sent = 0;
    channel->out_length = 0;
    channel->reader.have = 0;
}

static enum channel_status receive(struct channel *channel, struct frame *frame) {
    for (;;) {
        size_t wanted;
        uint8_t *space = frame_reader_space(&channel->reader, &wanted);
        ssize_t got = read(channel->fd, space, wanted);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0 && errno == EAGAIN) {
            if (channel->frame_deadline >= 0 && now_ms() >= channel->frame_deadline) {
                return CHANNEL_OVER;
            }
            return CHANNEL_BLOCKED;
        }
        if (got <= 0) {
            return CHANNEL_OVER;
        }
        switch (frame_reader_filled(&channel->reader, (size_t)got, frame)) {
        case FRAME_COMPLETE:
            channel->frame_deadline = -1;
            return CHANNEL_READY;
        case FRAME_BAD:
            return CHANNEL_OVER;
        case FRAME_PARTIAL:
            if (channel->frame_deadline < 0) {
                channel->frame_deadline = now_ms() + FRAME_TIMEOUT_MS;
            }
            break;
        }
    }
}

enum channel_status channel_receive(struct channel *channel, struct frame *frame) {
    if (channel->over) {
        return CHANNEL_OVER;
    }
    enum channel_status status = receive(channel, frame);
    channel->over = status == CHANNEL_OVER;
    return status;
}

bool channel_await(struct channel *channel, struct frame *frame, struct error *error) {
    for (;;) {
        switch (channel_receive(channel, frame)) {
        case CHANNEL_READY:
            return true;
        case CHANNEL_OVER:
            return fail_session(error);
        case CHANNEL_BLOCKED:
            break;
        }
        struct pollfd poller = {.fd = channel->fd, .events = POLLIN};
        poll(&poller, 1, poll_timeout(channel->frame_deadline));
    }
}

uint8_t *channel_payload(struct channel *channel) {
    return channel->out + FRAME_HEADER;
}

void channel_begin(struct channel *channel, enum frame_type type, size_t length) {
    frame_header(channel->out, type, length);
    channel->out_sent = 0;
    channel->out_length = FRAME_HEADER + length;
}

enum channel_status channel_flush(struct channel *channel) {
    while (channel->out_sent < channel->out_length) {
        ssize_t sent = write(channel->fd, channel->out + channel->out_sent, channel->out_length - channel->out_sent);
        if (sent < 0 && errno == EINTR) {
            continue;
        }
        if (sent < 0 && errno == EAGAIN) {
            return CHANNEL_BLOCKED;
        }
        if (sent <= 0) {
            return CHANNEL_OVER;
        }
        channel->out_sent += (size_t)sent;
    }
    channel->out_length = 0;
    channel->out_sent = 0;
    return CHANNEL_READY;
}

bool channel_send(struct channel *channel, enum frame_type type, size_t length, struct error *error) {
    channel_begin(channel, type, length);
    for (;;) {
        switch (channel_flush(channel)) {
        case CHANNEL_READY:
            return true;
        case CHANNEL_OVER:
            return fail_session(error);
        case CHANNEL_BLOCKED:
            break;
        }
        struct pollfd poller = {.fd = channel->fd, .events = POLLOUT};
        poll(&poller, 1, -1);
        if ((poller.revents & POLL_GONE) != 0) {
            return fail_session(error);
        }
    }
}

bool channel_wait(struct channel *channel, bool input_expected, struct pollfd *others, nfds_t count,
                  int64_t deadline_ms, struct error *error) {
    struct pollfd pollers[1 + MAX_OTHERS] = {
        {.fd = channel->fd, .events = (short)(input_expected ? POLLRDHUP : POLLIN | POLLRDHUP)}};
    memcpy(pollers + 1, others, count * sizeof *others);
    if (poll(pollers, 1 + count, poll_timeout(deadline_ms)) <= 0) {
        pollers[0].revents = 0;
    }
    memcpy(others, pollers + 1, count * sizeof *others);
    return pollers[0].revents == 0 || fail_session(error);
}

bool channel_undisturbed(struct channel *channel, struct error *error) {
    struct pollfd poller = {.fd = channel->fd, .events = POLLIN | POLLRDHUP};
    return poll(&poller, 1, 0) == 0 || fail_session(error);
}
