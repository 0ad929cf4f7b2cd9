#include "command.h"

#include "machine.h"
#include "pipes.h"
#include "privileges.h"
#include "scope.h"
#include "wire.h"

#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#define HOME "/root"
#define SHELL "/bin/sh"
#define BETTER_SHELL "/bin/bash"

static char *const base_environment[] = {
    "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "HOME=" HOME,
    "USER=root",
    "LOGNAME=root",
    "SHELL=" SHELL,
    "LANG=C.UTF-8",
    "TERM=dumb",
};
#define BASE_COUNT (sizeof base_environment / sizeof base_environment[0])

/* Copies a string behind the others, and ends it. */
static char *keep(char **end, struct slice value) {
    char *start = *end;
    memcpy(start, value.bytes, value.length);
    start[value.length] = '\0';
    *end += value.length + 1;
    return start;
}

static bool no_nul(struct slice value, const char *what, struct error *error) {
    return memchr(value.bytes, 0, value.length) == NULL ||
           fail(error, ERROR_BAD_REQUEST, 0, "the %s holds a NUL", what);
}

/* Puts a variable into the environment, in place of one with the same name. */
static void set_variable(char **environment, size_t *count, char *variable) {
    size_t name_length = (size_t)(strchr(variable, '=') - variable) + 1;
    for (size_t i = 0; i < *count; i++) {
        if (strncmp(environment[i], variable, name_length) == 0) {
            environment[i] = variable;
            return;
        }
    }
    environment[(*count)++] = variable;
}

static bool parse_environment(struct command *command, const struct fields *request, uint16_t tag, char **end,
                              struct error *error) {
    command->environment = calloc(BASE_COUNT + MAX_VARIABLES + 1, sizeof(char *));
    if (command->environment == NULL) {
        return fail(error, ERROR_IO, ENOMEM, "no memory for the environment");
    }
    memcpy(command->environment, base_environment, sizeof base_environment);
    size_t count = BASE_COUNT;
    size_t given = 0;
    size_t cursor = 0;
    struct slice value;
    while (fields_next(request, tag, &cursor, &value)) {
        if (++given > MAX_VARIABLES) {
            return fail(error, ERROR_LIMIT, 0, "more than %d variables", MAX_VARIABLES);
        }
        if (!no_nul(value, "variable", error)) {
            return false;
        }
        const uint8_t *equals = memchr(value.bytes, '=', value.length);
        if (equals == NULL || equals == value.bytes) {
            return fail(error, ERROR_BAD_REQUEST, 0, "a variable is not NAME=VALUE");
        }
        set_variable(command->environment, &count, keep(end, value));
    }
    return true;
}

static bool parse_text(struct command *command, const struct fields *request, uint16_t tag, char **end,
                       struct error *error) {
    struct slice text;
    bool present;
    if (!fields_bytes(request, tag, &text, &present, error) || !fields_need(present, tag, error) ||
        !no_nul(text, "command", error)) {
        return false;
    }
    if (text.length > MAX_COMMAND) {
        return fail(error, ERROR_LIMIT, 0, "the command has %zu bytes, more than %d", text.length, MAX_COMMAND);
    }
    command->text = keep(end, text);
    return true;
}

bool command_parse(struct command *command, const struct fields *request, const struct command_tags *tags,
                   struct error *error) {
    memset(command, 0, sizeof *command);
    /* Each string is shorter than its field, so that all of them fit. */
    command->strings = malloc(request->length + 1);
    if (command->strings == NULL) {
        return fail(error, ERROR_IO, ENOMEM, "no memory for the command");
    }
    char *end = command->strings;
    struct slice directory;
    bool present;
    if (tags->text != 0 && !parse_text(command, request, tags->text, &end, error)) {
        return false;
    }
    if (!fields_bytes(request, tags->directory, &directory, &present, error)) {
        return false;
    }
    if (present) {
        if (!no_nul(directory, "working directory", error)) {
            return false;
        }
        command->directory = keep(&end, directory);
    }
    return parse_environment(command, request, tags->variable, &end, error);
}

void command_free(struct command *command) {
    free(command->strings);
    free(command->environment);
}

/* What the new process tells: first that it has begun, and then, when it cannot become the command, why not. */
struct start_report {
    enum { BEGUN, IN_DIRECTORY, IN_TERMINAL, IN_PRIVILEGES, IN_SHELL } where;
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

static void become_shell(const struct command *command) {
    char *const better[] = {BETTER_SHELL, "-l", NULL};
    char *const usual[] = {SHELL, "-l", NULL};
    execve(BETTER_SHELL, better, command->environment);
    execve(SHELL, usual, command->environment);
    give_up(IN_SHELL);
}

static void become_command(void *argument) {
    const struct command *command = argument;
    report(BEGUN);
    setsid();
    umask(022);
    if (command->directory != NULL ? chdir(command->directory) != 0 : chdir(HOME) != 0 && chdir("/") != 0) {
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
    char *const arguments[] = {SHELL, "-lc", (char *)(uintptr_t)command->text, NULL};
    execve(SHELL, arguments, command->environment);
    give_up(IN_SHELL);
}

static bool fail_start(const struct command *command, const struct start_report *said, struct error *error) {
    errno = said->os_error;
    switch (said->where) {
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
    return fail(error, ERROR_NOT_EXECUTABLE, said->os_error, "cannot start `%s`: %s", SHELL, strerror(said->os_error));
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
