/* What a command, or a login shell, is started with. */
#ifndef PYRO_COMMAND_H
#define PYRO_COMMAND_H

#include "fields.h"
#include "process_tree.h"
#include "users.h"

#define COMMAND_HOME "/root"
#define COMMAND_SHELL "/bin/sh"

/* Where a request's fields say it. */
struct command_tags {
    uint16_t text; /* 0: there is none, and it is a login shell */
    uint16_t directory;
    uint16_t variable;
    uint16_t user;
    uint16_t argument;
    uint16_t plain;
    uint16_t make_directory; /* 0: the working directory is never made */
};

struct command {
    char *strings; /* what the pointers below point into */
    char **environment;
    const char *text;      /* NULL: a login shell, whose terminal is its standard input */
    char **arguments;      /* what is executed where there is no shell; NULL: nothing */
    const char *directory; /* NULL: home, or the root */
    bool makes_directory;  /* when it is missing */
    bool plain;            /* the shell is no login shell */
    struct user *user;     /* NULL: root, as the agent is */
    char *identity;        /* the user's own variables */
};

/* Takes a request apart. What was filled must be freed, also after a failure. */
bool command_parse(struct command *command, const struct fields *request, const struct command_tags *tags,
                   struct error *error);

void command_free(struct command *command);

/*
 * Starts it on these standard descriptors, and tells the number of its process where that is wanted. The tree must be
 * released when this has succeeded.
 */
bool command_start(const struct command *command, const int std_fds[3], struct process_tree *tree, pid_t *pid,
                   struct error *error);

#endif
