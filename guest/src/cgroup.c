#include "cgroup.h"

#include "scope.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define PARENT "/sys/fs/cgroup/pyro"
#define MAX_LEFT 256
#define MAX_PROCESSES "4096"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int parent_fd = -1;
static unsigned last_number;
static unsigned left[MAX_LEFT]; /* directories that could not be removed yet */
static size_t left_count;

static void write_file(int directory_fd, const char *name, const char *text) {
    SCOPED_FD fd = openat(directory_fd, name, O_WRONLY | O_CLOEXEC);
    if (fd >= 0) {
        (void)!write(fd, text, strlen(text));
    }
}

/* All commands together: a fork bomb must leave the agent room to end it. A kernel without the controller bounds
 * nothing. */
static void bound_processes(void) {
    write_file(parent_fd, "../cgroup.subtree_control", "+pids");
    write_file(parent_fd, "pids.max", MAX_PROCESSES);
}

bool cgroup_init(void) {
    if (mkdir(PARENT, 0755) != 0 && errno != EEXIST) {
        return false;
    }
    parent_fd = open(PARENT, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bound_processes();
    return parent_fd >= 0 && faccessat(parent_fd, "cgroup.kill", W_OK, 0) == 0;
}

static bool remove_directory(unsigned number) {
    char name[16];
    snprintf(name, sizeof name, "%u", number);
    return unlinkat(parent_fd, name, AT_REMOVEDIR) == 0 || errno == ENOENT;
}

/* Tries again to remove what was left. The lock is held. */
static void remove_left(void) {
    size_t kept = 0;
    for (size_t i = 0; i < left_count; i++) {
        if (!remove_directory(left[i])) {
            left[kept++] = left[i];
        }
    }
    left_count = kept;
}

bool cgroup_create(unsigned *number, int *directory_fd, struct error *error) {
    pthread_mutex_lock(&lock);
    remove_left();
    *number = ++last_number;
    pthread_mutex_unlock(&lock);
    char name[16];
    snprintf(name, sizeof name, "%u", *number);
    if (mkdirat(parent_fd, name, 0755) != 0) {
        return fail_errno(error, "cannot make the cgroup", name);
    }
    *directory_fd = openat(parent_fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return *directory_fd >= 0 || fail_errno(error, "cannot open the cgroup", name);
}

void cgroup_enter(int directory_fd) {
    write_file(directory_fd, "cgroup.procs", "0");
}

bool cgroup_signal(int directory_fd, int number) {
    int fd = openat(directory_fd, "cgroup.procs", O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return false;
    }
    FILE *stream = fdopen(fd, "r");
    if (stream == NULL) {
        close(fd);
        return false;
    }
    bool any = false;
    int pid;
    while (fscanf(stream, "%d", &pid) == 1) {
        if (pid > 1) {
            any = true;
            kill(pid, number);
        }
    }
    fclose(stream);
    return any;
}

static bool populated(int directory_fd) {
    SCOPED_FD fd = openat(directory_fd, "cgroup.events", O_RDONLY | O_CLOEXEC);
    char text[128];
    ssize_t length = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
    if (length <= 0) {
        return false;
    }
    text[length] = '\0';
    return strstr(text, "populated 1") != NULL;
}

bool cgroup_kill(int directory_fd) {
    write_file(directory_fd, "cgroup.kill", "1");
    return populated(directory_fd);
}

void cgroup_release(unsigned number, int *directory_fd) {
    scope_drop(directory_fd);
    pthread_mutex_lock(&lock);
    if (!remove_directory(number) && left_count < MAX_LEFT) {
        left[left_count++] = number;
    }
    pthread_mutex_unlock(&lock);
}
