#include "reaper.h"

#include "clock.h"
#include "scope.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <sys/wait.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct child *children;
static int signal_fd = -1;

void reaper_init(void) {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGCHLD);
    pthread_sigmask(SIG_BLOCK, &signals, NULL);
    signal(SIGPIPE, SIG_IGN);
    signal_fd = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
}

int reaper_fd(void) {
    return signal_fd;
}

static void default_signals(void) {
    struct sigaction action = {.sa_handler = SIG_DFL};
    for (int number = 1; number < NSIG; number++) {
        sigaction(number, &action, NULL);
    }
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

bool reaper_fork(struct child *child, void (*run)(void *), void *argument, struct error *error) {
    SCOPED_FD event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (event_fd < 0) {
        return fail(error, ERROR_IO, errno, "cannot make an event descriptor");
    }
    /* Under the lock, so that the process is known before its end can be noticed. */
    pthread_mutex_lock(&lock);
    pid_t pid = fork();
    if (pid == 0) {
        default_signals();
        run(argument);
        _exit(127);
    }
    if (pid < 0) {
        int os_error = errno;
        pthread_mutex_unlock(&lock);
        return fail(error, ERROR_IO, os_error, "cannot fork");
    }
    child->pid = pid;
    child->event_fd = scope_take(&event_fd);
    child->ended = false;
    child->status = 0;
    child->next = children;
    children = child;
    pthread_mutex_unlock(&lock);
    return true;
}

bool reaper_ended(struct child *child, int *status) {
    pthread_mutex_lock(&lock);
    bool ended = child->ended;
    *status = child->status;
    pthread_mutex_unlock(&lock);
    return ended;
}

void reaper_signal(struct child *child, int number) {
    pthread_mutex_lock(&lock);
    if (!child->ended) {
        kill(child->pid, number);
    }
    pthread_mutex_unlock(&lock);
}

void reaper_join(struct child *child) {
    int status;
    while (!reaper_ended(child, &status)) {
        struct pollfd poller = {.fd = child->event_fd, .events = POLLIN};
        poll(&poller, 1, -1);
    }
    close(child->event_fd);
    child->event_fd = -1;
}

/* Tells the waiter, if there is one, and takes the process off the list. The lock is held. */
static void post(pid_t pid, int status) {
    for (struct child **link = &children; *link != NULL; link = &(*link)->next) {
        struct child *child = *link;
        if (child->pid == pid) {
            *link = child->next;
            child->ended = true;
            child->status = status;
            eventfd_write(child->event_fd, 1);
            return;
        }
    }
}

bool reaper_sweep(void) {
    struct signalfd_siginfo dropped;
    while (read(signal_fd, &dropped, sizeof dropped) > 0) {
    }
    for (;;) {
        /* The lock is held from the reaping to the post: until then the number cannot be taken for another process. */
        pthread_mutex_lock(&lock);
        int status;
        pid_t pid = waitpid(-1, &status, WNOHANG | __WALL);
        if (pid > 0) {
            post(pid, status);
        }
        pthread_mutex_unlock(&lock);
        if (pid == 0) {
            return true;
        }
        if (pid < 0 && errno != EINTR) {
            return false;
        }
    }
}

bool reaper_await_all(int64_t patience_ms) {
    int64_t deadline = now_ms() + patience_ms;
    while (reaper_sweep()) {
        struct pollfd poller = {.fd = signal_fd, .events = POLLIN};
        if (poll(&poller, 1, poll_timeout(deadline)) == 0) {
            return false;
        }
    }
    return true;
}
