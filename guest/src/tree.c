#include "tree.h"

#include "scope.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

/* A tree that the agent made has fewer levels; a deeper one is left. */
#define MAX_DEPTH 200
#define ROUNDS 3

static void empty(int directory_fd, dev_t device, int depth);

static void remove_name(int parent_fd, const char *name, dev_t device, int depth) {
    struct stat status;
    if (fstatat(parent_fd, name, &status, AT_SYMLINK_NOFOLLOW) != 0 || status.st_dev != device) {
        return;
    }
    if (!S_ISDIR(status.st_mode)) {
        unlinkat(parent_fd, name, 0);
        return;
    }
    /* A directory that changes while it is read may be read in part only. */
    for (int round = 0; round < ROUNDS && unlinkat(parent_fd, name, AT_REMOVEDIR) != 0 && errno == ENOTEMPTY; round++) {
        SCOPED_FD child = openat(parent_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (child < 0 || depth == MAX_DEPTH) {
            return;
        }
        empty(child, device, depth + 1);
    }
    (void)unlinkat(parent_fd, name, AT_REMOVEDIR);
}

static void empty(int directory_fd, dev_t device, int depth) {
    int fd = openat(directory_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    SCOPED_DIR *directory = fd < 0 ? NULL : fdopendir(fd);
    if (directory == NULL) {
        return;
    }
    const struct dirent *entry;
    while ((entry = readdir(directory)) != NULL) {
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) {
            remove_name(fd, entry->d_name, device, depth);
        }
    }
}

void tree_empty(int directory_fd) {
    struct stat status;
    if (fstat(directory_fd, &status) == 0) {
        empty(directory_fd, status.st_dev, 0);
    }
}

void tree_remove(int parent_fd, const char *name) {
    struct stat status;
    if (fstat(parent_fd, &status) == 0) {
        remove_name(parent_fd, name, status.st_dev, 0);
    }
}
