#include "etc.h"

#include "scope.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#define ETC "/etc"
#define STAND_INS "/run/pyro"
#define MODE 0644
#define MAX_NAME 64

static bool write_text(int fd, const char *text, size_t length) {
    return fchmod(fd, MODE) == 0 && write(fd, text, length) == (ssize_t)length;
}

/* Beside the file first, so that the old one stays when the disk is full. */
static bool replace(int etc_fd, const char *name, const char *text, size_t length) {
    char temporary[MAX_NAME];
    snprintf(temporary, sizeof temporary, ".pyro-%s", name);
    (void)unlinkat(etc_fd, temporary, 0); /* of a machine that was killed */
    SCOPED_FD fd = openat(etc_fd, temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, MODE);
    if (fd < 0) {
        return false;
    }
    bool replaced = write_text(fd, text, length) && renameat(etc_fd, temporary, etc_fd, name) == 0;
    if (!replaced) {
        (void)unlinkat(etc_fd, temporary, 0);
    }
    return replaced;
}

static bool is_same(int left_fd, int right_fd) {
    struct stat left;
    struct stat right;
    return fstat(left_fd, &left) == 0 && fstat(right_fd, &right) == 0 && left.st_dev == right.st_dev &&
           left.st_ino == right.st_ino;
}

/* The root's own /run may have held one that is somebody's else. */
static bool is_ours(int fd, mode_t kind) {
    struct stat status;
    return fstat(fd, &status) == 0 && (status.st_mode & S_IFMT) == kind && status.st_uid == geteuid() &&
           (status.st_mode & 022) == 0;
}

/* One that is somebody's else is taken away: who owns it could change what the machine reads in /etc. */
static int open_stand_in(int folder_fd, const char *name) {
    SCOPED_FD fd = openat(folder_fd, name, O_WRONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC);
    if (fd >= 0 && is_ours(fd, S_IFREG)) {
        return ftruncate(fd, 0) == 0 ? scope_take(&fd) : -1;
    }
    (void)unlinkat(folder_fd, name, 0);
    return openat(folder_fd, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, MODE);
}

/* The same stand-in serves again, and what was mounted before shows what is in it now. */
static void mount_stand_in(int etc_fd, const char *name, const char *text, size_t length) {
    (void)mkdir(STAND_INS, 0755);
    SCOPED_FD folder = open(STAND_INS, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    SCOPED_FD target = openat(etc_fd, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
    SCOPED_FD fd = folder < 0 || target < 0 || !is_ours(folder, S_IFDIR) ? -1 : open_stand_in(folder, name);
    struct stat status;
    if (fd < 0 || !write_text(fd, text, length) || is_same(fd, target) || fstat(target, &status) != 0 ||
        !S_ISREG(status.st_mode)) {
        return;
    }
    /* By descriptors, so that no link leads elsewhere. */
    char source_path[32];
    char target_path[32];
    snprintf(source_path, sizeof source_path, "/proc/self/fd/%d", fd);
    snprintf(target_path, sizeof target_path, "/proc/self/fd/%d", target);
    (void)mount(source_path, target_path, NULL, MS_BIND, NULL);
}

void etc_write(const char *name, const char *text, size_t length) {
    SCOPED_FD etc_fd = open(ETC, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (etc_fd >= 0 && !replace(etc_fd, name, text, length)) {
        mount_stand_in(etc_fd, name, text, length);
    }
}

bool etc_is_empty(const char *name) {
    struct stat status;
    SCOPED_FD etc_fd = open(ETC, O_PATH | O_DIRECTORY | O_CLOEXEC);
    return etc_fd >= 0 &&
           (fstatat(etc_fd, name, &status, 0) == 0 ? S_ISREG(status.st_mode) && status.st_size == 0 : errno == ENOENT);
}
