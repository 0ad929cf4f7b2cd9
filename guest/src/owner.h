/* Whose the files are that a request makes: they belong to whom the directory belongs that they are made in. */
#ifndef PYRO_OWNER_H
#define PYRO_OWNER_H

#include <stdbool.h>
#include <sys/types.h>

struct owner {
    uid_t uid;
    gid_t gid;
};

/* The owner of what a descriptor stands for, which may be opened with O_PATH. Fails with errno. */
bool owner_of(int fd, struct owner *owner);

/*
 * Gives to an owner what a descriptor stands for. By the descriptor, because a name could stand for something else by
 * now. An owner whom this machine cannot name, as most in namespaces, is none: it stays as it is. Fails with errno.
 */
bool owner_set(int fd, const struct owner *owner);

/*
 * Tells whether a directory, which was just made with this mode and then opened, can be the one that was made: it is
 * the agent's own, lets nobody in whom the mode does not, and is empty. Who may write in the one above it can put
 * another one in its place in between, which must not be given away. Fails with errno: EBUSY when it is another one.
 */
bool owner_made(int fd, mode_t mode);

/* Gives a directory that was just made to an owner, if owner_made says so and it is not that one's yet. Fails with
 * errno. */
bool owner_give(int fd, mode_t mode, const struct owner *owner);

/* Gives a directory that was just made in another one to that one's owner, likewise. Fails with errno. */
bool owner_inherit(int parent_fd, const char *name, mode_t mode);

#endif
