/* Who a command runs as: what the machine's /etc/passwd and /etc/group say of a user. Nothing in them is trusted. */
#ifndef PYRO_USERS_H
#define PYRO_USERS_H

#include "fields.h"

#include <sys/types.h>

#define MAX_USER 256   /* NAME|UID[:GROUP|GID] */
#define MAX_GROUPS 256 /* further ones do not count */
#define MAX_USERS_FILE (4 * 1024 * 1024)

struct user {
    uid_t uid;
    gid_t gid;
    size_t group_count;
    gid_t groups[MAX_GROUPS]; /* the first is gid */
    char name[MAX_USER + 1];  /* or the number, where it has no name */
    char home[MAX_PATH + 1];
};

/*
 * Looks in the machine's own files; one that is not there is an empty one. For root by number both are, when one cannot
 * be read or is too large: there must be somebody who can mend it.
 */
bool users_look_up(const char *wanted, struct user *user, struct error *error);

/* Likewise, in files that stand elsewhere. */
bool users_look_up_in(const char *passwd_path, const char *group_path, const char *wanted, struct user *user,
                      struct error *error);

/* Looks in the content of the two files. */
bool users_find(const char *wanted, struct slice passwd, struct slice group, struct user *user, struct error *error);

#endif
