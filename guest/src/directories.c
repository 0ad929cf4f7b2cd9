#include "directories.h"

#include "scope.h"
#include "wire.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define USUAL_MODE 0755
#define MAX_LINKS 40
#define WAY (O_PATH | O_DIRECTORY | O_CLOEXEC)

/* A way that is gone one name at a time, so that each link is looked at. */
struct way {
    int fd;       /* how far it was gone */
    bool is_safe; /* nobody but root can have changed what was gone through */
    int links;
    char rest[MAX_PATH + 1];
};

static bool give_up(int os_error) {
    errno = os_error;
    return false;
}

/* Takes the next name off the rest; it is empty when nothing is left. */
static bool take_name(struct way *way, char name[NAME_MAX + 1]) {
    const char *start = way->rest + strspn(way->rest, "/");
    size_t length = strcspn(start, "/");
    if (length > NAME_MAX) {
        return give_up(ENAMETOOLONG);
    }
    memcpy(name, start, length);
    name[length] = '\0';
    memmove(way->rest, start + length, strlen(start + length) + 1);
    return true;
}

/* Puts what a link leads to before the rest. */
static bool follow(struct way *way, int link_fd) {
    char target[MAX_PATH + 1];
    ssize_t length = readlinkat(link_fd, "", target, sizeof target - 1);
    if (length < 0) {
        return false;
    }
    if (!way->is_safe) {
        return give_up(EXDEV);
    }
    if (++way->links > MAX_LINKS) {
        return give_up(ELOOP);
    }
    size_t rest_length = strlen(way->rest);
    if ((size_t)length + rest_length > MAX_PATH) {
        return give_up(ENAMETOOLONG);
    }
    memmove(way->rest + length, way->rest, rest_length + 1); /* the rest begins with a slash, if it is not empty */
    memcpy(way->rest, target, (size_t)length);
    if (target[0] == '/') {
        scope_drop(&way->fd);
        way->fd = open("/", WAY);
    }
    return way->fd >= 0;
}

static bool go(struct way *way, const char *name) {
    struct stat status;
    if (fstat(way->fd, &status) != 0) {
        return false;
    }
    way->is_safe = way->is_safe && status.st_uid == 0 && (status.st_mode & 022) == 0;
    if (!way->is_safe && strcmp(name, "..") == 0) {
        return give_up(EXDEV); /* who can move a directory says what is above it */
    }
    if (mkdirat(way->fd, name, USUAL_MODE) != 0 && errno != EEXIST) {
        return false;
    }
    SCOPED_FD next = openat(way->fd, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
    if (next < 0 || fstat(next, &status) != 0) {
        return false;
    }
    if (S_ISLNK(status.st_mode)) {
        return follow(way, next);
    }
    if (!S_ISDIR(status.st_mode)) {
        return give_up(ENOTDIR);
    }
    scope_drop(&way->fd);
    way->fd = scope_take(&next);
    return true;
}

bool directories_make(const char *path) {
    struct stat status;
    struct way way = {.is_safe = true};
    char name[NAME_MAX + 1];
    size_t length = strlen(path);
    if (length >= sizeof way.rest) {
        return give_up(ENAMETOOLONG);
    }
    if (stat(path, &status) == 0 && S_ISDIR(status.st_mode)) {
        return true; /* nothing is made, so that whoever uses it may go through any link */
    }
    memcpy(way.rest, path, length + 1);
    way.fd = open(path[0] == '/' ? "/" : ".", WAY);
    bool going = way.fd >= 0;
    while (going && (going = take_name(&way, name)) && name[0] != '\0') {
        going = go(&way, name);
    }
    int os_error = errno;
    scope_drop(&way.fd);
    errno = os_error;
    return going;
}

bool directories_fail(struct error *error, const char *doing, const char *path) {
    return errno != EXDEV ? fail_errno(error, doing, path)
                          : fail(error, ERROR_OUTSIDE, EXDEV,
                                 "%s `%.300s`: the way to it leads through a link, or by `..` out of a directory, that "
                                 "not only root can change",
                                 doing, path);
}

bool directories_make_mount_point(const char *path, struct error *error) {
    struct stat status;
    if (lstat(path, &status) == 0) {
        if (S_ISDIR(status.st_mode)) {
            return true;
        }
        if (unlink(path) != 0) {
            return fail_errno(error, "cannot replace by a directory", path);
        }
    }
    return directories_make(path) || directories_fail(error, "cannot make the directory", path);
}

void directories_make_usual(const char *root) {
    static const struct {
        const char *name;
        mode_t mode;
    } usual[] = {{"/etc", USUAL_MODE}, {"/tmp", 01777}};
    for (size_t i = 0; i < sizeof usual / sizeof usual[0]; i++) {
        char path[64];
        snprintf(path, sizeof path, "%s%s", root, usual[i].name);
        if (mkdir(path, USUAL_MODE) == 0) {
            (void)chmod(path, usual[i].mode); /* whatever the umask is */
        }
    }
}
