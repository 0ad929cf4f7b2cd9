#include "place.h"

#include "abi.h"
#include "owner.h"
#include "scope.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

enum { TAG_BASE = 1, TAG_PATH = 2 };

#define MAX_LINKS 40
#define OPEN_TRIES 16
#define NEW_MODE 0755

static int open_resolving(int directory_fd, const char *path, int flags, uint64_t resolve) {
    struct abi_open_how how = {.flags = (uint64_t)(unsigned)(flags | O_CLOEXEC), .resolve = resolve};
    long fd;
    int tries = 0;
    do {
        fd = syscall(SYS_openat2, directory_fd, path, &how, sizeof how);
    } while (fd < 0 && errno == EAGAIN && ++tries < OPEN_TRIES); /* something above was renamed meanwhile */
    return (int)fd;
}

int open_beneath(int directory_fd, const char *path, int flags) {
    return open_resolving(directory_fd, path, flags, ABI_RESOLVE_BENEATH | ABI_RESOLVE_NO_SYMLINKS);
}

int reopen(int fd, int flags) {
    char link[32];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    return open(link, flags | O_CLOEXEC);
}

static bool read_string(const struct fields *request, uint16_t tag, const char *what, char *buffer,
                        struct error *error) {
    struct slice value;
    bool present;
    return fields_bytes(request, tag, &value, &present, error) && fields_need(present, tag, error) &&
           slice_text(value, what, buffer, MAX_PATH + 1, error);
}

bool place_parse(struct place *place, const struct fields *request, struct error *error) {
    place->base_fd = -1;
    if (!read_string(request, TAG_BASE, "base", place->base, error) ||
        !read_string(request, TAG_PATH, "path", place->path, error)) {
        return false;
    }
    if (place->base[0] != '/') {
        return fail(error, ERROR_BAD_REQUEST, 0, "the base `%.200s` is not absolute", place->base);
    }
    place->base_fd = open(place->base, O_PATH | O_DIRECTORY | O_CLOEXEC);
    return place->base_fd >= 0 || fail_errno(error, "cannot open the base", place->base);
}

void place_close(struct place *place) {
    scope_drop(&place->base_fd);
}

static bool has_dot_dot(const char *path) {
    for (const char *at = path; (at = strstr(at, "..")) != NULL; at += 2) {
        if ((at == path || at[-1] == '/') && (at[2] == '/' || at[2] == '\0')) {
            return true;
        }
    }
    return false;
}

static bool real_path(int fd, char path[PATH_MAX]) {
    char link[32];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, PATH_MAX - 1);
    if (length < 0) {
        return false;
    }
    path[length] = '\0';
    return true;
}

/*
 * The kernel refuses every absolute link below the base. This finds out whether it leads back into the base; what is
 * opened in the end is opened without any link. -1 when it leads elsewhere.
 */
static int open_through_absolute_link(const struct place *place, const char *path, int flags) {
    char base[PATH_MAX];
    char target[PATH_MAX];
    if (path[0] == '/' || has_dot_dot(path)) {
        return -1;
    }
    SCOPED_FD found = openat(place->base_fd, path, O_PATH | O_CLOEXEC | (flags & O_NOFOLLOW));
    if (found < 0 || !real_path(place->base_fd, base) || !real_path(found, target)) {
        return -1;
    }
    size_t length = strcmp(base, "/") == 0 ? 0 : strlen(base);
    if (strncmp(target, base, length) != 0 || (target[length] != '/' && target[length] != '\0')) {
        return -1;
    }
    const char *rest = target + length + strspn(target + length, "/");
    return open_beneath(place->base_fd, rest[0] == '\0' ? "." : rest, flags);
}

static bool open_path(const struct place *place, const char *path, int flags, int *fd, struct error *error) {
    if (path[0] == '\0') {
        path = ".";
    }
    *fd = open_resolving(place->base_fd, path, flags, ABI_RESOLVE_BENEATH | ABI_RESOLVE_NO_MAGICLINKS);
    if (*fd < 0 && errno == EXDEV) {
        *fd = open_through_absolute_link(place, path, flags);
        if (*fd < 0) {
            return fail(error, ERROR_OUTSIDE, 0, "`%.200s` leads out of `%.200s`", path, place->base);
        }
    }
    return *fd >= 0 || fail_errno(error, "cannot open", path);
}

bool place_open(const struct place *place, int flags, int *fd, struct error *error) {
    return open_path(place, place->path, flags, fd, error);
}

/* Opens the directory whose path is the first `length` bytes, and makes it and those above when they are missing. */
static bool open_directory(const struct place *place, const char *path, size_t length, bool make_missing, int *fd,
                           size_t *made, struct error *error) {
    char prefix[MAX_PATH + 1];
    memcpy(prefix, path, length);
    prefix[length] = '\0';
    if (open_path(place, prefix, O_PATH | O_DIRECTORY, fd, error)) {
        return true;
    }
    if (!make_missing || error->code != ERROR_NOT_FOUND) {
        return false;
    }
    for (size_t end = 1; end <= length; end++) {
        if ((path[end] != '/' && end != length) || path[end - 1] == '/') {
            continue;
        }
        memcpy(prefix, path, end);
        prefix[end] = '\0';
        SCOPED_FD there = -1;
        if (open_path(place, prefix, O_PATH | O_DIRECTORY, &there, error)) {
            continue;
        }
        char *slash = strrchr(prefix, '/');
        const char *name = slash == NULL ? prefix : slash + 1;
        char parent_path[MAX_PATH + 1] = "";
        if (slash != NULL) {
            memcpy(parent_path, prefix, (size_t)(slash - prefix));
            parent_path[slash - prefix] = '\0';
        }
        SCOPED_FD parent = -1;
        if (error->code != ERROR_NOT_FOUND || !open_path(place, parent_path, O_PATH | O_DIRECTORY, &parent, error)) {
            return false;
        }
        if (mkdirat(parent, name, NEW_MODE) == 0) {
            ++*made;
            if (!owner_inherit(parent, name, NEW_MODE)) {
                return fail_errno(error, "cannot set the owner of", prefix);
            }
        } else if (errno != EEXIST) {
            return fail_errno(error, "cannot make the directory", prefix);
        }
    }
    memcpy(prefix, path, length);
    prefix[length] = '\0';
    return open_path(place, prefix, O_PATH | O_DIRECTORY, fd, error);
}

bool place_make_directory(const struct place *place, int *fd, size_t *made, struct error *error) {
    *made = 0;
    if (place->path[0] == '/') {
        return fail(error, ERROR_OUTSIDE, 0, "the path `%.200s` is absolute", place->path);
    }
    return open_directory(place, place->path, strlen(place->path), true, fd, made, error);
}

void place_unmake_directory(const struct place *place, int fd, size_t made) {
    char path[MAX_PATH + 1];
    strcpy(path, place->path);
    SCOPED_FD current = fcntl(fd, F_DUPFD_CLOEXEC, 3);
    while (made > 0 && current >= 0 && path[0] != '\0') {
        char *slash = strrchr(path, '/');
        const char *name = slash == NULL ? path : slash + 1;
        if (name[0] != '\0' && strcmp(name, ".") != 0) {
            int parent = openat(current, "..", O_PATH | O_DIRECTORY | O_CLOEXEC);
            if (parent < 0 || unlinkat(parent, name, AT_REMOVEDIR) != 0) {
                made = 1; /* somebody uses it: it stays, and what is above it */
            }
            scope_drop(&current);
            current = parent;
            made--;
        }
        *(slash == NULL ? path : slash) = '\0';
    }
}

/* Puts the target of the link that ends the path in its place. */
static bool follow_link(const struct place *place, char path[MAX_PATH + 1], size_t directory_length, const char *target,
                        struct error *error) {
    char followed[2 * MAX_PATH + 2];
    size_t base_length = strcmp(place->base, "/") == 0 ? 0 : strlen(place->base);
    while (base_length > 0 && place->base[base_length - 1] == '/') {
        base_length--;
    }
    if (target[0] != '/') {
        snprintf(followed, sizeof followed, "%.*s%s%s", (int)directory_length, path, directory_length > 0 ? "/" : "",
                 target);
    } else if (strncmp(target, place->base, base_length) == 0 && target[base_length] == '/') {
        snprintf(followed, sizeof followed, "%s", target + base_length + strspn(target + base_length, "/"));
    } else {
        return fail(error, ERROR_OUTSIDE, 0, "the link `%.200s` leads out of `%.200s`", path, place->base);
    }
    if (strlen(followed) > MAX_PATH) {
        return fail(error, ERROR_LIMIT, ENAMETOOLONG, "the link `%.200s` leads to a path that is too long", path);
    }
    strcpy(path, followed);
    return true;
}

bool place_open_parent(const struct place *place, bool follow, bool make_missing, int *fd, char name[NAME_MAX + 1],
                       struct error *error) {
    char path[MAX_PATH + 1];
    strcpy(path, place->path);
    for (int links = 0; links < MAX_LINKS; links++) {
        const char *slash = strrchr(path, '/');
        const char *last = slash == NULL ? path : slash + 1;
        if (path[0] == '/') {
            return fail(error, ERROR_OUTSIDE, 0, "the path `%.200s` is absolute", path);
        }
        if (last[0] == '\0' || strcmp(last, ".") == 0 || strcmp(last, "..") == 0) {
            return fail(error, ERROR_IS_A_DIRECTORY, 0, "`%.200s` is a directory", path);
        }
        if (strlen(last) > NAME_MAX) {
            return fail(error, ERROR_LIMIT, ENAMETOOLONG, "the name `%.200s` is too long", last);
        }
        size_t length = slash == NULL ? 0 : (size_t)(slash - path);
        SCOPED_FD parent = -1;
        size_t made = 0;
        if (!open_directory(place, path, length, make_missing, &parent, &made, error)) {
            return false;
        }
        char target[MAX_PATH + 1];
        ssize_t target_length = follow ? readlinkat(parent, last, target, sizeof target - 1) : -1;
        if (target_length < 0) {
            strcpy(name, last);
            *fd = scope_take(&parent);
            return true;
        }
        target[target_length] = '\0';
        if (!follow_link(place, path, length, target, error)) {
            return false;
        }
    }
    return fail(error, ERROR_IO, ELOOP, "too many links at `%.200s`", place->path);
}
