#include "descendants.h"

#include "abi.h"
#include "scope.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#define MAX_PROCESSES 65536

struct process {
    pid_t pid;
    pid_t parent;
    char state;
    bool descends;
    unsigned long long start; /* with the pid, this names a process for good */
};

static bool read_process(pid_t pid, struct process *process) {
    char path[32];
    char text[512];
    snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    SCOPED_FD fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return false;
    }
    ssize_t length = read(fd, text, sizeof text - 1);
    if (length <= 0) {
        return false;
    }
    text[length] = '\0';
    /* The name in parentheses may hold anything. */
    const char *rest = strrchr(text, ')');
    int parent;
    if (rest == NULL ||
        sscanf(rest + 1, " %c %d %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %llu",
               &process->state, &parent, &process->start) != 3) {
        return false;
    }
    process->pid = pid;
    process->parent = (pid_t)parent;
    process->descends = false;
    return true;
}

static size_t list_processes(struct process *processes) {
    SCOPED_DIR *directory = opendir("/proc");
    if (directory == NULL) {
        return 0;
    }
    size_t count = 0;
    const struct dirent *entry;
    while (count < MAX_PROCESSES && (entry = readdir(directory)) != NULL) {
        char *end;
        long pid = strtol(entry->d_name, &end, 10);
        if (*end == '\0' && pid > 0 && pid <= INT_MAX && read_process((pid_t)pid, &processes[count])) {
            count++;
        }
    }
    return count;
}

static int by_pid(const void *left, const void *right) {
    pid_t a = ((const struct process *)left)->pid;
    pid_t b = ((const struct process *)right)->pid;
    return (a > b) - (a < b);
}

/* Marks what descends from the ancestor. A child's number may be lower than its parent's, so this repeats until nothing
 * is new. */
static void mark(struct process *processes, size_t count, pid_t ancestor) {
    qsort(processes, count, sizeof *processes, by_pid);
    bool changed = true;
    while (changed) {
        changed = false;
        for (size_t i = 0; i < count; i++) {
            struct process key = {.pid = processes[i].parent};
            const struct process *parent = bsearch(&key, processes, count, sizeof key, by_pid);
            bool descends = key.pid == ancestor || (parent != NULL && parent->descends);
            changed = changed || (descends && !processes[i].descends);
            processes[i].descends = descends;
        }
    }
}

/* Sends the signal to exactly this process, not to another one that has got its number since. */
static void signal_process(const struct process *process, int number) {
    SCOPED_FD pidfd = (int)syscall(SYS_pidfd_open, process->pid, 0);
    struct process now;
    if (pidfd >= 0 && read_process(process->pid, &now) && now.start == process->start) {
        syscall(SYS_pidfd_send_signal, pidfd, number, NULL, 0);
    }
}

bool descendants_signal(pid_t ancestor, int number) {
    SCOPED_FREE struct process *processes = calloc(MAX_PROCESSES, sizeof *processes);
    if (processes == NULL) {
        return false;
    }
    size_t count = list_processes(processes);
    mark(processes, count, ancestor);
    bool any = false;
    for (size_t i = 0; i < count; i++) {
        if (processes[i].descends && processes[i].state != 'Z' && processes[i].state != 'X') {
            any = true;
            signal_process(&processes[i], number);
        }
    }
    return any;
}
