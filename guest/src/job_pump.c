/* Reads what all jobs write, whether or not anybody wants it: a job never waits for a reader. */
#include "drain.h"
#include "job.h"
#include "scope.h"
#include "session.h"

#include <errno.h>
#include <sys/epoll.h>
#include <unistd.h>

#define PIECE 65536
#define EVENTS_AT_ONCE 16

static int watcher = -1; /* stays for good once there was a job */

/* What an event carries. */
static uint64_t mark(const struct job *job, int index) {
    return (uint64_t)job->number << 1 | (uint64_t)index;
}

static void end_stream(struct job *job, int index) {
    /* Closing would not do: a process that is just being forked may hold the pipe a moment longer. */
    epoll_ctl(watcher, EPOLL_CTL_DEL, job->streams[index].fd, NULL);
}

/* Reads a piece; returns its length, or 0 when there is none now, or never again. */
static size_t read_piece(struct job *job, int index) {
    static uint8_t piece[PIECE];
    struct stream *stream = &job->streams[index];
    if (stream->fd < 0) {
        return 0;
    }
    ssize_t got;
    do {
        got = read(stream->fd, piece, sizeof piece);
    } while (got < 0 && errno == EINTR);
    if (got > 0) {
        ring_append(&stream->ring, piece, (size_t)got);
        job_tell(job, JOB_NEWS_OF_OUTPUT);
        return (size_t)got;
    }
    /* A terminal says EIO when nobody has it open any more. */
    if (got == 0 || errno != EAGAIN) {
        end_stream(job, index);
        scope_drop(&stream->fd);
    }
    return 0;
}

static void *pump(void *argument) {
    (void)argument;
    for (;;) {
        struct epoll_event events[EVENTS_AT_ONCE];
        int count = epoll_wait(watcher, events, EVENTS_AT_ONCE, -1);
        jobs_lock();
        for (int i = 0; i < count; i++) {
            struct job *job = job_numbered((uint32_t)(events[i].data.u64 >> 1));
            if (job != NULL) {
                (void)read_piece(job, (int)(events[i].data.u64 & 1));
            }
        }
        jobs_unlock();
    }
    return NULL;
}

static bool start_pump(struct error *error) {
    if (watcher >= 0) {
        return true;
    }
    watcher = epoll_create1(EPOLL_CLOEXEC);
    int os_error = watcher < 0 ? errno : session_thread(pump, NULL);
    if (os_error != 0) {
        scope_drop(&watcher);
        return fail(error, ERROR_IO, os_error, "cannot start a thread");
    }
    return true;
}

bool job_pump_add(struct job *job, struct error *error) {
    if (!start_pump(error)) {
        return false;
    }
    for (int i = 0; i < job->stream_count; i++) {
        struct epoll_event event = {.events = EPOLLIN, .data.u64 = mark(job, i)};
        if (epoll_ctl(watcher, EPOLL_CTL_ADD, job->streams[i].fd, &event) != 0) {
            return fail(error, ERROR_IO, errno, "cannot watch the output of a job");
        }
    }
    return true;
}

void job_pump_drain(struct job *job) {
    for (int i = 0; i < job->stream_count; i++) {
        size_t taken = 0;
        for (size_t got = 1; got > 0 && taken < RING_MOST; taken += got) {
            got = read_piece(job, i);
        }
    }
}

void job_pump_remove(struct job *job) {
    for (int i = 0; i < job->stream_count; i++) {
        if (job->streams[i].fd >= 0) {
            end_stream(job, i);
            drain_adopt(scope_take(&job->streams[i].fd));
        }
    }
}
