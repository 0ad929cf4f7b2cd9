/*
 * A command and everything that it starts, those too that made sessions of their own or lost their parents.
 *
 * Where the unified cgroup tree is writable (a virtual machine), a tree is a cgroup, which the kernel kills as a whole.
 * Elsewhere (namespaces) it is what descends from a supervisor: a process that adopts the command's orphans, and stays
 * until the agent lets it go, so that all of them can be found through /proc.
 */
#ifndef PYRO_PROCESS_TREE_H
#define PYRO_PROCESS_TREE_H

#include "error.h"
#include "reaper.h"

struct process_tree {
    struct child root; /* the command itself, or its supervisor */
    int cgroup_fd;     /* its directory, or -1 where a supervisor is used */
    unsigned number;   /* the name of its directory */
    int supervisor_fd; /* reads the command's status; closing it lets the supervisor go; -1 where a cgroup is used */
};

/* Finds out which of the two ways is possible here. */
void process_tree_init(void);

/*
 * Forks the tree's first process, which runs the function as reaper_fork says. Descriptors 0, 1 and 2 of it are the
 * given ones, and kept_fd is its descriptor 3; all else is closed. The tree must be released.
 */
bool process_tree_start(struct process_tree *tree, const int std_fds[3], int kept_fd, void (*run)(void *),
                        void *argument, struct error *error);

/* Returns a descriptor that becomes readable when the command itself has ended. */
int process_tree_fd(const struct process_tree *tree);

/* Tells whether the command itself has ended, and how, as waitpid gives it. Once only. */
bool process_tree_ended(struct process_tree *tree, int *status);

/* Sends a signal to every process of the tree that can be found. Tells whether there is any. */
bool process_tree_signal(struct process_tree *tree, int signal);

/* Kills all of it, and does not return before it is gone. */
void process_tree_kill(struct process_tree *tree);

/* Lets go of the tree: what is left of it lives on. */
void process_tree_release(struct process_tree *tree);

#endif
