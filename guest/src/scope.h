/* Resources that are released when their variable leaves its scope; a resource is handed on by resetting the variable.
 */
#ifndef PYRO_SCOPE_H
#define PYRO_SCOPE_H

#include <dirent.h>
#include <stdlib.h>
#include <unistd.h>

static inline void scope_close(const int *fd) {
    if (*fd >= 0) {
        close(*fd);
    }
}

static inline void scope_free(void *pointer) {
    free(*(void **)pointer);
}

static inline void scope_closedir(DIR *const *directory) {
    if (*directory != NULL) {
        closedir(*directory);
    }
}

#define SCOPED_FD __attribute__((cleanup(scope_close))) int
#define SCOPED_FREE __attribute__((cleanup(scope_free)))
#define SCOPED_DIR __attribute__((cleanup(scope_closedir))) DIR

/* Hands a descriptor on: the scope no longer closes it. */
static inline int scope_take(int *fd) {
    int taken = *fd;
    *fd = -1;
    return taken;
}

/* Closes a descriptor once. */
static inline void scope_drop(int *fd) {
    scope_close(fd);
    *fd = -1;
}

#endif
