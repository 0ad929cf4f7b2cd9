#include "process_tree.h"

#include "abi.h"
#include "cgroup.h"
#include "descendants.h"
#include "scope.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>

#define KILL_ROUNDS 200
#define KILL_PAUSE_NS 5000000

static bool cgroups_usable;

void process_tree_init(void) {
    cgroups_usable = cgroup_init();
}

/* What the new process needs to know; it lives on the stack of the thread that forks. */
struct first_process {
    int fds[5]; /* standard ones, kept one, the supervisor's or -1 */
    int cgroup_fd;
    void (*run)(void *);
    void *argument;
};

enum { KEPT_FD = 3, SUPERVISOR_FD = 4 };

/* Moves the descriptors to 0, 1, 2, … and closes all others. */
static bool arrange_descriptors(int *fds, int count) {
    for (int i = 0; i < count; i++) {
        /* Out of the way first, so that none is overwritten before it is used. */
        fds[i] = fcntl(fds[i], F_DUPFD, 16);
        if (fds[i] < 0) {
            return false;
        }
    }
    for (int i = 0; i < count; i++) {
        if (dup2(fds[i], i) < 0) {
            return false;
        }
    }
    return syscall(SYS_close_range, count, ~0U, 0) == 0;
}

static void supervise(pid_t command) {
    for (int number = 1; number < NSIG; number++) {
        signal(number, number == SIGCHLD ? SIG_DFL : SIG_IGN);
    }
    /* The command's pipes must end with the command. */
    for (int fd = 0; fd <= KEPT_FD; fd++) {
        close(fd);
    }
    int status;
    pid_t ended;
    do {
        ended = waitpid(-1, &status, __WALL);
    } while (ended != command && (ended > 0 || errno == EINTR));
    if (ended == command && write(SUPERVISOR_FD, &status, sizeof status) == sizeof status) {
        char dropped;
        while (read(SUPERVISOR_FD, &dropped, 1) > 0) {
        }
    }
    _exit(0);
}

static void run_first_process(void *argument) {
    struct first_process *first = argument;
    if (first->cgroup_fd >= 0) {
        cgroup_enter(first->cgroup_fd);
    }
    bool supervised = first->fds[SUPERVISOR_FD] >= 0;
    if (!arrange_descriptors(first->fds, supervised ? 5 : 4)) {
        _exit(127);
    }
    if (supervised) {
        prctl(PR_SET_CHILD_SUBREAPER, 1);
        pid_t command = fork();
        if (command < 0) {
            _exit(127);
        }
        if (command > 0) {
            supervise(command);
        }
        close(SUPERVISOR_FD);
    }
    fcntl(KEPT_FD, F_SETFD, FD_CLOEXEC);
    first->run(first->argument);
}

bool process_tree_start(struct process_tree *tree, const int std_fds[3], int kept_fd, void (*run)(void *),
                        void *argument, struct error *error) {
    tree->cgroup_fd = -1;
    tree->supervisor_fd = -1;
    SCOPED_FD theirs = -1;
    if (cgroups_usable) {
        if (!cgroup_create(&tree->number, &tree->cgroup_fd, error)) {
            return false;
        }
    } else {
        int pair[2];
        if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair) != 0) {
            return fail(error, ERROR_IO, errno, "cannot make a socket pair");
        }
        tree->supervisor_fd = pair[0];
        theirs = pair[1];
        fcntl(theirs, F_SETFL, 0);
    }
    struct first_process first = {
        .fds = {std_fds[0], std_fds[1], std_fds[2], kept_fd, theirs},
        .cgroup_fd = tree->cgroup_fd,
        .run = run,
        .argument = argument,
    };
    if (!reaper_fork(&tree->root, run_first_process, &first, error)) {
        if (tree->cgroup_fd >= 0) {
            cgroup_release(tree->number, &tree->cgroup_fd);
        }
        scope_drop(&tree->supervisor_fd);
        return false;
    }
    return true;
}

int process_tree_fd(const struct process_tree *tree) {
    return tree->supervisor_fd >= 0 ? tree->supervisor_fd : tree->root.event_fd;
}

bool process_tree_ended(struct process_tree *tree, int *status) {
    if (tree->supervisor_fd < 0) {
        return reaper_ended(&tree->root, status);
    }
    ssize_t got = read(tree->supervisor_fd, status, sizeof *status);
    if (got == sizeof *status) {
        return true;
    }
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) {
        return false;
    }
    *status = SIGKILL; /* the supervisor is gone: the command killed everything that it could reach */
    return true;
}

bool process_tree_signal(struct process_tree *tree, int number) {
    if (tree->cgroup_fd >= 0) {
        return cgroup_signal(tree->cgroup_fd, number);
    }
    /* A command can kill its supervisor; then the number may be another process's. */
    int status;
    return !reaper_ended(&tree->root, &status) && descendants_signal(tree->root.pid, number);
}

/* A command may have left its cgroup; at least its first process and what hangs below it must end. */
static void kill_root(struct process_tree *tree) {
    int status;
    if (!reaper_ended(&tree->root, &status)) {
        descendants_signal(tree->root.pid, SIGKILL);
        kill(tree->root.pid, SIGKILL);
    }
}

void process_tree_kill(struct process_tree *tree) {
    static const struct timespec pause = {.tv_nsec = KILL_PAUSE_NS};
    bool alive = true;
    for (int round = 0; alive && round < KILL_ROUNDS; round++) {
        if (round > 0) {
            nanosleep(&pause, NULL);
        }
        if (tree->cgroup_fd >= 0) {
            alive = cgroup_kill(tree->cgroup_fd);
            kill_root(tree);
        } else {
            alive = process_tree_signal(tree, SIGKILL);
        }
    }
    if (alive && tree->cgroup_fd < 0) {
        /* It forks faster than it can be found. This reaches every process but the agent, at one stroke. */
        kill(-1, SIGKILL);
    }
}

void process_tree_release(struct process_tree *tree) {
    scope_drop(&tree->supervisor_fd);
    reaper_join(&tree->root);
    if (tree->cgroup_fd >= 0) {
        cgroup_release(tree->number, &tree->cgroup_fd);
    }
}
