/* One cgroup of the unified tree for each running command. */
#ifndef PYRO_CGROUP_H
#define PYRO_CGROUP_H

#include "error.h"

/* Prepares the tree; false where there is none, where it is not writable, or where the kernel cannot kill a cgroup. */
bool cgroup_init(void);

bool cgroup_create(unsigned *number, int *directory_fd, struct error *error);

/* Moves the calling process into it. Safe after a fork. */
void cgroup_enter(int directory_fd);

/* Sends a signal to its processes. Tells whether there is any. */
bool cgroup_signal(int directory_fd, int signal);

/* Kills all its processes. Tells whether any is still there. */
bool cgroup_kill(int directory_fd);

/* Removes it, now or, when processes live on in it, some time after they have ended. */
void cgroup_release(unsigned number, int *directory_fd);

#endif
