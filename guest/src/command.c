#include "command.h"

#include "machine.h"
#include "privileges.h"
#include "scope.h"
#include "wire.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

enum { TAG_COMMAND = 1, TAG_DIRECTORY = 2, TAG_VARIABLE = 3, TAG_TIMEOUT = 4, TAG_INPUT = 5 };

#define HOME "/root"
#define SHELL "/bin/sh"

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

static bool parse_environment(struct command *command, const struct fields *request, char **end, struct error *error) {
    command->environment = calloc(BASE_COUNT + MAX_VARIABLES + 1, sizeof(char *));
    if (command->environment == NULL) {
        return fail(error, ERROR_IO, ENOMEM, "no memory for the environment");
    }
    memcpy(command->environment, base_environment, sizeof base_environment);
    size_t count = BASE_COUNT;
    size_t given = 0;
    size_t cursor = 0;
    struct slice value;
    while (fields_next(request, TAG_VARIABLE, &cursor, &value)) {
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

bool command_parse(struct command *command, const struct fields *request, struct error *error) {
    memset(command, 0, sizeof *command);
    /* Each string is shorter than its field, so that all of them fit. */
    command->strings = malloc(request->length + 1);
    if (command->strings == NULL) {
        return fail(error, ERROR_IO, ENOMEM, "no memory for the command");
    }
    char *end = command->strings;
    struct slice text;
    struct slice directory;
    bool present;
    uint8_t has_input = 0;
    if (!fields_bytes(request, TAG_COMMAND, &text, &present, error) || !fields_need(present, TAG_COMMAND, error) ||
        !no_nul(text, "command", error)) {
        return false;
    }
    if (text.length > MAX_COMMAND) {
        return fail(error, ERROR_LIMIT, 0, "the command has %zu bytes, more than %d", text.length, MAX_COMMAND);
    }
    command->text = keep(&end, text);
    if (!fields_bytes(request, TAG_DIRECTORY, &directory, &present, error)) {
        return false;
    }
    if (present) {
        if (!no_nul(directory, "working directory", error)) {
            return false;
        }
        command->directory = keep(&end, directory);
    }
    if (!fields_u32(request, TAG_TIMEOUT, &command->timeout_ms, &present, error) ||
        !fields_u8(request, TAG_INPUT, &has_input, &present, error)) {
        return false;
    }
    command->has_input = has_input == 1;
    return parse_environment(command, request, &end, error);
}

void command_free(struct command *command) {
    free(command->strings);
    free(command->environment);
}

/* What the new process tells when it cannot become the command; nothing when it can. */
struct start_failure {
    enum { IN_DIRECTORY, IN_PRIVILEGES, IN_SHELL } where;
    int os_error;
};

enum { FAILURE_FD = 3 };

static void give_up(int where) {
    struct start_failure failure = {.where = where, .os_error = errno};
    (void)!write(FAILURE_FD, &failure, sizeof failure);
    _exit(127);
}

static void become_command(void *argument) {
    const struct command *command = argument;
    setsid();
    umask(022);
    if (command->directory != NULL ? chdir(command->directory) != 0 : chdir(HOME) != 0 && chdir("/") != 0) {
        give_up(IN_DIRECTORY);
    }
    if (machine_kind() == MACHINE_NAMESPACES && !privileges_drop()) {
        give_up(IN_PRIVILEGES);
    }
    char *const arguments[] = {SHELL, "-lc", (char *)(uintptr_t)command->text, NULL};
    execve(SHELL, arguments, command->environment);
    give_up(IN_SHELL);
}

static bool fail_start(const struct command *command, const struct start_failure *failure, struct error *error) {
    errno = failure->os_error;
    switch (failure->where) {
    case IN_DIRECTORY:
        return fail_errno(error, "cannot enter the working directory",
                          command->directory == NULL ? "/" : command->directory);
    case IN_PRIVILEGES:
        return fail(error, ERROR_IO, failure->os_error, "cannot drop privileges: %s", strerror(failure->os_error));
    case IN_SHELL:
        break;
    }
    return fail(error, ERROR_NOT_EXECUTABLE, failure->os_error, "cannot start `%s`: %s", SHELL,
                strerror(failure->os_error));
}

bool command_start(const struct command *command, const int std_fds[3], struct process_tree *tree,
                   struct error *error) {
    int failure_pipe[2];
    if (pipe2(failure_pipe, O_CLOEXEC) != 0) {
        return fail(error, ERROR_IO, errno, "cannot make a pipe");
    }
    SCOPED_FD ours = failure_pipe[0];
    SCOPED_FD theirs = failure_pipe[1];
    if (!process_tree_start(tree, std_fds, theirs, become_command, (void *)(uintptr_t)command, error)) {
        return false;
    }
    scope_drop(&theirs);
    struct start_failure failure;
    ssize_t got;
    do {
        got = read(ours, &failure, sizeof failure);
    } while (got < 0 && errno == EINTR);
    if (got == sizeof failure) {
        process_tree_kill(tree);
        process_tree_release(tree);
        return fail_start(command, &failure, error);
    }
    return true;
}
