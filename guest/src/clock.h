/* Time since boot, for durations and deadlines. */
#ifndef PYRO_CLOCK_H
#define PYRO_CLOCK_H

#include <stdint.h>
#include <time.h>

static inline int64_t clock_ns(clockid_t clock) {
    struct timespec now;
    clock_gettime(clock, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static inline int64_t now_ms(void) {
    return clock_ns(CLOCK_MONOTONIC) / 1000000;
}

/* Turns a deadline into poll's time-out; a negative deadline means none. */
static inline int poll_timeout(int64_t deadline_ms) {
    if (deadline_ms < 0) {
        return -1;
    }
    int64_t left = deadline_ms - now_ms();
    return left <= 0 ? 0 : left > 1000000000 ? 1000000000 : (int)left;
}

#endif
