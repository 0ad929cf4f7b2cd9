#include "terminal.h"

#include "abi.h"
#include "scope.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>

/* A process's erasing of a character must take all its bytes. */
static void know_utf8(int slave_fd) {
    struct termios modes;
    if (tcgetattr(slave_fd, &modes) == 0) {
        modes.c_iflag |= IUTF8;
        tcsetattr(slave_fd, TCSANOW, &modes);
    }
}

bool terminal_open(uint16_t columns, uint16_t rows, int *master_fd, int *slave_fd, struct error *error) {
    SCOPED_FD master = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    if (master < 0 || unlockpt(master) != 0) {
        return fail(error, ERROR_IO, errno, "cannot make a terminal: %s", strerror(errno));
    }
    /* By its descriptor: what stands at the slave's path is not the agent's to trust. */
    SCOPED_FD slave = ioctl(master, (int)ABI_TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (slave < 0) {
        return fail(error, ERROR_IO, errno, "cannot open a terminal: %s", strerror(errno));
    }
    know_utf8(slave);
    if (!terminal_resize(master, columns, rows, error)) {
        return false;
    }
    *master_fd = scope_take(&master);
    *slave_fd = scope_take(&slave);
    return true;
}

bool terminal_resize(int master_fd, uint16_t columns, uint16_t rows, struct error *error) {
    struct winsize size = {.ws_col = columns, .ws_row = rows};
    return ioctl(master_fd, TIOCSWINSZ, &size) == 0 ||
           fail(error, ERROR_IO, errno, "cannot set a terminal's size: %s", strerror(errno));
}

bool terminal_signal(int master_fd, int number, struct error *error) {
    pid_t group = 0;
    if (ioctl(master_fd, TIOCGPGRP, &group) != 0) {
        return fail(error, ERROR_IO, errno, "cannot find a terminal's foreground: %s", strerror(errno));
    }
    /* 0: all of that group have ended. 1 and the agent's own group can never be meant. */
    if (group <= 1 || group == getpgrp() || kill(-group, number) == 0 || errno == ESRCH) {
        return true;
    }
    return fail(error, ERROR_IO, errno, "cannot signal a terminal's foreground: %s", strerror(errno));
}
