/* The whole agent as process 1 of a sandbox. Arguments: its socket, and the folder that holds its upper directory. */
#include "check.h"
#include "client.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define PATIENCE_S 20

int check_failures;

static struct reply reply;
static struct request request;
static const char *socket_path;

static int connect_once(void) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof address.sun_path, "%s", socket_path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address) != 0) {
        close(fd);
        return -1;
    }
    struct timeval patience = {.tv_sec = PATIENCE_S};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    return fd;
}

static int connect_agent(void) {
    for (int i = 0; i < PATIENCE_S * 100; i++) {
        int fd = connect_once();
        if (fd >= 0) {
            CHECK(client_hello(fd));
            return fd;
        }
        usleep(10000);
    }
    fprintf(stderr, "the agent does not listen on %s\n", socket_path);
    exit(1);
}

static bool out_is(const char *text) {
    return reply.out_length == strlen(text) && memcmp(reply.out, text, reply.out_length) == 0;
}

static void the_machine_is_configured(int fd) {
    static const uint8_t entropy[32];
    client_exec(fd, "true", &reply);
    CHECK(reply_error(&reply) == ERROR_NOT_CONFIGURED);
    request_start(&request, 1);
    request_u64(&request, 1, 1);
    request_bytes(&request, 2, entropy, sizeof entropy);
    request_text(&request, 3, "sandbox-1");
    request_text(&request, 4, "0123456789abcdef0123456789abcdef");
    request_text(&request, 8, "nameserver 192.0.2.1");
    request_text(&request, 8, "search example.org");
    request_u8(&request, 10, 1);
    client_request(fd, &request);
    client_reply(fd, &reply);
    CHECK(reply_error(&reply) == 0 && reply_number(&reply, 4) == 1);
    client_exec(fd, "hostname; cat /etc/hostname /etc/machine-id /etc/resolv.conf /etc/lower; [ $(date +%Y) -gt 2000 ]",
                &reply);
    CHECK(reply_number(&reply, 1) == 0);
    CHECK(out_is(
        "sandbox-1\nsandbox-1\n0123456789abcdef0123456789abcdef\nnameserver 192.0.2.1\nsearch example.org\nlower\n"));
    request_start(&request, 1);
    request_bytes(&request, 7, "\x18\x0a\0\0\2\x0a\0\0\1\x52\x54\0\x12\x34\x56", 15);
    client_request(fd, &request);
    client_reply(fd, &reply);
    CHECK(reply_error(&reply) == ERROR_IO);
    request_start(&request, 1);
    request_bytes(&request, 7, "\x18\x0a\0\0\2\x0a\0\0\1", 9); /* as in protocol 2: of which card? */
    client_request(fd, &request);
    client_reply(fd, &reply);
    CHECK(reply_error(&reply) == ERROR_BAD_REQUEST);
    request_start(&request, 1);
    request_text(&request, 9, "/elsewhere");
    client_request(fd, &request);
    client_reply(fd, &reply);
    CHECK(reply_error(&reply) == ERROR_NOT_FOUND);
}

/* In memory, with what the root has there. */
static void run_holds_what_the_root_has_there(int fd, const char *work) {
    char path[256];
    client_exec(fd,
                "stat -c '%n %u %g %a' /run /run/* && cat /var/run/app/pid && : > /run/app/new && "
                "grep -c ' /run tmpfs ' /proc/mounts && ulimit -Sn && [ $(ulimit -Hn) -ge 1024 ]",
                &reply);
    CHECK(reply_number(&reply, 1) == 0);
    CHECK(out_is("/run 0 0 755\n/run/app 0 0 2750\n/run/lock 0 0 1777\n17\n1\n1024\n"));
    snprintf(path, sizeof path, "%s/upper/upper/run/app/new", work);
    CHECK(access(path, F_OK) != 0);
}

static void the_workspace_is_the_hosts_folder(int fd, const char *work) {
    char path[256];
    request_start(&request, 1);
    request_text(&request, 9, "/workspace");
    client_request(fd, &request);
    client_reply(fd, &reply);
    CHECK(reply_error(&reply) == 0);
    client_exec(fd, "cd /workspace && ls -A && mkdir d && echo x > d/f && mv d e && pwd", &reply);
    CHECK(out_is("/workspace\n")); /* and what a killed machine left is gone */
    snprintf(path, sizeof path, "%s/workspace/e/f", work);
    CHECK(access(path, F_OK) == 0);
    request_start(&request, 3);
    request_text(&request, 1, "/workspace");
    request_text(&request, 2, "");
    request_u32(&request, 3, UINT32_MAX);
    request_u32(&request, 5, 10);
    client_request(fd, &request);
    client_reply(fd, &reply);
    CHECK(reply_number(&reply, 1) == 3);
    request_start(&request, 7);
    request_text(&request, 1, "/workspace");
    request_text(&request, 2, "");
    request_u64(&request, 3, 100);
    client_request(fd, &request);
    client_reply(fd, &reply);
    CHECK(reply_error(&reply) == 0 && reply_number(&reply, 1) == 3 && reply_number(&reply, 2) == 2);
    client_exec(fd, "umount /workspace || mv /workspace /other || rmdir /workspace", &reply);
    CHECK(reply_number(&reply, 1) != 0);
}

/* A tree as deep as any that the agent goes through, which a file is to replace: the recursion has room. */
static void a_deep_tree_is_gone_through(int fd) {
    static const uint8_t record[] = {1, 0, 0, 1, 0xa4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 'd', 'e', 'e', 'p'};
    client_exec(fd, "cd /workspace && p=deep && for i in $(seq 125); do p=$p/d; done && mkdir -p $p && touch $p/f",
                &reply);
    CHECK(reply_number(&reply, 1) == 0);
    request_start(&request, 11);
    request_text(&request, 1, "/workspace");
    request_text(&request, 2, "");
    request_u64(&request, 3, 0);
    client_request(fd, &request);
    client_input(fd, record, sizeof record);
    client_reply(fd, &reply);
    CHECK(reply_error(&reply) == ERROR_IS_A_DIRECTORY);
    client_exec(fd, "cd /workspace && [ -d deep ] && rm -rf deep && ls -A", &reply);
    CHECK(out_is("e\n"));
}

static void freeze(int fd, uint32_t bound_ms) {
    request_start(&request, 9);
    request_text(&request, 1, "/workspace");
    request_u32(&request, 2, bound_ms);
    client_request(fd, &request);
    client_reply(fd, &reply);
}

/* Thaws; returns whether it had lasted. */
static bool thaw(int fd) {
    request_start(&request, 10);
    client_request(fd, &request);
    client_reply(fd, &reply);
    CHECK(reply_error(&reply) == 0);
    return reply_number(&reply, 1) == 1;
}

/* Tells whether the counter of the host's folder stands. */
static bool stands(const char *path) {
    struct stat before;
    struct stat after;
    CHECK(stat(path, &before) == 0);
    usleep(200000);
    CHECK(stat(path, &after) == 0);
    return before.st_size == after.st_size;
}

static bool goes_on(const char *path) {
    for (int i = 0; i < PATIENCE_S * 5; i++) {
        if (!stands(path)) {
            return true;
        }
    }
    return false;
}

static void a_freeze_stops_everything_for_its_time(int fd, const char *work) {
    char path[256];
    snprintf(path, sizeof path, "%s/workspace/counter", work);
    int counting = connect_agent();
    request_start(&request, 2);
    request_text(
        &request, 1,
        "sleep 1000 & kill -STOP $!; echo $! > /tmp/stopped; "
        "for i in 1 2 3; do (setsid sh -c 'while :; do echo x >> /workspace/counter; done' &) ; done; sleep 1000");
    client_request(counting, &request);
    for (int i = 0; i < PATIENCE_S * 100 && access(path, F_OK) != 0; i++) {
        usleep(10000);
    }
    CHECK(goes_on(path));
    /* Until it is ended. */
    freeze(fd, 30000);
    CHECK(reply_error(&reply) == 0 && reply_number(&reply, 1) == 0 && reply_number(&reply, 2) == 0);
    CHECK(stands(path));
    int other = connect_agent();
    freeze(other, 100);
    CHECK(reply_error(&reply) == ERROR_IO);
    CHECK(thaw(fd));
    CHECK(goes_on(path));
    client_exec(fd, "grep State: /proc/$(cat /tmp/stopped)/status", &reply);
    CHECK(out_is("State:\tT (stopped)\n"));
    /* Until its bound is over, whatever the host does. */
    freeze(fd, 300);
    CHECK(reply_error(&reply) == 0 && goes_on(path));
    CHECK(!thaw(fd));
    /* Until its session ends. */
    freeze(other, 30000);
    CHECK(reply_error(&reply) == 0 && stands(path));
    close(other);
    CHECK(goes_on(path));
    /* What would change files or start a command waits. */
    other = connect_agent();
    freeze(other, 1000);
    CHECK(reply_error(&reply) == 0);
    client_exec(fd, "echo after", &reply);
    CHECK(out_is("after\n") && !thaw(other));
    close(other);
    close(counting);
}

/* Every command must fail. */
static void a_command_does_not_get_out(int fd) {
    static const char *const attempts[] = {
        "ls /lower",
        "ls /upper",
        "ls /socket",
        "ls /proc/1/root",
        "ls -l /proc/1/fd | grep -e '->'",
        "ls -l /proc/1/map_files | grep -e '->'",
        "cat /proc/1/environ",
        "kill -9 1; kill -0 1 && ls /lower",
        "mount -t tmpfs x /tmp",
        "umount /proc",
        "mount -o remount,rw /proc/sys",
        "cat /proc/sys/kernel/core_pattern > /tmp/was && cat /tmp/was > /proc/sys/kernel/core_pattern",
        "cat /proc/sys/kernel/hostname > /tmp/was && cat /tmp/was > /proc/sys/kernel/hostname",
        "hostname other",
        "mknod /tmp/null c 1 3",
        "unshare -m true",
        "unshare -U true",
        "grep -q 'NoNewPrivs:.*0' /proc/self/status",
        "ip link set lo down",
        "ip link add type dummy",
    };
    for (size_t i = 0; i < sizeof attempts / sizeof attempts[0]; i++) {
        client_exec(fd, attempts[i], &reply);
        if (reply_number(&reply, 1) == 0) {
            fprintf(stderr, "this worked: %s\n%.*s\n", attempts[i], (int)reply.out_length, reply.out);
            check_failures++;
        }
    }
    client_exec(fd, "grep CapEff /proc/self/status | cut -f2; grep CapBnd /proc/self/status | cut -f2", &reply);
    CHECK(out_is("00000000000405fb\n00000000000405fb\n"));
}

static void changes_stay_in_the_upper_directory(int fd, const char *work) {
    char path[256];
    struct stat status;
    client_exec(fd,
                "echo new > /etc/new && rm /etc/lower && ! test -e /etc/lower && mkdir -p /a/b && chown 0:0 /a/b && "
                "chmod 700 /a",
                &reply);
    CHECK(reply_number(&reply, 1) == 0);
    snprintf(path, sizeof path, "%s/upper/upper/etc/new", work);
    CHECK(stat(path, &status) == 0);
    snprintf(path, sizeof path, "%s/lower/etc/new", work);
    CHECK(stat(path, &status) != 0);
    snprintf(path, sizeof path, "%s/lower/etc/lower", work);
    CHECK(stat(path, &status) == 0);
}

static void the_socket_is_its_owners_alone(void) {
    struct stat status;
    CHECK(stat(socket_path, &status) == 0 && (status.st_mode & 0777) == 0600);
}

static void killing_everything_leaves_the_agent(int fd) {
    client_exec(fd, "sleep 100 & kill -9 -1; exit 0", &reply);
    CHECK(reply_error(&reply) == 0);
    client_exec(fd, "echo alive", &reply);
    CHECK(out_is("alive\n"));
}

static void a_fork_bomb_ends_with_its_time(int fd) {
    request_start(&request, 2);
    request_text(
        &request, 1,
        "for i in 1 2 3 4 5 6; do (setsid sh -c 'while :; do (sleep 100 &); sleep 0.01; done' &); done; sleep 100");
    request_u32(&request, 4, 500);
    client_request(fd, &request);
    client_reply(fd, &reply);
    CHECK(reply_number(&reply, 1) == 124);
    client_exec(fd, "ps | grep -c '[s]leep 100'", &reply);
    CHECK(out_is("0\n"));
}

static void job_request(uint16_t operation, uint8_t kind) {
    request_start(&request, operation);
    request_u8(&request, 1, kind);
    request_text(&request, 2, "it");
}

static unsigned ask(int fd) {
    client_request(fd, &request);
    client_reply(fd, &reply);
    return reply_error(&reply);
}

/* Reads a job from its beginning until the text has come. */
static bool job_writes(int fd, uint8_t kind, const char *text) {
    for (int i = 0; i < PATIENCE_S * 20; i++) {
        job_request(14, kind);
        request_u64(&request, 3, 0);
        request_u64(&request, 4, 0);
        request_u32(&request, 5, 1 << 20);
        request_u32(&request, 6, 0);
        if (ask(fd) != 0 || memmem(reply.out, reply.out_length, text, strlen(text)) != NULL) {
            return reply_error(&reply) == 0;
        }
        usleep(50000);
    }
    fprintf(stderr, "`%s` does not come; what came: %.*s\n", text, (int)reply.out_length, reply.out);
    return false;
}

/* Waits until a job's process has ended by itself. */
static bool job_ends(int fd, uint8_t kind) {
    for (int i = 0; i < PATIENCE_S * 20; i++) {
        job_request(14, kind);
        request_u64(&request, 3, 0);
        request_u64(&request, 4, 0);
        request_u32(&request, 5, 1);
        request_u32(&request, 6, 0);
        if (ask(fd) != 0 || reply_number(&reply, 20) == 2) {
            return reply_error(&reply) == 0;
        }
        usleep(50000);
    }
    return false;
}

static unsigned stop_job(int fd, uint8_t kind) {
    job_request(18, kind);
    request_u32(&request, 3, 300);
    request_u8(&request, 4, 1);
    return ask(fd);
}

/* The terminals of bubblewrap's /dev are usable in the new root, also without capabilities; there is only busybox. */
static void a_shell_has_a_terminal(int fd) {
    static const char line[] = "tty; stty size; grep -c NoNewPrivs:.1 /proc/self/status; ls -l /proc/self/fd/0; "
                               "trap '' HUP TERM; (setsid sleep 77 &); echo re''ady; while :; do sleep 1; done\n";
    job_request(12, 1);
    request_bytes(&request, 6, "\0\x50", 2);
    request_bytes(&request, 7, "\0\x18", 2);
    CHECK(ask(fd) == 0 && reply_number(&reply, 21) > 1);
    job_request(15, 1);
    client_request(fd, &request);
    client_input(fd, line, sizeof line - 1);
    client_reply(fd, &reply);
    CHECK(reply_number(&reply, 1) == sizeof line - 1);
    CHECK(job_writes(fd, 1, "ready\r\n") &&
          memmem(reply.out, reply.out_length, "/dev/pts/0\r\n24 80\r\n1\r\n", 22) != NULL);
    CHECK(stop_job(fd, 1) == 0 && reply_number(&reply, 22) == 137);
    client_exec(fd, "ps | grep -c '[s]leep 77'", &reply);
    CHECK(out_is("0\n"));
}

/* A service ends with all that it forks, however fast. */
static void a_service_is_ended_with_all_it_forks(int fd) {
    job_request(12, 2);
    request_text(&request, 3,
                 "for i in 1 2 3 4; do (setsid sh -c 'while :; do (sleep 88 &); sleep 0.01; done' &); done; "
                 "echo begun; sleep 100");
    CHECK(ask(fd) == 0 && job_writes(fd, 2, "begun\n"));
    CHECK(stop_job(fd, 2) == 0 && reply_number(&reply, 20) == 2);
    client_exec(fd, "ps | grep -c '[s]leep 88'", &reply);
    CHECK(out_is("0\n"));
}

/* One that kills its supervisor is known to have ended. */
static void a_service_that_kills_everything_has_ended(int fd) {
    job_request(12, 2);
    request_text(&request, 3, "echo begun; kill -9 -1");
    CHECK(ask(fd) == 0 && job_writes(fd, 2, "begun\n") && job_ends(fd, 2) && stop_job(fd, 2) == 0);
    CHECK(reply_number(&reply, 20) == 2 && reply_number(&reply, 23) == 9);
}

static void connections_beyond_the_bound_wait(void) {
    int fds[MAX_SESSIONS];
    for (int i = 0; i < MAX_SESSIONS - 1; i++) {
        fds[i] = connect_agent();
    }
    int waiting = connect_once();
    struct timeval soon = {.tv_usec = 300000};
    setsockopt(waiting, SOL_SOCKET, SO_RCVTIMEO, &soon, sizeof soon);
    CHECK(waiting >= 0 && !client_hello(waiting));
    close(fds[0]);
    struct timeval patience = {.tv_sec = PATIENCE_S};
    setsockopt(waiting, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    CHECK(client_hello(waiting));
    close(waiting);
    for (int i = 1; i < MAX_SESSIONS - 1; i++) {
        close(fds[i]);
    }
}

int main(int argc, char **argv) {
    if (argc != 3) {
        return 2;
    }
    fprintf(stderr, "the agent in namespaces\n");
    socket_path = argv[1];
    int fd = connect_agent();
    the_machine_is_configured(fd);
    run_holds_what_the_root_has_there(fd, argv[2]);
    the_workspace_is_the_hosts_folder(fd, argv[2]);
    a_deep_tree_is_gone_through(fd);
    a_freeze_stops_everything_for_its_time(fd, argv[2]);
    a_command_does_not_get_out(fd);
    changes_stay_in_the_upper_directory(fd, argv[2]);
    the_socket_is_its_owners_alone();
    killing_everything_leaves_the_agent(fd);
    a_fork_bomb_ends_with_its_time(fd);
    a_shell_has_a_terminal(fd);
    a_service_is_ended_with_all_it_forks(fd);
    a_service_that_kills_everything_has_ended(fd);
    connections_beyond_the_bound_wait();
    request_start(&request, 8);
    client_request(fd, &request);
    client_reply(fd, &reply);
    CHECK(reply_error(&reply) == 0);
    close(fd);
    return check_failures > 0;
}
