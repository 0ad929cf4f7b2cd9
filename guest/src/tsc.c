#include "tsc.h"

#include "clock.h"

#define WINDOW_NS 40000000
#define TRIES 32

/* A moment, as both clocks give it. */
struct moment {
    uint64_t ticks;
    int64_t ns;
};

/* Of several tries, the one in which reading the clock took the fewest ticks: it was not interrupted. */
static struct moment take_moment(void) {
    struct moment best = {0, 0};
    uint64_t best_width = UINT64_MAX;
    for (int i = 0; i < TRIES; i++) {
        uint64_t before = __builtin_ia32_rdtsc();
        int64_t ns = clock_ns(CLOCK_MONOTONIC_RAW);
        uint64_t width = __builtin_ia32_rdtsc() - before;
        if (width < best_width) {
            best_width = width;
            best.ticks = before + width / 2;
            best.ns = ns;
        }
    }
    return best;
}

uint64_t tsc_khz(void) {
    static const struct timespec window = {.tv_nsec = WINDOW_NS};
    struct moment first = take_moment();
    nanosleep(&window, NULL);
    struct moment last = take_moment();
    return (uint64_t)((double)(last.ticks - first.ticks) * 1e6 / (double)(last.ns - first.ns) + 0.5);
}
