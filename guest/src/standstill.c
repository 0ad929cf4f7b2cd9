#include "standstill.h"

#include "clock.h"
#include "inodes.h"
#include "scope.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define STOP_WAIT_MS 1000
#define STOP_LOOK_NS 1000000

/* Those that stood already; they stay so. Process numbers are not given anew while everything stands. */
static struct inodes stood;

/* Reads the state of a process or thread; 'X' when it has gone. */
static char state_at(int directory_fd, const char *path) {
    char text[512];
    SCOPED_FD fd = openat(directory_fd, path, O_RDONLY | O_CLOEXEC);
    ssize_t length = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
    if (length <= 0) {
        return 'X';
    }
    text[length] = '\0';
    /* The name in parentheses may hold anything. */
    const char *rest = strrchr(text, ')');
    return rest == NULL || rest[1] != ' ' || rest[2] == '\0' ? 'X' : rest[2];
}

static bool stands(char state) {
    return state != '\0' && strchr("TtZXx", state) != NULL;
}

/* What the look at one process finds; called for each but the agent. */
typedef void process_visit(pid_t pid, int proc_fd, void *context);

static void for_each_process(process_visit *visit, void *context) {
    SCOPED_DIR *directory = opendir("/proc");
    const struct dirent *entry;
    while (directory != NULL && (entry = readdir(directory)) != NULL) {
        char *end;
        long pid = strtol(entry->d_name, &end, 10);
        if (*end == '\0' && pid > 1 && pid <= INT_MAX) {
            visit((pid_t)pid, dirfd(directory), context);
        }
    }
}

static void note_standing(pid_t pid, int proc_fd, void *context) {
    char path[32];
    bool *complete = context;
    snprintf(path, sizeof path, "%d/stat", (int)pid);
    if (state_at(proc_fd, path) == 'T') {
        *complete = inodes_add(&stood, (uint64_t)pid) && *complete;
    }
}

/* Whether any thread runs, and whether any is somewhere in the kernel where no signal reaches it. */
struct unrest {
    bool running;
    bool waiting;
};

static void look_for_unrest(pid_t pid, int proc_fd, void *context) {
    struct unrest *unrest = context;
    char path[32];
    snprintf(path, sizeof path, "%d/task", (int)pid);
    int fd = openat(proc_fd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    SCOPED_DIR *tasks = fd < 0 ? NULL : fdopendir(fd);
    const struct dirent *entry;
    while (tasks != NULL && (entry = readdir(tasks)) != NULL) {
        if (entry->d_name[0] != '.') {
            char stat_path[300];
            snprintf(stat_path, sizeof stat_path, "%s/stat", entry->d_name);
            char state = state_at(fd, stat_path);
            unrest->waiting = unrest->waiting || state == 'D';
            unrest->running = unrest->running || (state != 'D' && !stands(state));
        }
    }
}

/* A signal stops a process when it next leaves the kernel: what it writes at the moment is written to the end. */
static bool await_rest(void) {
    static const struct timespec pause = {.tv_nsec = STOP_LOOK_NS};
    int64_t deadline = now_ms() + STOP_WAIT_MS;
    for (;;) {
        struct unrest unrest = {.running = false};
        for_each_process(look_for_unrest, &unrest);
        if (!unrest.running && !unrest.waiting) {
            return true;
        }
        if (now_ms() >= deadline) {
            /* A parent that waits for a stopped child to start its program (vfork) waits so, and does nothing. */
            return !unrest.running;
        }
        nanosleep(&pause, NULL);
    }
}

bool standstill_begin(struct error *error) {
    bool complete = true;
    inodes_free(&stood);
    for_each_process(note_standing, &complete);
    if (!complete) {
        return fail(error, ERROR_IO, ENOMEM, "no memory for the processes that stand still");
    }
    kill(-1, SIGSTOP);
    if (await_rest()) {
        return true;
    }
    standstill_end();
    return fail(error, ERROR_IO, EBUSY, "the machine's processes do not come to rest");
}

static void let_go(pid_t pid, int proc_fd, void *context) {
    (void)proc_fd;
    (void)context;
    if (!inodes_has(&stood, (uint64_t)pid)) {
        kill(pid, SIGCONT);
    }
}

void standstill_end(void) {
    if (stood.count == 0) {
        kill(-1, SIGCONT);
    } else {
        for_each_process(let_go, NULL);
    }
    inodes_free(&stood);
}
