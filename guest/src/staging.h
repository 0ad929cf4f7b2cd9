/*
 * Staging folders: where a request that is all or nothing gathers what is to come, and what goes. They are named
 * `.pyro-import-T-N` or `.pyro-change-T-N`, T being drawn once in a run of the agent.
 */
#ifndef PYRO_STAGING_H
#define PYRO_STAGING_H

#include "error.h"

struct staging {
    int parent_fd;
    int new_fd; /* of the folder for what is to come */
    int old_fd; /* of the folder for what goes */
    char name[64];
};

/*
 * Makes a folder in a directory, having removed what another run of the agent left there. The kind is "import" or
 * "change". staging_close must follow, also after a failure.
 */
bool staging_open(struct staging *staging, int parent_fd, const char *kind, struct error *error);

/* Gives the directory to make a folder in: the base, or the directory below it that is to change where that is on
 * another file system. */
int staging_parent(int base_fd, int root_fd);

/* Removes the folder and all that is in it. */
void staging_close(struct staging *staging);

/* Removes from a directory the folders that another run of the agent left there. */
void staging_sweep(int directory_fd);

/* Tells whether a name is that of a folder which this run of the agent made. */
bool staging_is_ours(const char *name);

#endif
