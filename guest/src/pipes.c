#include "pipes.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

bool pipes_make(int *read_end, int *write_end, struct error *error) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) {
        return fail(error, ERROR_IO, errno, "cannot make a pipe");
    }
    *read_end = ends[0];
    *write_end = ends[1];
    return true;
}

bool pipes_open_nothing(int *fd, struct error *error) {
    *fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    return *fd >= 0 || fail_errno(error, "cannot open", "/dev/null");
}

void pipes_set_nonblocking(int fd) {
    fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
}
