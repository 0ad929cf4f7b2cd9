/* JOB_READ and JOB_WRITE. */
#include "clock.h"
#include "job_request.h"
#include "scope.h"
#include "session.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum { TAG_FIRST_CURSOR = 3, TAG_SECOND_CURSOR, TAG_MOST, TAG_PATIENCE };

#define MAX_PATIENCE_MS 60000
#ifndef WRITE_PATIENCE_MS
#define WRITE_PATIENCE_MS 10000 /* without a byte that the shell takes */
#endif
#define WRITE_MOST_MS 45000 /* altogether */
#define ROOM_LOOK_MS 200    /* a terminal does not always tell when it has room again */

struct read_request {
    uint64_t cursors[2];
    uint32_t most;
    uint32_t patience_ms;
};

static bool parse_cursor(const struct fields *request, uint16_t tag, uint64_t *cursor, struct error *error) {
    bool present;
    return fields_u64(request, tag, cursor, &present, error) && fields_need(present, tag, error);
}

static bool parse_read(const struct fields *request, const struct job *job, struct read_request *parsed,
                       struct error *error) {
    return parse_cursor(request, TAG_FIRST_CURSOR, &parsed->cursors[0], error) &&
           (job->stream_count < 2 || parse_cursor(request, TAG_SECOND_CURSOR, &parsed->cursors[1], error)) &&
           job_request_number(request, TAG_MOST, 1, RING_MOST, &parsed->most, error) &&
           job_request_number(request, TAG_PATIENCE, 0, MAX_PATIENCE_MS, &parsed->patience_ms, error);
}

/* Tells whether there is something to send, or nothing to wait for. Fails for a cursor that lies beyond the end. */
static bool look(const struct job *job, const struct read_request *request, bool *ready, struct error *error) {
    bool valid = true;
    jobs_lock();
    *ready = job->phase >= JOB_ENDED;
    for (int i = 0; i < job->stream_count; i++) {
        uint64_t end = job->streams[i].ring.end;
        if (request->cursors[i] > end) {
            valid = fail(error, ERROR_BAD_REQUEST, 0, "the cursor %llu of stream %d lies beyond its end, %llu",
                         (unsigned long long)request->cursors[i], i, (unsigned long long)end);
        }
        *ready = *ready || request->cursors[i] < end;
    }
    jobs_unlock();
    return valid;
}

/* Waits until there is something to send, or the patience is over. */
static bool await_output(struct session *session, struct job *job, const struct read_request *request,
                         struct error *error) {
    bool ready;
    struct watch watch;
    if (!look(job, request, &ready, error) ||
        (!ready && request->patience_ms > 0 && !job_watch(job, &watch, JOB_NEWS_OF_OUTPUT, error))) {
        return false;
    }
    if (ready || request->patience_ms == 0) {
        return true;
    }
    int64_t deadline_ms = now_ms() + request->patience_ms;
    bool waited = true;
    while (waited && look(job, request, &ready, error) && !ready && now_ms() < deadline_ms) {
        waited = job_await(&watch, &session->channel, deadline_ms, error);
    }
    job_unwatch(job, &watch);
    return waited;
}

/* Puts the next piece of a stream where a frame's payload goes; 0: there is none. */
static size_t next_piece(struct session *session, const struct job *job, int index, uint64_t *cursor, uint32_t sent,
                         uint32_t most) {
    const struct ring *ring = &job->streams[index].ring;
    size_t wanted = most - sent < OUTPUT_CHUNK ? most - sent : OUTPUT_CHUNK;
    jobs_lock();
    /* What was dropped before the first piece is passed over; a gap after it ends what is sent. */
    if (sent == 0 && *cursor < ring->begin) {
        *cursor = ring->begin;
    }
    size_t length = ring_read(ring, *cursor + sent, channel_payload(&session->channel), wanted);
    jobs_unlock();
    return length;
}

/* Sends a stream from the cursor on, and tells at which one it has begun. */
static bool send_stream(struct session *session, const struct job *job, int index, uint64_t *cursor, uint32_t most,
                        struct error *error) {
    uint32_t sent = 0;
    while (sent < most) {
        size_t length = next_piece(session, job, index, cursor, sent, most);
        if (length == 0) {
            return true;
        }
        if (!channel_send(&session->channel, index == 0 ? FRAME_STDOUT : FRAME_STDERR, length, error)) {
            return false;
        }
        sent += (uint32_t)length;
    }
    return true;
}

static bool read_job(struct session *session, struct job *job, struct read_request *request, struct answer *answer,
                     struct error *error) {
    if (!await_output(session, job, request, error)) {
        return false;
    }
    for (int i = 0; i < job->stream_count; i++) {
        if (!send_stream(session, job, i, &request->cursors[i], request->most, error)) {
            return false;
        }
    }
    answer_u64(answer, 1, request->cursors[0]);
    answer_u64(answer, 2, request->cursors[1]);
    job_answer_state(job, answer);
    return true;
}

bool job_read_operation(struct session *session, const struct fields *request, struct answer *answer,
                        struct error *error) {
    struct read_request parsed = {.most = 0};
    struct job *job;
    if (!job_request_job(request, &job, error)) {
        return false;
    }
    bool done = parse_read(request, job, &parsed, error) && read_job(session, job, &parsed, answer, error);
    job_drop(job);
    return done;
}

/* Somebody who types into a shell. */
struct typing {
    struct session *session;
    struct job *job;
    struct watch watch;
    int master_fd;
    int64_t last_deadline_ms;
    uint64_t taken;
};

/* Waits until the terminal takes something, the shell ends, or the deadline is over. */
static bool await_room(struct typing *typing, int64_t deadline_ms, struct error *error) {
    struct pollfd others[] = {{.fd = typing->master_fd, .events = POLLOUT},
                              {.fd = typing->watch.event_fd, .events = POLLIN}};
    bool undisturbed = channel_wait(&typing->session->channel, true, others, 2, deadline_ms, error);
    eventfd_t dropped;
    eventfd_read(typing->watch.event_fd, &dropped);
    return undisturbed;
}

/* Types a piece. *taking tells whether the shell still takes what is typed. */
static bool type(struct typing *typing, struct slice piece, bool *taking, struct error *error) {
    int64_t deadline_ms = now_ms() + WRITE_PATIENCE_MS;
    while (piece.length > 0) {
        ssize_t taken = write(typing->master_fd, piece.bytes, piece.length);
        if (taken > 0) {
            piece.bytes += taken;
            piece.length -= (size_t)taken;
            typing->taken += (uint64_t)taken;
            deadline_ms = now_ms() + WRITE_PATIENCE_MS;
            continue;
        }
        if (deadline_ms > typing->last_deadline_ms) {
            deadline_ms = typing->last_deadline_ms;
        }
        *taking = (errno == EAGAIN || errno == EINTR) && now_ms() < deadline_ms && !job_has_ended(typing->job);
        if (!*taking) {
            return true;
        }
        int64_t look_ms = now_ms() + ROOM_LOOK_MS;
        if (!await_room(typing, look_ms < deadline_ms ? look_ms : deadline_ms, error)) {
            return false;
        }
    }
    return true;
}

static bool type_all(struct typing *typing, struct error *error) {
    bool taking = true;
    struct slice piece;
    do {
        if (!session_input(typing->session, &piece, error) || (taking && !type(typing, piece, &taking, error))) {
            return false;
        }
    } while (piece.length > 0);
    return true;
}

/* A descriptor of one's own: the job may close its terminal meanwhile. */
static bool hold_terminal(struct job *job, int *fd, struct error *error) {
    jobs_lock();
    bool held = job_runs(job, error);
    if (held) {
        *fd = fcntl(job->streams[0].fd, F_DUPFD_CLOEXEC, 0);
        held = *fd >= 0 || fail(error, ERROR_IO, errno, "cannot hold a terminal");
    }
    jobs_unlock();
    return held;
}

bool job_write_operation(struct session *session, const struct fields *request, struct answer *answer,
                         struct error *error) {
    struct typing typing = {
        .session = session, .master_fd = -1, .last_deadline_ms = now_ms() + WRITE_MOST_MS, .taken = 0};
    if (!job_request_job_of(request, JOB_SHELL, &typing.job, error)) {
        return false;
    }
    bool done = hold_terminal(typing.job, &typing.master_fd, error) &&
                job_watch(typing.job, &typing.watch, JOB_NEWS_OF_END, error);
    if (done) {
        done = type_all(&typing, error);
        job_unwatch(typing.job, &typing.watch);
    }
    scope_drop(&typing.master_fd);
    if (done) {
        answer_u64(answer, 1, typing.taken);
        job_answer_state(typing.job, answer);
    }
    job_drop(typing.job);
    return done;
}
