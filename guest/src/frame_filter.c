#include "frame_filter.h"

#include "clock.h"
#include "host_addresses.h"
#include "host_socket.h"
#include "scope.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#define PROGRAM_FD 3
#define READY_TIMEOUT_MS 10000

/* QEMU and passt put the length of each frame before it, in four bytes. */
#define PREFIX 4
#define MAX_FRAME 65549 /* an IPv4 packet of the greatest length, and its Ethernet header */
#define BUFFER_BYTES (4 * (PREFIX + MAX_FRAME))

#define ETHERNET_HEADER 14
#define TYPE_IPV4 0x0800
#define TYPE_ARP 0x0806
#define ARP_BYTES 28
#define IPV4_MIN_HEADER 20

static uint16_t get_u16(const uint8_t *bytes) {
    return (uint16_t)(bytes[0] << 8 | bytes[1]);
}

static uint32_t get_u32(const uint8_t *bytes) {
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

/* "This host", the loopback, and everything that is not one host's: RFC 6890, RFC 5771 (multicast), RFC 1112
 * (reserved). */
static bool is_single_host(const uint8_t *address) {
    return address[0] != 0 && address[0] != 127 && address[0] < 224;
}

bool frame_filter_allows(const uint8_t *frame, size_t length, bool (*is_own)(const uint8_t *address)) {
    if (length < ETHERNET_HEADER) {
        return false;
    }
    const uint8_t *packet = frame + ETHERNET_HEADER;
    size_t rest = length - ETHERNET_HEADER;
    switch (get_u16(frame + 12)) {
    case TYPE_ARP:
        return rest >= ARP_BYTES;
    case TYPE_IPV4:
        return rest >= IPV4_MIN_HEADER && packet[0] >> 4 == 4 && is_single_host(packet + 12) &&
               is_single_host(packet + 16) && !is_own(packet + 16);
    default:
        return false;
    }
}

static bool write_all(int fd, const uint8_t *bytes, size_t length) {
    while (length > 0) {
        ssize_t written = send(fd, bytes, length, MSG_NOSIGNAL);
        if (written < 0 && errno == EINTR) {
            continue;
        }
        if (written <= 0) {
            return false;
        }
        bytes += written;
        length -= (size_t)written;
    }
    return true;
}

static ssize_t read_some(int fd, uint8_t *bytes, size_t length) {
    ssize_t got;
    do {
        got = read(fd, bytes, length);
    } while (got < 0 && errno == EINTR);
    return got;
}

/* Passes on the whole frames at the start of the buffer that are allowed; returns the bytes dealt with, or -1. */
static ssize_t pass_frames(int fd, const uint8_t *buffer, size_t length) {
    size_t done = 0;
    while (length - done >= PREFIX) {
        size_t frame = get_u32(buffer + done);
        if (frame == 0 || frame > MAX_FRAME) {
            return -1;
        }
        if (length - done < PREFIX + frame) {
            break;
        }
        if (frame_filter_allows(buffer + done + PREFIX, frame, host_addresses_have) &&
            !write_all(fd, buffer + done, PREFIX + frame)) {
            return -1;
        }
        done += PREFIX + frame;
    }
    return (ssize_t)done;
}

struct direction {
    int from;
    int to;
};

/* From the guest to passt. The end of either direction is the end of the process. */
static void *pass_out(void *argument) {
    static uint8_t buffer[BUFFER_BYTES];
    const struct direction *direction = argument;
    size_t filled = 0;
    for (;;) {
        ssize_t got = read_some(direction->from, buffer + filled, sizeof buffer - filled);
        if (got <= 0) {
            _exit(0);
        }
        filled += (size_t)got;
        ssize_t done = pass_frames(direction->to, buffer, filled);
        if (done < 0) {
            _exit(1);
        }
        filled -= (size_t)done;
        memmove(buffer, buffer + done, filled);
    }
}

/* From passt to the guest: what passt says is not the guest's choice. */
static void pass_in(const struct direction *direction) {
    static uint8_t buffer[BUFFER_BYTES];
    ssize_t got;
    while ((got = read_some(direction->from, buffer, sizeof buffer)) > 0 &&
           write_all(direction->to, buffer, (size_t)got)) {
    }
}

static int start_program(char **program, pid_t *pid) {
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0) {
        return -1;
    }
    *pid = fork();
    if (*pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (pair[1] == PROGRAM_FD) {
            fcntl(PROGRAM_FD, F_SETFD, 0);
        } else {
            dup2(pair[1], PROGRAM_FD);
        }
        syscall(SYS_close_range, PROGRAM_FD + 1, ~0U, 0);
        execv(program[0], program);
        perror(program[0]);
        _exit(127);
    }
    close(pair[1]);
    if (*pid < 0) {
        close(pair[0]);
        return -1;
    }
    return pair[0];
}

/* passt answers ARP as soon as it serves, and not before. */
static bool await_ready(int fd, const char *address, const char *gateway) {
    static const uint8_t our_mac[6] = {0x52, 0x54, 0x00, 0x12, 0x34, 0x56};
    uint8_t request[PREFIX + ETHERNET_HEADER + ARP_BYTES] = {0, 0, 0, ETHERNET_HEADER + ARP_BYTES};
    uint8_t *frame = request + PREFIX;
    memset(frame, 0xff, 6);
    memcpy(frame + 6, our_mac, 6);
    memcpy(frame + 12, "\x08\x06\x00\x01\x08\x00\x06\x04\x00\x01", 10);
    memcpy(frame + 22, our_mac, 6);
    if (inet_pton(AF_INET, address, frame + 28) != 1 || inet_pton(AF_INET, gateway, frame + 38) != 1 ||
        !write_all(fd, request, sizeof request)) {
        return false;
    }
    uint8_t answer[PREFIX + MAX_FRAME];
    size_t filled = 0;
    int64_t deadline = now_ms() + READY_TIMEOUT_MS;
    while (filled < PREFIX || filled < PREFIX + (size_t)get_u32(answer)) {
        struct pollfd poller = {.fd = fd, .events = POLLIN};
        int64_t left = deadline - now_ms();
        if (left <= 0 || (poll(&poller, 1, (int)left) < 0 && errno != EINTR)) {
            return false;
        }
        size_t wanted = filled < PREFIX ? PREFIX : PREFIX + (size_t)get_u32(answer);
        if (wanted > sizeof answer) {
            return false;
        }
        ssize_t got = read_some(fd, answer + filled, wanted - filled);
        if (got <= 0) {
            return false;
        }
        filled += (size_t)got;
    }
    return true;
}

int frame_filter_run(const char *socket_path, const char *address, const char *gateway, char **program) {
    pid_t pid;
    if (!host_addresses_watch()) {
        perror("cannot learn the host's addresses, which the guest must not reach");
        return 1;
    }
    SCOPED_FD outside = start_program(program, &pid);
    if (outside < 0) {
        perror("cannot start the network's program");
        return 1;
    }
    if (!await_ready(outside, address, gateway)) {
        int status;
        kill(pid, SIGKILL);
        waitpid(pid, &status, 0);
        fprintf(stderr, "%s did not begin to serve\n", program[0]);
        return 1;
    }
    SCOPED_FD listener = host_socket_listen(socket_path);
    SCOPED_FD inside = listener < 0 ? -1 : host_socket_accept_one(listener);
    if (inside < 0) {
        perror("no machine connected to the network");
        return 1;
    }
    static struct direction out;
    out = (struct direction){.from = inside, .to = outside};
    struct direction in = {.from = outside, .to = inside};
    pthread_t thread;
    if (pthread_create(&thread, NULL, pass_out, &out) != 0) {
        return 1;
    }
    pass_in(&in);
    return 0;
}
