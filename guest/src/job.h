/*
 * Jobs: shells on terminals and services on pipes, which outlive the session that started them.
 *
 *   job             the table of jobs, what is known of each, and who waits for news of one
 *   job_pump        one thread that reads what all of them write
 *   job_keeper      starts a job; one thread for each then waits for its end, or brings it about
 *   job_operations  what the host asks for; job_probe: whether a service is ready
 *
 * One lock guards the table and all that a job holds, but what is said to be its keeper's. A job is there as long as
 * somebody holds it.
 */
#ifndef PYRO_JOB_H
#define PYRO_JOB_H

#include "channel.h"
#include "command.h"
#include "process_tree.h"
#include "ring.h"

#define MAX_JOBS 32 /* of each kind */
#define MAX_JOB_NAME 64
#define MAX_TERMINAL_SIDE 1000

enum job_kind { JOB_SHELL = 1, JOB_SERVICE = 2 };

enum job_phase {
    JOB_STARTING, /* its name is taken, and nobody sees it yet */
    JOB_RUNNING,
    JOB_ENDED, /* its own process has ended; what a service left behind is being ended */
    JOB_GONE   /* nothing happens to it any more */
};

enum job_news {
    JOB_NEWS_OF_OUTPUT, /* something was written, or its process has ended, or it is gone */
    JOB_NEWS_OF_END     /* one of the latter two */
};

/* Somebody who waits for news of a job: its event descriptor becomes readable. */
struct watch {
    int event_fd;
    enum job_news wanted;
    struct watch *next;
};

struct stream {
    int fd; /* -1: it has come to its end */
    struct ring ring;
};

struct job {
    struct job *next;
    unsigned holders;
    uint32_t number; /* none gets it again */
    enum job_kind kind;
    char name[MAX_JOB_NAME + 1];
    struct command command; /* does not change */
    pid_t pid;
    enum job_phase phase;
    int status; /* as waitpid gives it */
    uint64_t started_ns;
    uint64_t ended_ns;
    uint16_t columns;
    uint16_t rows;
    bool stop_asked;
    bool forget;        /* when it is gone */
    int64_t kill_at_ms; /* when stop_asked */
    int slave_fd;       /* a shell's terminal does not hang up while the shell runs */
    int stream_count;   /* one for a shell, two for a service */
    struct stream streams[2];
    struct watch *watches;
    struct process_tree tree; /* the keeper's */
    int keeper_fd;            /* wakes the keeper */
};

const char *job_kind_name(enum job_kind kind);

void jobs_lock(void);
void jobs_unlock(void);

/*
 * Takes a place in the table for a job that is about to start, and holds it. A shell's name must be free. A service's
 * may be that of one that has ended; while that one is not gone yet, it is held in *before, to be waited for, and *job
 * is NULL.
 */
bool job_reserve(enum job_kind kind, const char *name, struct job **job, struct job **before, struct error *error);

/* Finds a job and holds it. */
bool job_find(enum job_kind kind, const char *name, struct job **job, struct error *error);

/* Finds the first job of a kind that has a higher number, and holds it; NULL when there is none. */
struct job *job_after(enum job_kind kind, uint32_t number);

/* Lets go of it. */
void job_drop(struct job *job);

/* The following are called with the lock held. */

struct job *job_numbered(uint32_t number);

/* A job that was reserved runs from now on, in the place of one that has ended. */
void job_begins(struct job *job);

/* Takes a job out of the table, if it is there: nobody finds it any more. What still writes to it can go on. */
void job_remove(struct job *job);

/* Wakes those who wait for news. */
void job_tell(struct job *job, enum job_news news);

/* Fails for a job whose process has ended. */
bool job_runs(const struct job *job, struct error *error);

/* Adds its state to an answer. */
void job_answer(const struct job *job, struct answer *answer);

/* Asks a running job to end; what is left of it some time later is killed. */
void job_ask_to_end(struct job *job, uint32_t grace_ms);

/* Reads what a job writes from now on. */
bool job_pump_add(struct job *job, struct error *error);

/* Reads what a job has written up to now, but no more than is kept. */
void job_pump_drain(struct job *job);

/* Leaves its streams to those who still write to them. */
void job_pump_remove(struct job *job);

/* What follows takes the lock itself. */

/* Adds the state of a job to an answer. */
void job_answer_state(const struct job *job, struct answer *answer);

/* Tells whether its process has ended. */
bool job_has_ended(const struct job *job);

bool job_watch(struct job *job, struct watch *watch, enum job_news wanted, struct error *error);
void job_unwatch(struct job *job, struct watch *watch);

/* Waits for news, or until the deadline (negative: none). Fails when the session is over. */
bool job_await(struct watch *watch, struct channel *channel, int64_t deadline_ms, struct error *error);

/* Waits until nothing happens to it any more. */
bool job_await_gone(struct job *job, struct channel *channel, struct error *error);

/* Starts what was reserved. On failure its place is free again. */
bool job_start(struct job *job, struct error *error);

#endif
