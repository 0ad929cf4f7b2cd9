/* How a job is started, and how it ends. Its keeper is a thread of its own: it goes on when a session ends. */
#include "clock.h"
#include "freeze.h"
#include "job.h"
#include "pipes.h"
#include "scope.h"
#include "session.h"
#include "terminal.h"

#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>

#define LEFT_GRACE_MS 500 /* for what a service leaves behind */
#define FIRST_LOOK_MS 10  /* each further one twice as long after the one before */
#define LAST_LOOK_MS 160
#define STATUS_WAIT_MS 1000

/* Its own process has ended. The lock is held. */
static void note_end(struct job *job, int status) {
    scope_drop(&job->slave_fd);
    job_pump_drain(job); /* who sees that it has ended can read all that it wrote */
    job->status = status;
    job->ended_ns = (uint64_t)clock_ns(CLOCK_REALTIME);
    job->phase = JOB_ENDED;
    job_tell(job, JOB_NEWS_OF_END);
}

/* Looks whether its own process has ended. */
static void look(struct job *job) {
    int status;
    if (job->phase == JOB_RUNNING && process_tree_ended(&job->tree, &status)) {
        jobs_lock();
        note_end(job, status);
        jobs_unlock();
    }
}

/* Waits for the end of its process, or until it is asked to end. */
static void wait_for_something(struct job *job, int timeout_ms) {
    struct pollfd pollers[] = {{.fd = job->keeper_fd, .events = POLLIN},
                               {.fd = process_tree_fd(&job->tree), .events = POLLIN}};
    eventfd_t dropped;
    poll(pollers, job->phase == JOB_RUNNING ? 2 : 1, timeout_ms);
    eventfd_read(job->keeper_fd, &dropped);
}

/* Tells whether it was asked to end, and when it is to be killed. */
static bool stop_asked(struct job *job, int64_t *kill_at_ms) {
    jobs_lock();
    bool asked = job->stop_asked;
    *kill_at_ms = job->kill_at_ms;
    jobs_unlock();
    return asked;
}

static void ask_tree(struct job *job) {
    if (job->kind == JOB_SERVICE) {
        process_tree_signal(&job->tree, SIGTERM);
    } else {
        process_tree_signal(&job->tree, SIGHUP);
        process_tree_signal(&job->tree, SIGCONT); /* what stands still could not end */
    }
}

/* Ends the whole tree, first asking it to. */
static void end_tree(struct job *job, int64_t kill_at_ms) {
    int look_ms = FIRST_LOOK_MS;
    ask_tree(job);
    while (now_ms() < kill_at_ms && (process_tree_signal(&job->tree, 0) || job->phase == JOB_RUNNING)) {
        int64_t left_ms = kill_at_ms - now_ms();
        wait_for_something(job, left_ms < look_ms ? poll_timeout(kill_at_ms) : look_ms);
        look(job);
        look_ms = look_ms < LAST_LOOK_MS ? 2 * look_ms : LAST_LOOK_MS;
        int64_t earlier_ms;
        if (stop_asked(job, &earlier_ms) && earlier_ms < kill_at_ms) {
            kill_at_ms = earlier_ms;
        }
    }
    process_tree_kill(&job->tree);
    if (job->phase == JOB_RUNNING) {
        wait_for_something(job, STATUS_WAIT_MS);
        look(job);
    }
}

/* Its start holds the lock until it is in its place. */
static void await_begin(void) {
    jobs_lock();
    jobs_unlock();
}

static void *keep(void *argument) {
    struct job *job = argument;
    int64_t kill_at_ms;
    bool asked;
    await_begin();
    for (;;) {
        look(job);
        asked = stop_asked(job, &kill_at_ms);
        if (asked || job->phase != JOB_RUNNING) {
            break;
        }
        wait_for_something(job, -1);
    }
    if (job->phase == JOB_RUNNING || job->kind == JOB_SERVICE) {
        end_tree(job, asked ? kill_at_ms : now_ms() + LEFT_GRACE_MS);
    }
    process_tree_release(&job->tree);
    jobs_lock();
    if (job->phase == JOB_RUNNING) {
        note_end(job, SIGKILL);
    }
    job_pump_drain(job);
    job->phase = JOB_GONE;
    if (job->forget) {
        job_remove(job);
    }
    job_tell(job, JOB_NEWS_OF_END);
    jobs_unlock();
    job_drop(job);
    return NULL;
}

void job_ask_to_end(struct job *job, uint32_t grace_ms) {
    int64_t kill_at_ms = now_ms() + grace_ms;
    if (job->phase == JOB_RUNNING && (!job->stop_asked || kill_at_ms < job->kill_at_ms)) {
        job->stop_asked = true;
        job->kill_at_ms = kill_at_ms;
        eventfd_write(job->keeper_fd, 1);
    }
}

/* The standard descriptors of the new process, beside what the job keeps. */
static bool make_terminal(struct job *job, int *std_fds, struct error *error) {
    if (!terminal_open(job->columns, job->rows, &job->streams[0].fd, &job->slave_fd, error)) {
        return false;
    }
    for (int i = 0; i < 3; i++) {
        std_fds[i] = job->slave_fd;
    }
    return true;
}

static bool make_pipes(struct job *job, int *std_fds, struct error *error) {
    if (!pipes_open_nothing(&std_fds[0], error)) {
        return false;
    }
    for (int i = 0; i < 2; i++) {
        if (!pipes_make(&job->streams[i].fd, &std_fds[1 + i], error)) {
            return false;
        }
        pipes_set_nonblocking(job->streams[i].fd);
    }
    return true;
}

static bool launch(struct job *job, struct error *error) {
    int std_fds[3] = {-1, -1, -1};
    bool made = job->kind == JOB_SHELL ? make_terminal(job, std_fds, error) : make_pipes(job, std_fds, error);
    if (made) {
        freeze_gate_enter();
        made = command_start(&job->command, std_fds, &job->tree, &job->pid, error);
        freeze_gate_leave();
    }
    for (int i = 0; i < 3 && job->kind == JOB_SERVICE; i++) {
        scope_drop(&std_fds[i]);
    }
    return made;
}

static void end_at_once(struct job *job) {
    process_tree_kill(&job->tree);
    process_tree_release(&job->tree);
}

/* The lock is held. */
static bool start_keeper(struct job *job, struct error *error) {
    job->holders++;
    int os_error = session_thread(keep, job);
    if (os_error == 0) {
        return true;
    }
    job->holders--;
    return fail(error, ERROR_IO, os_error, "cannot start a thread");
}

bool job_start(struct job *job, struct error *error) {
    bool launched = launch(job, error);
    jobs_lock();
    bool begun = launched && job_pump_add(job, error) && start_keeper(job, error);
    if (begun) {
        job_begins(job); /* nothing can fail any more: its predecessor goes */
    } else {
        job_remove(job);
    }
    jobs_unlock();
    if (launched && !begun) {
        end_at_once(job);
    }
    return begun;
}
