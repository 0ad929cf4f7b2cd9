/* CONFIGURE: gives a fresh machine, or a clone of a template, a past of its own. */
#include "abi.h"
#include "clock.h"
#include "disks.h"
#include "etc.h"
#include "machine.h"
#include "namespaces.h"
#include "network.h"
#include "scope.h"
#include "session.h"
#include "staging.h"
#include "wire.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>

enum {
    TAG_CLOCK = 1,
    TAG_ENTROPY = 2,
    TAG_HOST_NAME = 3,
    TAG_MACHINE_ID = 4,
    TAG_LEASE = 5,
    TAG_IDLE_BOUND = 6,
    TAG_NETWORK = 7,
    TAG_RESOLVER_LINE = 8,
    TAG_WORKSPACE = 9,
};

#define MIN_ENTROPY 32
#define MAX_ENTROPY 512
#define MAX_HOST_NAME 63
#define MACHINE_ID_DIGITS 32
#define MAX_RESOLVER_LINES 16
#define MAX_RESOLVER_BYTES 8192
#define NETWORK_SIZE (9 + NETWORK_CARD_ADDRESS)
#define MAX_CARDS 4
#define HOSTS "127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n127.0.1.1\t%s\n"

/* The clock and the kernel's generator of random numbers are the machine's own; in namespaces they are the host's, and
 * good. */
static bool set_clock(uint64_t wall_ns, struct error *error) {
    struct timespec time = {.tv_sec = (time_t)(wall_ns / 1000000000), .tv_nsec = (long)(wall_ns % 1000000000)};
    return clock_settime(CLOCK_REALTIME, &time) == 0 || fail_errno(error, "cannot set", "the clock");
}

static bool add_entropy(struct slice entropy, struct error *error) {
    if (entropy.length < MIN_ENTROPY || entropy.length > MAX_ENTROPY) {
        return fail(error, ERROR_BAD_REQUEST, 0, "%zu bytes of entropy, not %d to %d", entropy.length, MIN_ENTROPY,
                    MAX_ENTROPY);
    }
    if (machine_kind() != MACHINE_VIRTUAL) {
        return true;
    }
    struct {
        int bits;
        int bytes;
        uint8_t pool[MAX_ENTROPY];
    } request = {.bits = (int)entropy.length * 8, .bytes = (int)entropy.length};
    memcpy(request.pool, entropy.bytes, entropy.length);
    SCOPED_FD fd = open("/dev/urandom", O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return fail_errno(error, "cannot open", "/dev/urandom");
    }
    if (ioctl(fd, ABI_RNDADDENTROPY, &request) != 0 || ioctl(fd, ABI_RNDRESEEDCRNG) != 0) {
        return fail_errno(error, "cannot add entropy to", "/dev/urandom");
    }
    return true;
}

static bool set_host_name(struct slice value, struct error *error) {
    char name[MAX_HOST_NAME + 2];
    if (!slice_text(value, "host name", name, MAX_HOST_NAME + 1, error)) {
        return false;
    }
    size_t length = strlen(name);
    if (length == 0 || strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.") != length) {
        return fail(error, ERROR_BAD_REQUEST, 0, "the host name holds something else than letters, digits, - and .");
    }
    if (sethostname(name, length) != 0) {
        return fail_errno(error, "cannot set the host name", name);
    }
    char hosts[sizeof HOSTS + sizeof name];
    int hosts_length = snprintf(hosts, sizeof hosts, HOSTS, name);
    if (etc_is_empty("hosts")) {
        etc_write("hosts", hosts, (size_t)hosts_length);
    }
    name[length] = '\n';
    etc_write("hostname", name, length + 1);
    return true;
}

static bool set_machine_id(struct slice value, struct error *error) {
    char id[MACHINE_ID_DIGITS + 2];
    if (!slice_text(value, "machine id", id, MACHINE_ID_DIGITS + 1, error)) {
        return false;
    }
    if (strspn(id, "0123456789abcdef") != MACHINE_ID_DIGITS) {
        return fail(error, ERROR_BAD_REQUEST, 0, "the machine id is not %d lower-case hex digits", MACHINE_ID_DIGITS);
    }
    id[MACHINE_ID_DIGITS] = '\n';
    etc_write("machine-id", id, MACHINE_ID_DIGITS + 1);
    return true;
}

static bool set_resolver(const struct fields *request, struct error *error) {
    char text[MAX_RESOLVER_BYTES];
    size_t length = 0;
    size_t lines = 0;
    size_t cursor = 0;
    struct slice line;
    while (fields_next(request, TAG_RESOLVER_LINE, &cursor, &line)) {
        if (++lines > MAX_RESOLVER_LINES || line.length + 1 > sizeof text - length) {
            return fail(error, ERROR_LIMIT, 0, "more than %d resolver lines or %d bytes", MAX_RESOLVER_LINES,
                        MAX_RESOLVER_BYTES);
        }
        if (memchr(line.bytes, '\n', line.length) != NULL || memchr(line.bytes, 0, line.length) != NULL) {
            return fail(error, ERROR_BAD_REQUEST, 0, "a resolver line holds a newline or a NUL");
        }
        memcpy(text + length, line.bytes, line.length);
        length += line.length;
        text[length++] = '\n';
    }
    if (lines > 0) {
        etc_write("resolv.conf", text, length);
    }
    return true;
}

static bool set_network(const struct fields *request, struct error *error) {
    size_t cards = 0;
    size_t cursor = 0;
    struct slice value;
    while (fields_next(request, TAG_NETWORK, &cursor, &value)) {
        if (++cards > MAX_CARDS) {
            return fail(error, ERROR_LIMIT, 0, "more than %d network cards", MAX_CARDS);
        }
        if (value.length != NETWORK_SIZE || value.bytes[0] > 32) {
            return fail(error, ERROR_BAD_REQUEST, 0,
                        "a network is not a prefix length, an address, a gateway and a card's hardware address");
        }
        if (machine_kind() != MACHINE_VIRTUAL) {
            return fail(error, ERROR_IO, ENODEV, "there is no network card in namespaces");
        }
        if (!network_configure(value.bytes + 9, value.bytes[0], value.bytes + 1, value.bytes + 5, error)) {
            return false;
        }
    }
    return true;
}

static bool mount_workspace(struct slice value, struct error *error) {
    char path[MAX_PATH];
    if (!slice_text(value, "mount point", path, sizeof path, error)) {
        return false;
    }
    if (path[0] != '/') {
        return fail(error, ERROR_BAD_REQUEST, 0, "the mount point `%.200s` is not absolute", path);
    }
    if (machine_kind() != MACHINE_VIRTUAL) {
        if (!namespaces_have_workspace() || strcmp(path, NAMESPACES_WORKSPACE) != 0) {
            return fail(error, ERROR_NOT_FOUND, ENODEV, "no workspace is mounted at `%.200s`", path);
        }
    } else if (!disks_mount_workspace(path, error)) {
        return false;
    }
    SCOPED_FD fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd >= 0) {
        staging_sweep(fd); /* what a machine left that was killed, or a snapshot caught */
    }
    return true;
}

static bool apply(struct session *session, const struct fields *request, struct error *error) {
    bool present;
    uint64_t wall_ns;
    struct slice value;
    uint8_t flag;
    uint32_t seconds;
    bool virtual = machine_kind() == MACHINE_VIRTUAL;
    /* The lease first: whatever fails after it, the machine must not outlive its owner. */
    if (!fields_u8(request, TAG_LEASE, &flag, &present, error)) {
        return false;
    }
    if (present) {
        session->holds_lease = flag == 1;
    }
    if (!fields_u64(request, TAG_CLOCK, &wall_ns, &present, error) ||
        (present && virtual && !set_clock(wall_ns, error))) {
        return false;
    }
    if (!fields_bytes(request, TAG_ENTROPY, &value, &present, error) || (present && !add_entropy(value, error))) {
        return false;
    }
    if (!fields_bytes(request, TAG_HOST_NAME, &value, &present, error) || (present && !set_host_name(value, error))) {
        return false;
    }
    if (!fields_bytes(request, TAG_MACHINE_ID, &value, &present, error) || (present && !set_machine_id(value, error))) {
        return false;
    }
    if (!set_network(request, error) || !set_resolver(request, error)) {
        return false;
    }
    if (!fields_bytes(request, TAG_WORKSPACE, &value, &present, error) || (present && !mount_workspace(value, error))) {
        return false;
    }
    if (!fields_u32(request, TAG_IDLE_BOUND, &seconds, &present, error)) {
        return false;
    }
    if (present) {
        machine_set_idle_bound(seconds);
    }
    return true;
}

bool configure_operation(struct session *session, const struct fields *request, struct answer *answer,
                         struct error *error) {
    if (!apply(session, request, error)) {
        return false;
    }
    struct utsname names;
    uname(&names);
    answer_bytes(answer, 1, AGENT_VERSION, strlen(AGENT_VERSION));
    answer_bytes(answer, 2, names.release, strlen(names.release));
    answer_u64(answer, 3, (uint64_t)clock_ns(CLOCK_BOOTTIME));
    answer_u8(answer, 4, machine_set_configured());
    return true;
}
