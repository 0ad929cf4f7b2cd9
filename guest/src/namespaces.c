#include "namespaces.h"

#include "abi.h"
#include "directories.h"
#include "process_limits.h"
#include "run_folder.h"
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
#include <sys/statvfs.h>
#include <unistd.h>

#define NEW_ROOT "/run/newroot"
#define MAX_PROCESSES 4096

/* What bubblewrap has mounted and the new root keeps. */
static const char *const moved[] = {"/proc", "/dev"};

/*
 * Where the agent was started by root, user 0 in here is user 0 of the host, and these files ask for nothing but that:
 * writing to some of them would be a way out. Nobody in here can make them writable again.
 */
static const char *const read_only[] = {"/proc/sys", "/proc/sysrq-trigger", "/proc/irq",  "/proc/bus",
                                        "/proc/fs",  "/proc/acpi",          "/proc/scsi", "/proc/tty"};

static bool has_workspace;

static bool make_read_only(const char *path, struct error *error) {
    struct statvfs state;
    if (statvfs(path, &state) != 0) {
        return errno == ENOENT || fail_errno(error, "cannot examine", path);
    }
    if ((state.f_flag & ST_RDONLY) != 0) {
        return true;
    }
    unsigned long flags = MS_NOSUID | MS_NODEV | MS_NOEXEC;
    if (mount(path, path, NULL, MS_BIND, NULL) != 0 ||
        mount(NULL, path, NULL, MS_BIND | MS_REMOUNT | MS_RDONLY | flags, NULL) != 0) {
        return fail_errno(error, "cannot make read-only", path);
    }
    return true;
}

/* Namespaces within these ones would only offer more of the host's kernel to attack. Where it may not be set, so be it.
 */
static void forbid_user_namespaces(void) {
    SCOPED_FD fd = open("/proc/sys/user/max_user_namespaces", O_WRONLY | O_CLOEXEC);
    if (fd >= 0) {
        (void)!write(fd, "0", 1);
    }
}

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

/* Nobody runs in the new root yet; what an image or an earlier run left at a mount point is a directory from here on.
 */
static bool mount_workspace(const char *source, struct error *error) {
    static const char point[] = NEW_ROOT NAMESPACES_WORKSPACE;
    if (!directories_make_mount_point(point, error)) {
        return false;
    }
    has_workspace = mount(source, point, NULL, MS_BIND, NULL) == 0;
    return has_workspace || fail_errno(error, "cannot mount the workspace", source);
}

bool namespaces_have_workspace(void) {
    return has_workspace;
}

/* Whoever kills bubblewrap's monitor, this process's parent, kills the machine; and it gets not all of the host's
 * processes. */
static bool confine(struct error *error) {
    static const struct rlimit processes = {.rlim_cur = MAX_PROCESSES, .rlim_max = MAX_PROCESSES};
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0) {
        return fail_errno(error, "cannot ask for", "the signal of the parent's death");
    }
    return setrlimit(RLIMIT_NPROC, &processes) == 0 || fail_errno(error, "cannot bound", "the number of processes");
}

bool namespaces_enter(const char *lower, const char *upper, const char *workspace, struct error *error) {
    if (!confine(error)) {
        return false;
    }
    process_limits_set_descriptors();
    forbid_user_namespaces();
    for (size_t i = 0; i < sizeof read_only / sizeof read_only[0]; i++) {
        if (!make_read_only(read_only[i], error)) {
            return false;
        }
    }
    if (!mount_overlay(lower, upper, error)) {
        return false;
    }
    for (size_t i = 0; i < sizeof moved / sizeof moved[0]; i++) {
        char target[64] = NEW_ROOT;
        strcat(target, moved[i]);
        if (!directories_make_mount_point(target, error)) {
            return false;
        }
        if (mount(moved[i], target, NULL, MS_MOVE, NULL) != 0) {
            return fail_errno(error, "cannot move", moved[i]);
        }
    }
    if (workspace != NULL && !mount_workspace(workspace, error)) {
        return false;
    }
    directories_make_usual(NEW_ROOT);
    if (!run_folder_mount(NEW_ROOT "/run", error)) {
        return false;
    }
    /* The old root, and with it the socket and the two directories, goes out of everybody's reach. */
    if (chdir(NEW_ROOT) != 0 || syscall(SYS_pivot_root, ".", ".") != 0 || umount2(".", MNT_DETACH) != 0 ||
        chdir("/") != 0) {
        return fail_errno(error, "cannot switch the root to", NEW_ROOT);
    }
    return true;
}
