#include "namespaces.h"

#include "abi.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#define NEW_ROOT "/run/newroot"

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

bool namespaces_enter(const char *lower, const char *upper, struct error *error) {
    if (!mount_overlay(lower, upper, error)) {
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
