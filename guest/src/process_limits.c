#include "process_limits.h"

#include "scope.h"

#include <fcntl.h>
#include <string.h>
#include <sys/resource.h>

#define USUAL_DESCRIPTORS 1024
#define MOST_DESCRIPTORS 524288

void process_limits_set_descriptors(void) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) {
        return;
    }
    const struct rlimit wanted = {.rlim_cur = USUAL_DESCRIPTORS, .rlim_max = MOST_DESCRIPTORS};
    if (limit.rlim_max >= MOST_DESCRIPTORS || setrlimit(RLIMIT_NOFILE, &wanted) != 0) {
        limit.rlim_cur = limit.rlim_max < USUAL_DESCRIPTORS ? limit.rlim_max : USUAL_DESCRIPTORS;
        (void)setrlimit(RLIMIT_NOFILE, &limit);
    }
}

/* A kernel that does not know it keeps its own way. */
static void set(const char *path, const char *value) {
    SCOPED_FD fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd >= 0) {
        (void)!write(fd, value, strlen(value));
    }
}

void process_limits_open_kernel(void) {
    static const struct rlimit none = {.rlim_cur = RLIM_INFINITY, .rlim_max = RLIM_INFINITY};
    (void)setrlimit(RLIMIT_NPROC, &none);
    set("/proc/sys/net/ipv4/ip_unprivileged_port_start", "0");
    set("/proc/sys/net/ipv4/ping_group_range", "0 2147483647");
}
