/* How a process ended, as the protocol says it. */
#ifndef PYRO_EXIT_STATUS_H
#define PYRO_EXIT_STATUS_H

#include <sys/wait.h>

/* What a shell ends with for a program that it cannot execute. */
enum { EXIT_NOT_EXECUTABLE = 126, EXIT_NOT_FOUND = 127 };

/* The signal that ended it, or 0. */
static inline int exit_signal(int status) {
    return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

/* Its exit code, or 128 and the signal. */
static inline int exit_code(int status) {
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

#endif
