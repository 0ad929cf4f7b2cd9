#include "boot.h"

#include "abi.h"
#include "clock.h"
#include "directories.h"
#include "disks.h"
#include "modules.h"
#include "network.h"
#include "process_limits.h"
#include "reaper.h"
#include "run_folder.h"
#include "scope.h"
#include "tree.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define DISK_WAIT_MS 10000
#define DISK_LOOK_NS 1000000
#define WARM_UP_MS 10000
#define KILL_WAIT_MS 2000
#define NEW_ROOT "/newroot"

struct mount_entry {
    const char *source;
    const char *target;
    const char *type;
    unsigned long flags;
    const char *options;
};

/* Before the modules are loaded. */
static const struct mount_entry early_mounts[] = {
    {"devtmpfs", "/dev", "devtmpfs", MS_NOSUID, "mode=0755"},
    {"proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL},
    {"sysfs", "/sys", "sysfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL},
};

/* In the new root. */
static const struct mount_entry late_mounts[] = {
    {"devpts", "/dev/pts", "devpts", MS_NOSUID | MS_NOEXEC, "gid=5,mode=0620,ptmxmode=0666"},
    {"tmpfs", "/dev/shm", "tmpfs", MS_NOSUID | MS_NODEV, "mode=1777"},
    {"cgroup2", "/sys/fs/cgroup", "cgroup2", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL},
};

static bool mount_all(const struct mount_entry *entries, size_t count, struct error *error) {
    for (size_t i = 0; i < count; i++) {
        const struct mount_entry *entry = &entries[i];
        if (!directories_make_mount_point(entry->target, error)) {
            return false;
        }
        /* The kernel may have mounted /dev itself. */
        if (mount(entry->source, entry->target, entry->type, entry->flags, entry->options) != 0 && errno != EBUSY) {
            return fail_errno(error, "cannot mount", entry->target);
        }
    }
    return true;
}

static bool wait_for_disk(struct error *error) {
    static const struct timespec pause = {.tv_nsec = DISK_LOOK_NS};
    int64_t deadline = now_ms() + DISK_WAIT_MS;
    while (access(ROOT_DISK, F_OK) != 0) {
        if (now_ms() >= deadline) {
            return fail(error, ERROR_IO, ENODEV, "there is no " ROOT_DISK " after %d ms", DISK_WAIT_MS);
        }
        nanosleep(&pause, NULL);
    }
    return true;
}

static bool switch_root(struct error *error) {
    (void)mkdir(NEW_ROOT, 0755);
    if (mount(ROOT_DISK, NEW_ROOT, "ext4", MS_NOATIME, NULL) != 0) {
        return fail_errno(error, "cannot mount " ROOT_DISK " on", NEW_ROOT);
    }
    for (size_t i = 0; i < sizeof early_mounts / sizeof early_mounts[0]; i++) {
        char target[64] = NEW_ROOT;
        strcat(target, early_mounts[i].target);
        if (!directories_make_mount_point(target, error)) {
            return false;
        }
        if (mount(early_mounts[i].target, target, NULL, MS_MOVE, NULL) != 0) {
            return fail_errno(error, "cannot move", early_mounts[i].target);
        }
    }
    directories_make_usual(NEW_ROOT);
    SCOPED_FD old_root = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (old_root >= 0) {
        tree_empty(old_root); /* gives the memory of the initramfs back */
    }
    if (chdir(NEW_ROOT) != 0 || mount(".", "/", NULL, MS_MOVE, NULL) != 0 || chroot(".") != 0 || chdir("/") != 0) {
        return fail_errno(error, "cannot switch the root to", ROOT_DISK);
    }
    return true;
}

/* What programs expect in /dev beside the devices. */
static void link_descriptors(void) {
    (void)symlink("/proc/self/fd", "/dev/fd");
    (void)symlink("/proc/self/fd/0", "/dev/stdin");
    (void)symlink("/proc/self/fd/1", "/dev/stdout");
    (void)symlink("/proc/self/fd/2", "/dev/stderr");
}

/* Waits for the end of a process, or for so long. SIGCHLD is blocked. */
static void await_end(pid_t pid, int64_t patience_ms) {
    sigset_t child_ends;
    sigemptyset(&child_ends);
    sigaddset(&child_ends, SIGCHLD);
    int64_t deadline = now_ms() + patience_ms;
    pid_t ended;
    while ((ended = waitpid(pid, NULL, WNOHANG)) == 0) {
        int64_t left_ms = deadline - now_ms();
        struct timespec left = {.tv_sec = left_ms / 1000, .tv_nsec = left_ms % 1000 * 1000000};
        if (left_ms <= 0) {
            return;
        }
        (void)sigtimedwait(&child_ends, NULL, &left);
    }
}

/*
 * Runs an empty command once, before anything listens, so that the shell and the libraries that every command needs are
 * in memory: a template keeps them there for all its clones. No login shell: its profile may be a stranger's, and
 * would be run as root where no command ever asks for it. The shell may be one's too: whatever it has started ends
 * here, before a template can keep it. Nobody else is there yet, and a kernel's thread minds no signal. A root without
 * a shell, or with one that does not end, is no failure.
 */
static void warm_up(void) {
    pid_t pid = fork();
    if (pid == 0) {
        execl("/bin/sh", "sh", "-c", ":", (char *)NULL);
        _exit(127);
    }
    if (pid > 0) {
        await_end(pid, WARM_UP_MS);
        kill(-1, SIGKILL);
        (void)reaper_await_all(KILL_WAIT_MS);
    }
}

bool boot(struct error *error) {
    if (!mount_all(early_mounts, sizeof early_mounts / sizeof early_mounts[0], error) || !modules_load(error) ||
        !wait_for_disk(error) || !switch_root(error) ||
        !mount_all(late_mounts, sizeof late_mounts / sizeof late_mounts[0], error) ||
        !run_folder_mount("/run", error)) {
        return false;
    }
    link_descriptors();
    process_limits_set_descriptors();
    process_limits_open_kernel();
    network_start_loopback();
    if (!disks_grow_root(error)) {
        return false;
    }
    warm_up();
    return true;
}
