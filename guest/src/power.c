#include "power.h"

#include "abi.h"
#include "freeze.h"
#include "machine.h"
#include "reaper.h"
#include "scope.h"

#include <fcntl.h>
#include <mntent.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <unistd.h>

#define TERM_GRACE_MS 500
#define KILL_WAIT_MS 2000
#define MAX_MOUNTS 128

static void end_processes(void) {
    kill(-1, SIGTERM);
    if (!reaper_await_all(TERM_GRACE_MS)) {
        kill(-1, SIGKILL);
        (void)reaper_await_all(KILL_WAIT_MS);
    }
}

/*
 * Makes a file system read-only that is still in use. What another session's request has open for writing forbids
 * that; then it is frozen, which empties its journal too.
 */
static void settle(const char *point) {
    if (mount(NULL, point, NULL, MS_REMOUNT | MS_RDONLY, NULL) == 0) {
        return;
    }
    SCOPED_FD fd = open(point, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd >= 0) {
        (void)ioctl(fd, (int)ABI_FIFREEZE, 0);
    }
}

/* Unmounts what stands on disks, the last mounted first; the root becomes read-only. */
static void unmount_disks(void) {
    char *points[MAX_MOUNTS];
    size_t count = 0;
    FILE *mounts = setmntent("/proc/self/mounts", "re");
    const struct mntent *entry;
    while (mounts != NULL && count < MAX_MOUNTS && (entry = getmntent(mounts)) != NULL) {
        if (strncmp(entry->mnt_fsname, "/dev/", 5) == 0 && strcmp(entry->mnt_dir, "/") != 0) {
            points[count++] = strdup(entry->mnt_dir);
        }
    }
    while (count > 0) {
        char *point = points[--count];
        if (point != NULL && umount2(point, 0) != 0) {
            settle(point);
        }
        free(point);
    }
    settle("/");
}

static _Noreturn void switch_off(void) {
    if (machine_kind() == MACHINE_VIRTUAL) {
        reboot(RB_POWER_OFF);
        reboot(RB_AUTOBOOT);
    }
    /* In namespaces, the end of process 1 is the end of all. */
    _exit(0);
}

void power_off_now(void) {
    if (machine_kind() == MACHINE_VIRTUAL) {
        sync();
    }
    switch_off();
}

void power_off(void) {
    freeze_end();
    end_processes();
    if (machine_kind() == MACHINE_VIRTUAL) {
        sync();
        unmount_disks();
    }
    switch_off();
}
