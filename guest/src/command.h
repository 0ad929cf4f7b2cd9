/* What a command, or a login shell, is started with. */
#ifndef PYRO_COMMAND_H
#define PYRO_COMMAND_H

#include "fields.h"
#include "process_tree.h"

/* Where a request's fields say it. */
struct command_tags {
    uint16_t text; /* 0: there is none, and it is a login shell */
    uint16_t directory;
    uint16_t variable;
};

struct command {
    char *strings; /* what the pointers below point into */
    char **environment;
    const char *text;      /* NULL: a login shell, whose terminal is its standard input */
    const char *directory; /* NULL: home, or the root */
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
