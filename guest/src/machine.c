#include "machine.h"

#include "clock.h"
#include "freeze.h"
#include "reaper.h"

#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define CONFIGURE_TIMEOUT_MS 60000

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static enum machine_kind the_kind;
static int wake_fd = -1; /* wakes the main loop when what it waits for has changed */
static bool configured;
static bool powering_off;
static unsigned running_requests;
static uint32_t idle_bound_s;
static int64_t idle_since_ms;
static int64_t unconfigured_until_ms = -1; /* a host side that died before its first request holds no lease */

void machine_init(enum machine_kind kind) {
    the_kind = kind;
    wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    idle_since_ms = now_ms();
    if (kind == MACHINE_NAMESPACES) {
        unconfigured_until_ms = idle_since_ms + CONFIGURE_TIMEOUT_MS;
    }
}

enum machine_kind machine_kind(void) {
    return the_kind;
}

bool machine_configured(void) {
    pthread_mutex_lock(&lock);
    bool result = configured;
    pthread_mutex_unlock(&lock);
    return result;
}

bool machine_set_configured(void) {
    pthread_mutex_lock(&lock);
    bool first = !configured;
    configured = true;
    pthread_mutex_unlock(&lock);
    return first;
}

void machine_set_idle_bound(uint32_t seconds) {
    pthread_mutex_lock(&lock);
    idle_bound_s = seconds;
    pthread_mutex_unlock(&lock);
    eventfd_write(wake_fd, 1);
}

void machine_request_begins(void) {
    pthread_mutex_lock(&lock);
    running_requests++;
    pthread_mutex_unlock(&lock);
}

void machine_request_ends(void) {
    pthread_mutex_lock(&lock);
    running_requests--;
    idle_since_ms = now_ms();
    bool watched = idle_bound_s > 0;
    pthread_mutex_unlock(&lock);
    if (watched) {
        eventfd_write(wake_fd, 1);
    }
}

void machine_power_off(void) {
    pthread_mutex_lock(&lock);
    powering_off = true;
    pthread_mutex_unlock(&lock);
    eventfd_write(wake_fd, 1);
}

/* Tells whether the machine must end, and if not, when that must be looked at again (negative: when something happens).
 */
static bool must_end(int64_t *look_again_ms) {
    pthread_mutex_lock(&lock);
    *look_again_ms = -1;
    if (idle_bound_s > 0 && running_requests == 0) {
        *look_again_ms = idle_since_ms + (int64_t)idle_bound_s * 1000;
        powering_off = powering_off || now_ms() >= *look_again_ms;
    }
    if (!configured && unconfigured_until_ms >= 0) {
        *look_again_ms = unconfigured_until_ms;
        powering_off = powering_off || now_ms() >= unconfigured_until_ms;
    }
    bool end = powering_off;
    pthread_mutex_unlock(&lock);
    return end;
}

void machine_wake(void) {
    eventfd_write(wake_fd, 1);
}

void machine_run(void) {
    for (;;) {
        reaper_sweep();
        int64_t look_again_ms;
        if (must_end(&look_again_ms)) {
            return;
        }
        int64_t freeze_ms = freeze_watch();
        if (freeze_ms >= 0 && (look_again_ms < 0 || freeze_ms < look_again_ms)) {
            look_again_ms = freeze_ms;
        }
        struct pollfd pollers[] = {{.fd = reaper_fd(), .events = POLLIN}, {.fd = wake_fd, .events = POLLIN}};
        poll(pollers, 2, poll_timeout(look_again_ms));
        eventfd_t dropped;
        eventfd_read(wake_fd, &dropped);
    }
}
