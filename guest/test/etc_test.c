/* What stands in for a file of /etc that cannot be written. */
#include "check.h"
#include "etc.h"
#include "scope.h"
#include "unit_test.h"

#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>

#define HOSTS "/etc/hosts"
#define STAND_IN "/run/pyro/hosts"
#define STRANGER 54321

static void put(const char *path, const char *text) {
    SCOPED_FD fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    CHECK(write(fd, text, strlen(text)) == (ssize_t)strlen(text));
}

/* Tells whether the file is root's alone and holds this. */
static bool is_roots(const char *path, const char *text) {
    char found[64] = "";
    struct stat status;
    SCOPED_FD fd = open(path, O_RDONLY | O_CLOEXEC);
    return read(fd, found, sizeof found - 1) >= 0 && strcmp(found, text) == 0 && fstat(fd, &status) == 0 &&
           status.st_uid == 0 && status.st_mode == (S_IFREG | 0644);
}

/* A /run of the image's, and an /etc that can only be read. False where no file system may be mounted. */
static bool begin(void) {
    if (unshare(CLONE_NEWNS) != 0 || mount("", "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0) {
        return false;
    }
    CHECK(mount("tmpfs", "/run", "tmpfs", 0, "mode=0755") == 0 && mkdir("/run/pyro", 0755) == 0);
    CHECK(mount("tmpfs", "/etc", "tmpfs", 0, "mode=0755") == 0);
    put(HOSTS, "old");
    CHECK(mount(NULL, "/etc", NULL, MS_REMOUNT | MS_RDONLY, NULL) == 0);
    return true;
}

static void write_hosts(const char *text) {
    etc_write("hosts", text, strlen(text));
    CHECK(is_roots(HOSTS, text) && is_roots(STAND_IN, text));
}

static void check_stand_ins(void) {
    struct stat first;
    struct stat second;
    put("/run/kept", "kept");
    put(STAND_IN, "theirs");
    CHECK(chown(STAND_IN, STRANGER, STRANGER) == 0);
    write_hosts("a longer text");
    CHECK(stat(HOSTS, &first) == 0);
    write_hosts("short");
    CHECK(stat(HOSTS, &second) == 0 && first.st_ino == second.st_ino); /* the same one serves again */
    CHECK(umount(HOSTS) == 0 && chmod(STAND_IN, 0666) == 0);
    write_hosts("not everybody's");
    CHECK(stat(HOSTS, &second) == 0 && first.st_ino != second.st_ino);
    CHECK(umount(HOSTS) == 0 && unlink(STAND_IN) == 0 && symlink("/run/kept", STAND_IN) == 0);
    write_hosts("in place of a link");
    CHECK(is_roots("/run/kept", "kept"));
}

/* The image may have brought files of these names that are somebody's else. */
void stand_ins_are_the_agents_own(void) {
    int status = 0;
    pid_t pid = fork(); /* whose mounts go with it */
    if (pid == 0) {
        check_failures = 0;
        if (geteuid() == 0 && begin()) {
            check_stand_ins();
        }
        _exit(check_failures > 0);
    }
    CHECK(pid > 0 && waitpid(pid, &status, 0) == pid && status == 0);
}
