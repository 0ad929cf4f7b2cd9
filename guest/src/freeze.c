#include "freeze.h"

#include "abi.h"
#include "clock.h"
#include "machine.h"
#include "scope.h"
#include "standstill.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <time.h>

enum { TAG_PATH = 1, TAG_BOUND = 2 };

#define MAX_BOUND_MS 30000
#define REST_WAIT_MS 10000
#define REST_LOOK_NS 1000000

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t opened = PTHREAD_COND_INITIALIZER;
static enum { OPEN, SETTLING, FROZEN } state; /* the gate is shut in all but the first */
static unsigned inside;                       /* how many are behind the gate */
static uint32_t last_number;                  /* of the freeze under way, or of the last one */
static int64_t deadline_ms;
static int frozen_fd = -1; /* in a virtual machine */

void freeze_gate_enter(void) {
    pthread_mutex_lock(&lock);
    while (state != OPEN) {
        pthread_cond_wait(&opened, &lock);
    }
    inside++;
    pthread_mutex_unlock(&lock);
}

void freeze_gate_leave(void) {
    pthread_mutex_lock(&lock);
    inside--;
    pthread_mutex_unlock(&lock);
}

static void open_gate(void) {
    state = OPEN;
    pthread_cond_broadcast(&opened);
}

/* Thaws; the lock is held. Tells whether it was frozen until now. */
static bool thaw(void) {
    if (state != FROZEN) {
        return false;
    }
    bool lasted = true;
    if (machine_kind() == MACHINE_VIRTUAL) {
        lasted = ioctl(frozen_fd, (int)ABI_FITHAW, 0) == 0; /* it fails when the guest has thawed it itself */
        scope_drop(&frozen_fd);
    } else {
        standstill_end();
    }
    open_gate();
    return lasted;
}

/* Shuts the gate, and waits until nobody is behind it. */
static bool shut_gate(struct error *error) {
    static const struct timespec pause = {.tv_nsec = REST_LOOK_NS};
    int64_t deadline = now_ms() + REST_WAIT_MS;
    pthread_mutex_lock(&lock);
    bool busy = state != OPEN;
    if (!busy) {
        state = SETTLING;
        while (inside > 0 && now_ms() < deadline) {
            pthread_mutex_unlock(&lock);
            nanosleep(&pause, NULL);
            pthread_mutex_lock(&lock);
        }
        if (inside > 0) {
            busy = true;
            open_gate();
        }
    }
    pthread_mutex_unlock(&lock);
    return !busy || fail(error, ERROR_IO, EBUSY, "another freeze or change is under way, and does not end");
}

/* What shut_gate began does not become a freeze. */
static void give_up(void) {
    pthread_mutex_lock(&lock);
    open_gate();
    pthread_mutex_unlock(&lock);
}

/* Opens a mount point. The root and everything that is not a mount point are not found. */
static bool open_mount_point(const char *path, int *fd, struct error *error) {
    SCOPED_FD point = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    struct stat status;
    struct stat above;
    if (point < 0 || fstat(point, &status) != 0 || fstatat(point, "..", &above, 0) != 0) {
        return fail_errno(error, "cannot open", path);
    }
    if (status.st_dev == above.st_dev) {
        return fail(error, ERROR_NOT_FOUND, ENODEV, "no file system of its own is mounted at `%.300s`", path);
    }
    *fd = scope_take(&point);
    return true;
}

struct usage {
    uint64_t inodes;
    uint64_t bytes;
};

static bool freeze_file_system(const char *path, struct usage *usage, struct error *error) {
    SCOPED_FD fd = -1;
    struct statfs numbers;
    if (!open_mount_point(path, &fd, error)) {
        return false;
    }
    /* Most of the work before the gate is shut. */
    if (syncfs(fd) != 0 || fstatfs(fd, &numbers) != 0) {
        return fail_errno(error, "cannot flush", path);
    }
    usage->inodes = (uint64_t)numbers.f_files - (uint64_t)numbers.f_ffree;
    usage->bytes = ((uint64_t)numbers.f_blocks - (uint64_t)numbers.f_bfree) * (uint64_t)numbers.f_bsize;
    if (!shut_gate(error)) {
        return false;
    }
    if (ioctl(fd, (int)ABI_FIFREEZE, 0) != 0) {
        (void)fail_errno(error, "cannot freeze", path);
        give_up();
        return false;
    }
    frozen_fd = scope_take(&fd);
    return true;
}

static bool freeze_processes(struct error *error) {
    if (!shut_gate(error)) {
        return false;
    }
    if (!standstill_begin(error)) {
        give_up();
        return false;
    }
    return true;
}

/* What shut_gate began is a freeze from now on. */
static void begin_bound(struct session *session, uint32_t bound_ms) {
    pthread_mutex_lock(&lock);
    state = FROZEN;
    session->freeze = ++last_number;
    deadline_ms = now_ms() + bound_ms;
    pthread_mutex_unlock(&lock);
    machine_wake();
}

static bool parse(const struct fields *request, char path[MAX_PATH + 1], uint32_t *bound_ms, struct error *error) {
    bool present;
    struct slice value;
    if (!fields_bytes(request, TAG_PATH, &value, &present, error) || !fields_need(present, TAG_PATH, error) ||
        !slice_text(value, "mount point", path, MAX_PATH + 1, error) ||
        !fields_u32(request, TAG_BOUND, bound_ms, &present, error) || !fields_need(present, TAG_BOUND, error)) {
        return false;
    }
    if (path[0] != '/') {
        return fail(error, ERROR_BAD_REQUEST, 0, "the mount point `%.200s` is not absolute", path);
    }
    return (*bound_ms >= 1 && *bound_ms <= MAX_BOUND_MS) ||
           fail(error, ERROR_LIMIT, 0, "a freeze of %u ms, not 1 to %d", *bound_ms, MAX_BOUND_MS);
}

bool freeze_operation(struct session *session, const struct fields *request, struct answer *answer,
                      struct error *error) {
    char path[MAX_PATH + 1];
    uint32_t bound_ms = 0;
    struct usage usage = {.inodes = 0};
    if (!parse(request, path, &bound_ms, error)) {
        return false;
    }
    bool done = machine_kind() == MACHINE_VIRTUAL ? freeze_file_system(path, &usage, error) : freeze_processes(error);
    if (!done) {
        return false;
    }
    begin_bound(session, bound_ms);
    answer_u64(answer, 1, usage.inodes);
    answer_u64(answer, 2, usage.bytes);
    return true;
}

/* Ends a session's freeze; tells whether it was under way. */
static bool thaw_session(struct session *session) {
    pthread_mutex_lock(&lock);
    bool lasted = session->freeze == last_number && thaw();
    pthread_mutex_unlock(&lock);
    session->freeze = 0;
    return lasted;
}

bool thaw_operation(struct session *session, const struct fields *request, struct answer *answer, struct error *error) {
    (void)request;
    if (session->freeze == 0) {
        return fail(error, ERROR_BAD_REQUEST, 0, "this session has frozen nothing");
    }
    answer_u8(answer, 1, thaw_session(session));
    return true;
}

void freeze_session_ends(struct session *session) {
    if (session->freeze != 0) {
        (void)thaw_session(session);
    }
}

int64_t freeze_watch(void) {
    pthread_mutex_lock(&lock);
    if (state == FROZEN && now_ms() >= deadline_ms) {
        (void)thaw();
    }
    int64_t look_again_ms = state == FROZEN ? deadline_ms : -1;
    pthread_mutex_unlock(&lock);
    return look_again_ms;
}

void freeze_end(void) {
    pthread_mutex_lock(&lock);
    (void)thaw();
    pthread_mutex_unlock(&lock);
}
