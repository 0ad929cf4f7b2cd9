#include "staging.h"

#include "names.h"
#include "owner.h"
#include "scope.h"
#include "tree.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>

#define PREFIX ".pyro-"
#define KIND_LENGTH 6
#define TOKEN_DIGITS 16
#define MAX_NUMBER_DIGITS 10
#define NAME_TRIES 100
#define FOLDER_MODE 0700

static pthread_once_t once = PTHREAD_ONCE_INIT;
static char token[TOKEN_DIGITS + 1];
static atomic_bool has_token;
static atomic_uint counter;

/* Not before it is needed: by then the machine was configured, and a clone of a template draws other numbers than its
 * siblings. */
static void draw_token(void) {
    uint64_t number = 0;
    if (getrandom(&number, sizeof number, 0) != sizeof number) {
        number = (uint64_t)getpid();
    }
    snprintf(token, sizeof token, "%016" PRIx64, number);
    atomic_store(&has_token, true);
}

/* Gives the T of a staging folder's name, or NULL for another name. */
static const char *token_of(const char *name) {
    size_t prefix = strlen(PREFIX);
    if (strncmp(name, PREFIX, prefix) != 0) {
        return NULL;
    }
    const char *kind = name + prefix;
    if (strncmp(kind, "import-", KIND_LENGTH + 1) != 0 && strncmp(kind, "change-", KIND_LENGTH + 1) != 0) {
        return NULL;
    }
    const char *found = kind + KIND_LENGTH + 1;
    if (strspn(found, "0123456789abcdef") != TOKEN_DIGITS || found[TOKEN_DIGITS] != '-') {
        return NULL;
    }
    const char *digits = found + TOKEN_DIGITS + 1;
    size_t length = strspn(digits, "0123456789");
    return length >= 1 && length <= MAX_NUMBER_DIGITS && digits[length] == '\0' ? found : NULL;
}

bool staging_is_ours(const char *name) {
    const char *found = atomic_load(&has_token) ? token_of(name) : NULL;
    return found != NULL && strncmp(found, token, TOKEN_DIGITS) == 0;
}

void staging_sweep(int directory_fd) {
    pthread_once(&once, draw_token);
    struct names names;
    struct error error;
    if (names_read(&names, directory_fd, &error)) {
        for (size_t i = 0; i < names.count; i++) {
            struct stat status;
            if (token_of(names.names[i]) != NULL && !staging_is_ours(names.names[i]) &&
                fstatat(directory_fd, names.names[i], &status, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(status.st_mode)) {
                tree_remove(directory_fd, names.names[i]);
            }
        }
    }
    names_free(&names);
}

int staging_parent(int base_fd, int root_fd) {
    struct stat base;
    struct stat root;
    bool same = fstat(base_fd, &base) == 0 && fstat(root_fd, &root) == 0 && base.st_dev == root.st_dev;
    return same ? base_fd : root_fd;
}

/* A folder that somebody has put in the new one's place meanwhile is none: EBUSY. */
static int make_folder(int parent_fd, const char *name) {
    if (mkdirat(parent_fd, name, FOLDER_MODE) != 0) {
        return -1;
    }
    SCOPED_FD folder = openat(parent_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (folder >= 0 && owner_made(folder, FOLDER_MODE)) {
        return scope_take(&folder);
    }
    int os_error = errno;
    (void)unlinkat(parent_fd, name, AT_REMOVEDIR); /* only an empty one: it may be somebody's */
    errno = os_error;
    return -1;
}

bool staging_open(struct staging *staging, int parent_fd, const char *kind, struct error *error) {
    *staging = (struct staging){.parent_fd = -1, .new_fd = -1, .old_fd = -1};
    staging_sweep(parent_fd);
    SCOPED_FD parent = openat(parent_fd, ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (parent < 0) {
        return fail_errno(error, "cannot open", "the folder above a staging folder");
    }
    SCOPED_FD folder = -1;
    for (int tries = 0; folder < 0 && tries < NAME_TRIES; tries++) {
        snprintf(staging->name, sizeof staging->name, PREFIX "%s-%s-%u", kind, token, atomic_fetch_add(&counter, 1));
        folder = make_folder(parent, staging->name);
        if (folder < 0 && errno != EEXIST) {
            break;
        }
    }
    if (folder >= 0) {
        staging->parent_fd = scope_take(&parent); /* from now on there is something to be removed */
        staging->new_fd = make_folder(folder, "new");
    }
    if (staging->new_fd >= 0) {
        staging->old_fd = make_folder(folder, "old");
    }
    return staging->old_fd >= 0 || fail_errno(error, "cannot make the staging folder", staging->name);
}

void staging_close(struct staging *staging) {
    scope_drop(&staging->new_fd);
    scope_drop(&staging->old_fd);
    if (staging->parent_fd >= 0) {
        tree_remove(staging->parent_fd, staging->name);
    }
    scope_drop(&staging->parent_fd);
}
