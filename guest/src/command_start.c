/* How a command, or a shell, is started: what its process does before it becomes it. */
#include "command.h"
#include "directories.h"
#include "exit_status.h"
#include "machine.h"
#include "pipes.h"
#include "privileges.h"
#include "scope.h"

#include <errno.h>
#include <grp.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#define BETTER_SHELL "/bin/bash"

/* What the new process tells: first that it has begun, and then, when it cannot become the command, why not. */
struct start_report {
    enum { BEGUN, IN_MAKING, IN_USER, IN_DIRECTORY, IN_TERMINAL, IN_PRIVILEGES, IN_SHELL } where;
    int os_error;
    pid_t pid;
};

enum { REPORT_FD = 3 };

static void report(int where) {
    struct start_report said = {.where = where, .os_error = errno, .pid = getpid()};
    (void)!write(REPORT_FD, &said, sizeof said);
}

static void give_up(int where) {
    report(where);
    _exit(127);
}

/* The pipes and the terminal are the user's own, so that what is in /dev/stdout can be opened again. */
static bool own_descriptors(const struct command *command) {
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
        struct stat status;
        if (fstat(fd, &status) != 0) {
            return false;
        }
        /* A terminal's group stays that of all terminals. */
        gid_t gid = S_ISFIFO(status.st_mode) ? command->user->gid : (gid_t)-1;
        if ((S_ISFIFO(status.st_mode) || command->text == NULL) && fchown(fd, command->user->uid, gid) != 0) {
            return false;
        }
    }
    return true;
}

/* In namespaces there is nobody but root. */
static bool become_user(const struct command *command) {
    const struct user *user = command->user;
    return user == NULL || machine_kind() == MACHINE_NAMESPACES ||
           (own_descriptors(command) && setgroups(user->group_count, user->groups) == 0 && setgid(user->gid) == 0 &&
            setuid(user->uid) == 0);
}

static bool enter_directory(const struct command *command) {
    const char *home = command->user == NULL ? COMMAND_HOME : command->user->home;
    return command->directory != NULL ? chdir(command->directory) == 0 : chdir(home) == 0 || chdir("/") == 0;
}

/* Tells whether a program is not there, or is none, which includes that what it needs to be loaded is not there. */
static bool is_missing(int os_error) {
    return os_error == ENOENT || os_error == ENOTDIR || os_error == EACCES || os_error == ENOEXEC ||
           os_error == ELOOP || os_error == ELIBBAD;
}

static const char *variable_of(char *const *environment, const char *name) {
    size_t length = strlen(name);
    for (; *environment != NULL; environment++) {
        if (strncmp(*environment, name, length) == 0 && (*environment)[length] == '=') {
            return *environment + length + 1;
        }
    }
    return "";
}

/*
 * Executes a program, looking for it where the environment's PATH says. Not by execvp, which looks where the agent's
 * own says and, in some C libraries, tries a shell in the end. Returns when it cannot be executed: why not.
 */
static int execute(char *const *arguments, char *const *environment) {
    const char *name = arguments[0];
    if (strchr(name, '/') != NULL) {
        execve(name, arguments, environment);
        return errno;
    }
    int problem = ENOENT;
    const char *path = variable_of(environment, "PATH");
    while (name[0] != '\0' && *path != '\0') {
        char candidate[2 * MAX_PATH];
        size_t length = strcspn(path, ":");
        int written =
            snprintf(candidate, sizeof candidate, "%.*s%s%s", (int)length, path, length > 0 ? "/" : "./", name);
        path += length + (path[length] == ':');
        if (written < 0 || (size_t)written >= sizeof candidate) {
            continue;
        }
        execve(candidate, arguments, environment);
        if (errno != ENOENT && errno != ENOTDIR && errno != EACCES) {
            return errno;
        }
        problem = errno == EACCES ? EACCES : problem;
    }
    return problem;
}

/* There is no shell: the command's arguments are executed, and what is wrong with them is told as a shell does. */
static void become_arguments(const struct command *command) {
    close(REPORT_FD); /* it has begun, however it ends */
    int problem = execute(command->arguments, command->environment);
    bool found = problem != ENOENT && problem != ENOTDIR && problem != ENAMETOOLONG;
    dprintf(STDERR_FILENO, "%s: %s\n", command->arguments[0], found ? strerror(problem) : "not found");
    _exit(found ? EXIT_NOT_EXECUTABLE : EXIT_NOT_FOUND);
}

static void become_shell(const struct command *command) {
    const char *option = command->plain ? NULL : "-l";
    const char *const better[] = {BETTER_SHELL, option, NULL};
    const char *const usual[] = {COMMAND_SHELL, option, NULL};
    execve(BETTER_SHELL, (char *const *)(uintptr_t)better, command->environment);
    execve(COMMAND_SHELL, (char *const *)(uintptr_t)usual, command->environment);
    give_up(IN_SHELL);
}

static void become_text(const struct command *command) {
    const char *const arguments[] = {COMMAND_SHELL, command->plain ? "-c" : "-lc", command->text, NULL};
    execve(COMMAND_SHELL, (char *const *)(uintptr_t)arguments, command->environment);
    if (command->arguments != NULL && is_missing(errno)) {
        become_arguments(command);
    }
    give_up(IN_SHELL);
}

static void become_command(void *argument) {
    const struct command *command = argument;
    report(BEGUN);
    setsid();
    umask(022);
    if (command->directory != NULL && command->makes_directory && !directories_make(command->directory)) {
        give_up(IN_MAKING);
    }
    if (!become_user(command)) {
        give_up(IN_USER);
    }
    if (!enter_directory(command)) {
        give_up(IN_DIRECTORY);
    }
    if (command->text == NULL && ioctl(STDIN_FILENO, TIOCSCTTY, 0) != 0) {
        give_up(IN_TERMINAL);
    }
    if (machine_kind() == MACHINE_NAMESPACES && !privileges_drop()) {
        give_up(IN_PRIVILEGES);
    }
    if (command->text == NULL) {
        become_shell(command);
    }
    become_text(command);
}

static bool fail_shell(const struct command *command, int os_error, struct error *error) {
    if (os_error != ENOENT) {
        return fail(error, ERROR_NOT_EXECUTABLE, os_error, "cannot start `%s`: %s", COMMAND_SHELL, strerror(os_error));
    }
    return fail(error, ERROR_NOT_EXECUTABLE, os_error, "there is no `%s` in this machine%s", COMMAND_SHELL,
                command->text == NULL ? "" : ": give a plain command");
}

static bool fail_start(const struct command *command, const struct start_report *said, struct error *error) {
    errno = said->os_error;
    switch (said->where) {
    case IN_MAKING:
        return directories_fail(error, "cannot make the working directory", command->directory);
    case IN_USER:
        return fail(error, ERROR_IO, said->os_error, "cannot become the user `%s`: %s", command->user->name,
                    strerror(said->os_error));
    case IN_DIRECTORY:
        return fail_errno(error, "cannot enter the working directory",
                          command->directory == NULL ? "/" : command->directory);
    case IN_TERMINAL:
        return fail(error, ERROR_IO, said->os_error, "cannot take the terminal: %s", strerror(said->os_error));
    case IN_PRIVILEGES:
        return fail(error, ERROR_IO, said->os_error, "cannot drop privileges: %s", strerror(said->os_error));
    case BEGUN:
    case IN_SHELL:
        break;
    }
    return fail_shell(command, said->os_error, error);
}

/* Reads a report; false when there is none, because the process has become the command, or has died before. */
static bool read_report(int fd, struct start_report *said) {
    ssize_t got;
    do {
        got = read(fd, said, sizeof *said);
    } while (got < 0 && errno == EINTR);
    return got == sizeof *said;
}

bool command_start(const struct command *command, const int std_fds[3], struct process_tree *tree, pid_t *pid,
                   struct error *error) {
    SCOPED_FD ours = -1;
    SCOPED_FD theirs = -1;
    if (!pipes_make(&ours, &theirs, error) ||
        !process_tree_start(tree, std_fds, theirs, become_command, (void *)(uintptr_t)command, error)) {
        return false;
    }
    scope_drop(&theirs);
    struct start_report said = {.where = BEGUN, .os_error = EAGAIN};
    bool begun = read_report(ours, &said);
    if (begun && pid != NULL) {
        *pid = said.pid;
    }
    if (!begun || read_report(ours, &said)) {
        process_tree_kill(tree);
        process_tree_release(tree);
        return fail_start(command, &said, error);
    }
    return true;
}
