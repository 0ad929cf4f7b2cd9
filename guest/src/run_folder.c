#include "run_folder.h"

#include "directories.h"
#include "owner.h"
#include "scope.h"
#include "wire.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>

#define MAX_DEPTH 32
#define PIECE 16384
#define OPEN_DIRECTORY (O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)

struct copy {
    unsigned entries;
    uint64_t bytes;
};

static bool copy_directory(struct copy *copy, int from_fd, int to_fd, int depth);

/* The mode even where the owner cannot be given: a folder stays, and must let in whom it did. */
static bool give(int fd, const struct stat *status) {
    const struct owner owner = {.uid = status->st_uid, .gid = status->st_gid};
    bool given = owner_set(fd, &owner);
    return fchmod(fd, status->st_mode & 07777) == 0 && given;
}

/* What was made and is not as it should be is worse than nothing: a program takes it for the environment's. */
static bool leave_out(int to_fd, const char *name) {
    (void)unlinkat(to_fd, name, 0);
    return false;
}

static bool copy_content(int from_fd, int to_fd) {
    uint8_t piece[PIECE];
    ssize_t got;
    while ((got = read(from_fd, piece, sizeof piece)) > 0) {
        if (write(to_fd, piece, (size_t)got) != got) {
            return false;
        }
    }
    return got == 0;
}

static bool copy_file(struct copy *copy, int from_fd, int to_fd, const char *name, const struct stat *status) {
    uint64_t size = (uint64_t)status->st_size;
    if (size > RUN_FOLDER_MAX_BYTES - copy->bytes) {
        return false;
    }
    copy->bytes += size;
    SCOPED_FD from = openat(from_fd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    SCOPED_FD to = from < 0 ? -1 : openat(to_fd, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    return to >= 0 && ((copy_content(from, to) && give(to, status)) || leave_out(to_fd, name));
}

static bool copy_link(int from_fd, int to_fd, const char *name, const struct stat *status) {
    char target[MAX_PATH + 1];
    ssize_t length = readlinkat(from_fd, name, target, sizeof target - 1);
    if (length < 0) {
        return false;
    }
    target[length] = '\0';
    if (symlinkat(target, to_fd, name) != 0) {
        return false;
    }
    SCOPED_FD to = openat(to_fd, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
    const struct owner owner = {.uid = status->st_uid, .gid = status->st_gid};
    return (to >= 0 && owner_set(to, &owner)) || leave_out(to_fd, name);
}

static bool copy_name(struct copy *copy, int from_fd, int to_fd, const char *name, int depth) {
    struct stat status;
    if (fstatat(from_fd, name, &status, AT_SYMLINK_NOFOLLOW) != 0) {
        return false;
    }
    if (S_ISREG(status.st_mode)) {
        return copy_file(copy, from_fd, to_fd, name, &status);
    }
    if (S_ISLNK(status.st_mode)) {
        return copy_link(from_fd, to_fd, name, &status);
    }
    if (!S_ISDIR(status.st_mode)) {
        return true; /* a socket or a pipe is worth nothing without who made it */
    }
    SCOPED_FD from = depth == MAX_DEPTH ? -1 : openat(from_fd, name, OPEN_DIRECTORY);
    SCOPED_FD to = from < 0 || mkdirat(to_fd, name, 0700) != 0 ? -1 : openat(to_fd, name, OPEN_DIRECTORY);
    return to >= 0 && copy_directory(copy, from, to, depth + 1);
}

/* Goes on after what cannot be copied. */
static bool copy_names(struct copy *copy, int from_fd, int to_fd, int depth) {
    int fd = openat(from_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    SCOPED_DIR *directory = fd < 0 ? NULL : fdopendir(fd);
    if (directory == NULL) {
        scope_drop(&fd);
        return false;
    }
    bool whole = true;
    const struct dirent *entry;
    while ((entry = readdir(directory)) != NULL) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) {
            continue;
        }
        if (copy->entries == RUN_FOLDER_MAX_ENTRIES) {
            whole = false;
            break;
        }
        copy->entries++;
        whole = copy_name(copy, from_fd, to_fd, entry->d_name, depth) && whole;
    }
    return whole;
}

/* What is in it comes first: its own mode could keep that out. */
static bool copy_directory(struct copy *copy, int from_fd, int to_fd, int depth) {
    struct stat status;
    bool whole = copy_names(copy, from_fd, to_fd, depth);
    return fstat(from_fd, &status) == 0 && give(to_fd, &status) && whole;
}

bool run_folder_copy(int from_fd, int to_fd) {
    struct copy copy = {.entries = 0};
    return copy_directory(&copy, from_fd, to_fd, 0);
}

bool run_folder_mount(const char *path, struct error *error) {
    if (!directories_make_mount_point(path, error)) {
        return false;
    }
    SCOPED_FD below = open(path, OPEN_DIRECTORY);
    if (mount("tmpfs", path, "tmpfs", MS_NOSUID | MS_NODEV, "mode=0755") != 0) {
        return fail_errno(error, "cannot mount", path);
    }
    SCOPED_FD fd = open(path, OPEN_DIRECTORY);
    if (below < 0 || fd < 0 || !run_folder_copy(below, fd)) {
        fprintf(stderr,
                "pyro-agent: a part of the environment's /run is left out: it has more than %d entries, %d MiB or %d "
                "levels, or cannot be copied\n",
                RUN_FOLDER_MAX_ENTRIES, RUN_FOLDER_MAX_BYTES / (1024 * 1024), MAX_DEPTH);
    }
    return true;
}
