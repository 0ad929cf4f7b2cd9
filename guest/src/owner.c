#include "owner.h"

#include "scope.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

bool owner_of(int fd, struct owner *owner) {
    struct stat status;
    if (fstat(fd, &status) != 0) {
        return false;
    }
    *owner = (struct owner){.uid = status.st_uid, .gid = status.st_gid};
    return true;
}

static bool is(const struct owner *left, const struct owner *right) {
    return left->uid == right->uid && left->gid == right->gid;
}

bool owner_set(int fd, const struct owner *owner) {
    struct owner now;
    if (!owner_of(fd, &now)) {
        return false;
    }
    return is(&now, owner) || fchownat(fd, "", owner->uid, owner->gid, AT_EMPTY_PATH) == 0 || errno == EINVAL;
}

static bool is_empty(int fd) {
    int readable = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    SCOPED_DIR *directory = readable < 0 ? NULL : fdopendir(readable);
    if (directory == NULL) {
        scope_drop(&readable);
        return false;
    }
    const struct dirent *entry;
    errno = 0;
    while ((entry = readdir(directory)) != NULL) {
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) {
            errno = EBUSY;
            return false;
        }
    }
    return errno == 0;
}

bool owner_made(int fd, mode_t mode) {
    struct stat status;
    if (fstat(fd, &status) != 0) {
        return false;
    }
    if (!S_ISDIR(status.st_mode) || status.st_uid != geteuid() || (status.st_mode & 0777 & ~mode) != 0) {
        errno = EBUSY;
        return false;
    }
    return is_empty(fd);
}

bool owner_give(int fd, mode_t mode, const struct owner *owner) {
    struct owner now;
    return owner_of(fd, &now) && (is(&now, owner) || (owner_made(fd, mode) && owner_set(fd, owner)));
}

bool owner_inherit(int parent_fd, const char *name, mode_t mode) {
    struct owner owner;
    SCOPED_FD fd = openat(parent_fd, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    return fd >= 0 && owner_of(parent_fd, &owner) && owner_give(fd, mode, &owner);
}
