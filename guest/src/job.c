#include "job.h"

#include "clock.h"
#include "drain.h"
#include "exit_status.h"
#include "scope.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <sys/eventfd.h>

enum {
    TAG_PHASE = 20,
    TAG_PID,
    TAG_EXIT_CODE,
    TAG_SIGNAL,
    TAG_STARTED,
    TAG_ENDED,
    TAG_COLUMNS,
    TAG_ROWS,
    TAG_STOP_ASKED,
    TAG_FIRST_END,
    TAG_SECOND_END,
    TAG_DIRECTORY
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct job *table; /* in the order of their numbers, which is the one in which they were started */
static uint32_t last_number;

void jobs_lock(void) {
    pthread_mutex_lock(&lock);
}

void jobs_unlock(void) {
    pthread_mutex_unlock(&lock);
}

const char *job_kind_name(enum job_kind kind) {
    return kind == JOB_SHELL ? "shell" : "service";
}

static bool is_named(const struct job *job, enum job_kind kind, const char *name) {
    return job->kind == kind && strcmp(job->name, name) == 0;
}

/* Looks for the name, and counts the jobs that stay. The lock is held. */
static bool look_for_place(enum job_kind kind, const char *name, struct job **before, struct error *error) {
    int count = 0;
    for (struct job *job = table; job != NULL; job = job->next) {
        if (is_named(job, kind, name)) {
            if (job->phase < JOB_ENDED || kind == JOB_SHELL) {
                return fail(error, ERROR_EXISTS, 0, "there is a %s `%s` already", job_kind_name(kind), name);
            }
            if (job->phase == JOB_ENDED) {
                *before = job;
                return true;
            }
        } else if (job->kind == kind) {
            count++;
        }
    }
    return count < MAX_JOBS || fail(error, ERROR_LIMIT, 0, "there are %d %ss already", MAX_JOBS, job_kind_name(kind));
}

static struct job *new_job(enum job_kind kind, const char *name) {
    struct job *job = calloc(1, sizeof *job);
    if (job == NULL || (job->keeper_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) < 0) {
        free(job);
        return NULL;
    }
    job->kind = kind;
    strcpy(job->name, name);
    job->slave_fd = -1;
    job->stream_count = kind == JOB_SHELL ? 1 : 2;
    for (int i = 0; i < 2; i++) {
        job->streams[i].fd = -1;
    }
    return job;
}

/* Puts a job at the end of the table, which holds it from now on. The lock is held. */
static void enter(struct job *job) {
    struct job **link = &table;
    while (*link != NULL) {
        link = &(*link)->next;
    }
    *link = job;
    job->number = ++last_number;
    job->holders++;
}

bool job_reserve(enum job_kind kind, const char *name, struct job **job, struct job **before, struct error *error) {
    *job = new_job(kind, name);
    *before = NULL;
    if (*job == NULL) {
        return fail(error, ERROR_IO, ENOMEM, "no memory for a job");
    }
    (*job)->holders = 1;
    jobs_lock();
    bool found = look_for_place(kind, name, before, error);
    if (*before != NULL) {
        (*before)->holders++;
    } else if (found) {
        enter(*job);
    }
    jobs_unlock();
    if (!found || *before != NULL) {
        job_drop(*job);
        *job = NULL;
    }
    return found;
}

bool job_find(enum job_kind kind, const char *name, struct job **job, struct error *error) {
    jobs_lock();
    *job = table;
    while (*job != NULL && ((*job)->phase == JOB_STARTING || !is_named(*job, kind, name))) {
        *job = (*job)->next;
    }
    if (*job != NULL) {
        (*job)->holders++;
    }
    jobs_unlock();
    return *job != NULL || fail(error, ERROR_NOT_FOUND, 0, "there is no %s `%s`", job_kind_name(kind), name);
}

struct job *job_after(enum job_kind kind, uint32_t number) {
    jobs_lock();
    struct job *job = table;
    while (job != NULL && (job->kind != kind || job->phase == JOB_STARTING || job->number <= number)) {
        job = job->next;
    }
    if (job != NULL) {
        job->holders++;
    }
    jobs_unlock();
    return job;
}

struct job *job_numbered(uint32_t number) {
    struct job *job = table;
    while (job != NULL && job->number != number) {
        job = job->next;
    }
    return job;
}

/* Lets go of it; the lock is held. */
static void drop(struct job *job) {
    if (--job->holders > 0) {
        return;
    }
    scope_drop(&job->keeper_fd);
    scope_drop(&job->slave_fd);
    command_free(&job->command);
    for (int i = 0; i < 2; i++) {
        scope_drop(&job->streams[i].fd);
        ring_free(&job->streams[i].ring);
    }
    free(job);
}

void job_drop(struct job *job) {
    jobs_lock();
    drop(job);
    jobs_unlock();
}

void job_remove(struct job *job) {
    for (struct job **link = &table; *link != NULL; link = &(*link)->next) {
        if (*link == job) {
            *link = job->next;
            job_pump_remove(job);
            drop(job);
            return;
        }
    }
}

void job_begins(struct job *job) {
    struct job *before = table;
    while (before != NULL && (before == job || !is_named(before, job->kind, job->name))) {
        before = before->next;
    }
    if (before != NULL) {
        job_remove(before);
    }
    job->phase = JOB_RUNNING;
    job->started_ns = (uint64_t)clock_ns(CLOCK_REALTIME);
}

void job_tell(struct job *job, enum job_news news) {
    for (struct watch *watch = job->watches; watch != NULL; watch = watch->next) {
        if (watch->wanted <= news) {
            eventfd_write(watch->event_fd, 1);
        }
    }
}

bool job_runs(const struct job *job, struct error *error) {
    return job->phase < JOB_ENDED ||
           fail(error, ERROR_WRONG_STATE, 0, "the %s `%s` has ended", job_kind_name(job->kind), job->name);
}

void job_answer(const struct job *job, struct answer *answer) {
    bool runs = job->phase < JOB_ENDED;
    answer_u8(answer, TAG_PHASE, runs ? 1 : 2);
    answer_u32(answer, TAG_PID, (uint32_t)job->pid);
    answer_u32(answer, TAG_EXIT_CODE, runs ? 0 : (uint32_t)exit_code(job->status));
    answer_u32(answer, TAG_SIGNAL, runs ? 0 : (uint32_t)exit_signal(job->status));
    answer_u64(answer, TAG_STARTED, job->started_ns);
    answer_u64(answer, TAG_ENDED, job->ended_ns);
    answer_u16(answer, TAG_COLUMNS, job->columns);
    answer_u16(answer, TAG_ROWS, job->rows);
    answer_u8(answer, TAG_STOP_ASKED, job->stop_asked);
    answer_u64(answer, TAG_FIRST_END, job->streams[0].ring.end);
    answer_u64(answer, TAG_SECOND_END, job->streams[1].ring.end);
    if (job->command.directory != NULL) {
        answer_bytes(answer, TAG_DIRECTORY, job->command.directory, strlen(job->command.directory));
    }
}

void job_answer_state(const struct job *job, struct answer *answer) {
    jobs_lock();
    job_answer(job, answer);
    jobs_unlock();
}

bool job_has_ended(const struct job *job) {
    jobs_lock();
    bool ended = job->phase >= JOB_ENDED;
    jobs_unlock();
    return ended;
}

bool job_watch(struct job *job, struct watch *watch, enum job_news wanted, struct error *error) {
    watch->wanted = wanted;
    watch->event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (watch->event_fd < 0) {
        return fail(error, ERROR_IO, errno, "cannot make an event descriptor");
    }
    jobs_lock();
    watch->next = job->watches;
    job->watches = watch;
    jobs_unlock();
    return true;
}

void job_unwatch(struct job *job, struct watch *watch) {
    jobs_lock();
    for (struct watch **link = &job->watches; *link != NULL; link = &(*link)->next) {
        if (*link == watch) {
            *link = watch->next;
            break;
        }
    }
    jobs_unlock();
    scope_drop(&watch->event_fd);
}

bool job_await(struct watch *watch, struct channel *channel, int64_t deadline_ms, struct error *error) {
    struct pollfd news = {.fd = watch->event_fd, .events = POLLIN};
    eventfd_t dropped;
    bool undisturbed = channel_wait(channel, false, &news, 1, deadline_ms, error);
    eventfd_read(watch->event_fd, &dropped);
    return undisturbed;
}

bool job_await_gone(struct job *job, struct channel *channel, struct error *error) {
    struct watch watch;
    if (!job_watch(job, &watch, JOB_NEWS_OF_END, error)) {
        return false;
    }
    bool waited = true;
    for (;;) {
        jobs_lock();
        bool gone = job->phase == JOB_GONE;
        jobs_unlock();
        if (gone || !(waited = job_await(&watch, channel, -1, error))) {
            break;
        }
    }
    job_unwatch(job, &watch);
    return waited;
}
