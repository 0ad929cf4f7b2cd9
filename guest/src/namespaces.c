#include "namespaces.h"

#include "abi.h"
#include "scope.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#define NEW_ROOT "/run/newroot"
#define MAX_PROCESSES 4096

/* What bubblewrap has mounted and the new root keeps. */
static const char *const moved[] = {"/proc", "/dev"};

static bool mount_overlay(const char *lower, const char *upper, struct error *error) {
    char options[3 * 1024];
    int length = snprintf(options, sizeof options, "lowerdir=%s,upperdir=%s/upper,workdir=%s/work,userxattr", lower,
                          upper, upper);
    if (length < 0 || (size_t)length >= sizeof options || strpbrk(lower, ":,\\") != NULL ||
        strpbrk(upper, ":,\\") != NULL) {
        return fail(error, ERROR_BAD_REQUEST, 0,
                    "--lower and --upper must be short and hold none of `:`, `,` and `\\`");
    }
    (void)mkdir(NEW_ROOT, 0755);
    return mount("overlay", NEW_ROOT, "overlay", MS_NOSUID | MS_NODEV, options) == 0 ||
           fail_errno(error, "cannot overlay", lower);
}

/*
 * Whoever kills bubblewrap's monitor, this process's parent, kills the machine. Commands get no user namespaces of
 * their own, in which they would have every capability and so much more of the host's kernel to attack; and not all of
 * the host's processes.
 */
static bool confine(struct error *error) {
    static const struct rlimit processes = {.rlim_cur = MAX_PROCESSES, .rlim_max = MAX_PROCESSES};
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0) {
        return fail_errno(error, "cannot ask for", "the signal of the parent's death");
    }
    if (setrlimit(RLIMIT_NPROC, &processes) != 0) {
        return fail_errno(error, "cannot bound", "the number of processes");
    }
    SCOPED_FD fd = open("/proc/sys/user/max_user_namespaces", O_WRONLY | O_CLOEXEC);
    if (fd < 0 || write(fd, "0", 1) != 1) {
        return fail_errno(error, "cannot forbid further user namespaces in", "/proc/sys/user/max_user_namespaces");
    }
    return true;
}

bool namespaces_enter(const char *lower, const char *upper, struct error *error) {
    if (!confine(error) || !mount_overlay(lower, upper, error)) {
        return false;
    }
    for (size_t i = 0; i < sizeof moved / sizeof moved[0]; i++) {
        char target[64] = NEW_ROOT;
        strcat(target, moved[i]);
        (void)mkdir(target, 0755);
        if (mount(moved[i], target, NULL, MS_MOVE, NULL) != 0) {
            return fail_errno(error, "cannot move", moved[i]);
        }
    }
    (void)mkdir(NEW_ROOT "/run", 0755);
    if (mount("tmpfs", NEW_ROOT "/run", "tmpfs", MS_NOSUID | MS_NODEV, "mode=0755") != 0) {
        return fail_errno(error, "cannot mount", "/run");
    }
    /* The old root, and with it the socket and the two directories, goes out of everybody's reach. */
    if (chdir(NEW_ROOT) != 0 || syscall(SYS_pivot_root, ".", ".") != 0 || umount2(".", MNT_DETACH) != 0 ||
        chdir("/") != 0) {
        return fail_errno(error, "cannot switch the root to", NEW_ROOT);
    }
    return true;
}
