/* What a command is started with. */
#ifndef PYRO_COMMAND_H
#define PYRO_COMMAND_H

#include "fields.h"
#include "process_tree.h"

struct command {
    char *strings; /* what the pointers below point into */
    char **environment;
    const char *text;
    const char *directory; /* NULL: home, or the root */
    uint32_t timeout_ms;
    bool has_input;
};

/* Takes an EXEC request apart. What was filled must be freed, also after a failure. */
bool command_parse(struct command *command, const struct fields *request, struct error *error);

void command_free(struct command *command);

/* Starts it on these standard descriptors. The tree must be released when this has succeeded. */
bool command_start(const struct command *command, const int std_fds[3], struct process_tree *tree, struct error *error);

#endif
