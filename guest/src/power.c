#include "power.h"

#include "clock.h"
#include "machine.h"
#include "reaper.h"

#include <mntent.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <unistd.h>

#define TERM_GRACE_MS 500
#define KILL_WAIT_MS 2000
#define MAX_MOUNTS 128

/* Waits until no process is left but the agent. */
static bool await_end_of_all(int bound_ms) {
    int64_t deadline = now_ms() + bound_ms;
    while (reaper_sweep()) {
        struct pollfd poller = {.fd = reaper_fd(), .events = POLLIN};
        if (poll(&poller, 1, poll_timeout(deadline)) == 0) {
            return false;
        }
    }
    return true;
}

static void end_processes(void) {
    kill(-1, SIGTERM);
    if (!await_end_of_all(TERM_GRACE_MS)) {
        kill(-1, SIGKILL);
        (void)await_end_of_all(KILL_WAIT_MS);
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
        const char *point = points[--count];
        if (point != NULL && umount2(point, 0) != 0) {
            mount(NULL, point, NULL, MS_REMOUNT | MS_RDONLY, NULL);
        }
    }
    mount(NULL, "/", NULL, MS_REMOUNT | MS_RDONLY, NULL);
}

void power_off_now(void) {
    if (machine_kind() == MACHINE_VIRTUAL) {
        sync();
        reboot(RB_POWER_OFF);
        reboot(RB_AUTOBOOT);
    }
    /* In namespaces, the end of process 1 is the end of all. */
    _exit(0);
}

void power_off(void) {
    end_processes();
    if (machine_kind() == MACHINE_VIRTUAL) {
        sync();
        unmount_disks();
    }
    power_off_now();
}
