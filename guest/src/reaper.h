/*
 * The one place where processes are made and where their ends are noticed. The agent is process 1: it inherits every
 * orphan, so that nobody else may wait for any process.
 */
#ifndef PYRO_REAPER_H
#define PYRO_REAPER_H

#include "error.h"

#include <sys/types.h>

/* A process that somebody waits for. Its event descriptor becomes readable when it has ended. */
struct child {
    pid_t pid;
    int event_fd;
    bool ended;
    int status; /* as waitpid gives it */
    struct child *next;
};

/* Blocks the signal that tells of ended processes, in this thread and those it starts. Call it before any of them. */
void reaper_init(void);

/*
 * Forks; the new process runs the function with default signals and must not return from it. The function may call only
 * what is safe after a fork in a program with threads.
 */
bool reaper_fork(struct child *child, void (*run)(void *), void *argument, struct error *error);

/* Tells whether it has ended, and how. */
bool reaper_ended(struct child *child, int *status);

/* Sends it a signal unless it has ended, without the danger of hitting another process with its number. */
void reaper_signal(struct child *child, int signal);

/* Waits until it has ended, and forgets it. */
void reaper_join(struct child *child);

/* Reaps what has ended, without waiting. Tells whether any process is left. */
bool reaper_sweep(void);

/* Reaps until no process is left, for so long at most; tells whether none is. For process 1 alone. */
bool reaper_await_all(int64_t patience_ms);

/* Returns a descriptor that is readable when there may be something to reap. */
int reaper_fd(void);

#endif
