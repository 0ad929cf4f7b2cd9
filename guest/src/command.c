#include "command.h"

#include "machine.h"
#include "wire.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char *const base_environment[] = {
    "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "HOME=" COMMAND_HOME,
    "USER=root",
    "LOGNAME=root",
    "SHELL=" COMMAND_SHELL,
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

/* The variables that say who a user is; the request's own ones come before them. */
static void set_identity(struct command *command, size_t *count) {
    const struct user *user = command->user;
    const struct {
        const char *name;
        const char *value;
    } variables[] = {{"HOME", user->home}, {"USER", user->name}, {"LOGNAME", user->name}};
    char *at = command->identity;
    for (size_t i = 0; i < sizeof variables / sizeof variables[0]; i++) {
        char *variable = at;
        at += sprintf(at, "%s=%s", variables[i].name, variables[i].value) + 1;
        set_variable(command->environment, count, variable);
    }
}

static bool parse_environment(struct command *command, const struct fields *request, uint16_t tag, char **end,
                              struct error *error) {
    command->environment = calloc(BASE_COUNT + MAX_VARIABLES + 1, sizeof(char *));
    if (command->environment == NULL) {
        return fail(error, ERROR_IO, ENOMEM, "no memory for the environment");
    }
    memcpy(command->environment, base_environment, sizeof base_environment);
    size_t count = BASE_COUNT;
    if (command->user != NULL) {
        set_identity(command, &count);
    }
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

static bool parse_user(struct command *command, const struct fields *request, uint16_t tag, struct error *error) {
    static const size_t identity_size = sizeof "HOME=" + MAX_PATH + sizeof "USER=" + sizeof "LOGNAME=" + 2 * MAX_USER;
    struct slice value;
    char wanted[MAX_USER + 1];
    bool present;
    if (!fields_bytes(request, tag, &value, &present, error) || !present) {
        return !present;
    }
    if (!slice_text(value, "user", wanted, sizeof wanted, error)) {
        return false;
    }
    if (value.length == 0) {
        return fail(error, ERROR_BAD_REQUEST, 0, "the user is empty");
    }
    command->user = malloc(sizeof *command->user);
    command->identity = malloc(identity_size);
    if (command->user == NULL || command->identity == NULL) {
        return fail(error, ERROR_IO, ENOMEM, "no memory for the user");
    }
    if (!users_look_up(wanted, command->user, error)) {
        return false;
    }
    return command->user->uid == 0 || machine_kind() == MACHINE_VIRTUAL ||
           fail(error, ERROR_NO_SUCH_USER, 0, "in namespaces there is no user but root, and so not `%s`", wanted);
}

/* The command's other form, for a machine without a shell. */
static bool parse_arguments(struct command *command, const struct fields *request, uint16_t tag, char **end,
                            struct error *error) {
    struct slice value;
    size_t cursor = 0;
    size_t count = 0;
    size_t bytes = 0;
    while (fields_next(request, tag, &cursor, &value)) {
        count++;
        bytes += value.length;
        if (count > MAX_ARGUMENTS || bytes > MAX_COMMAND) {
            return fail(error, ERROR_LIMIT, 0, "more than %d arguments, or %d bytes of them", MAX_ARGUMENTS,
                        MAX_COMMAND);
        }
        if (!no_nul(value, "argument", error)) {
            return false;
        }
    }
    if (count == 0) {
        return true;
    }
    command->arguments = calloc(count + 1, sizeof(char *));
    if (command->arguments == NULL) {
        return fail(error, ERROR_IO, ENOMEM, "no memory for the arguments");
    }
    cursor = 0;
    for (size_t i = 0; i < count && fields_next(request, tag, &cursor, &value); i++) {
        command->arguments[i] = keep(end, value);
    }
    return true;
}

static bool parse_directory(struct command *command, const struct fields *request, uint16_t tag, char **end,
                            struct error *error) {
    struct slice directory;
    bool present;
    if (!fields_bytes(request, tag, &directory, &present, error)) {
        return false;
    }
    if (present) {
        if (!no_nul(directory, "working directory", error)) {
            return false;
        }
        command->directory = keep(end, directory);
    }
    return true;
}

static bool parse_flag(const struct fields *request, uint16_t tag, bool *flag, struct error *error) {
    uint8_t value = 0;
    bool present;
    bool read = fields_u8(request, tag, &value, &present, error);
    *flag = value == 1;
    return read;
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
    return (tags->text == 0 || (parse_text(command, request, tags->text, &end, error) &&
                                parse_arguments(command, request, tags->argument, &end, error))) &&
           parse_directory(command, request, tags->directory, &end, error) &&
           parse_flag(request, tags->plain, &command->plain, error) &&
           (tags->make_directory == 0 || parse_flag(request, tags->make_directory, &command->makes_directory, error)) &&
           parse_user(command, request, tags->user, error) &&
           parse_environment(command, request, tags->variable, &end, error);
}

void command_free(struct command *command) {
    free(command->strings);
    free(command->environment);
    free(command->arguments);
    free(command->identity);
    free(command->user);
}
