/*
 * The whole agent over a root that has next to nothing: no shell, no /etc, one program that needs no libraries, and
 * links and files where the machine has directories. Arguments: its socket.
 */
#include "check.h"
#include "client.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define PATIENCE_S 20

int check_failures;

static struct reply reply;
static struct request request;

static int connect_agent(const char *path) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    struct timeval patience = {.tv_sec = PATIENCE_S};
    snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
    for (int i = 0; i < PATIENCE_S * 100; i++) {
        int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof address) == 0) {
            setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
            CHECK(client_hello(fd));
            return fd;
        }
        close(fd);
        usleep(10000);
    }
    fprintf(stderr, "the agent does not listen on %s\n", path);
    exit(1);
}

static bool out_is(const char *text) {
    return reply.out_length == strlen(text) && memcmp(reply.out, text, reply.out_length) == 0;
}

static bool err_is(const char *text) {
    return reply.err_length == strlen(text) && memcmp(reply.err, text, reply.err_length) == 0;
}

static unsigned ask(int fd) {
    client_request(fd, &request);
    client_reply(fd, &reply);
    return reply_error(&reply);
}

/* Runs a command that has both forms; the arguments end with a NULL. */
static unsigned run(int fd, const char *const *arguments) {
    request_start(&request, 2);
    request_text(&request, 1, "the shell's form");
    request_text(&request, 3, "PATH=/nowhere:/tool");
    for (; *arguments != NULL; arguments++) {
        request_text(&request, 7, *arguments);
    }
    return ask(fd);
}

static void a_bare_root_is_configured(int fd) {
    request_start(&request, 1);
    request_text(&request, 3, "bare-1");
    request_text(&request, 4, "0123456789abcdef0123456789abcdef");
    request_text(&request, 8, "nameserver 192.0.2.1");
    request_text(&request, 9, "/workspace");
    CHECK(ask(fd) == 0);
    const char *const cat[] = {"busybox", "cat", "/etc/hostname", "/etc/resolv.conf", "/etc/hosts", NULL};
    CHECK(run(fd, cat) == 0);
    CHECK(out_is("bare-1\nnameserver 192.0.2.1\n127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost "
                 "ip6-loopback\n127.0.1.1\tbare-1\n"));
    const char *const stat[] = {"busybox", "stat", "-c",   "%n %F %a",   "/tmp",
                                "/etc",    "/dev", "/run", "/workspace", NULL};
    CHECK(run(fd, stat) == 0);
    CHECK(out_is("/tmp directory 1777\n/etc directory 755\n/dev directory 755\n/run directory 755\n/workspace "
                 "directory 755\n"));
}

static void arguments_stand_in_for_the_shell(int fd) {
    const char *const path[] = {"/tool/busybox", "echo", "a  b", "$HOME", NULL};
    const char *const missing[] = {"no-such-command", "x", NULL};
    const char *const directory[] = {"/tool", NULL};
    const char *const text[] = {"/tool/text", NULL};
    CHECK(run(fd, path) == 0 && out_is("a  b $HOME\n"));
    CHECK(run(fd, missing) == 0 && reply_number(&reply, 1) == 127 && err_is("no-such-command: not found\n"));
    CHECK(run(fd, directory) == 0 && reply_number(&reply, 1) == 126 && err_is("/tool: Permission denied\n"));
    CHECK(run(fd, text) == 0 && reply_number(&reply, 1) == 126);
    request_start(&request, 2);
    request_text(&request, 1, "echo");
    CHECK(ask(fd) == ERROR_NOT_EXECUTABLE);
    CHECK(strcmp(reply_message(&reply), "there is no `/bin/sh` in this machine: give a plain command") == 0);
    CHECK(run(fd, path) == 0);
}

static void jobs_do_without_a_shell(int fd) {
    request_start(&request, 12);
    request_u8(&request, 1, 1);
    request_text(&request, 2, "shell");
    request_bytes(&request, 6, "\0\120", 2);
    request_bytes(&request, 7, "\0\30", 2);
    CHECK(ask(fd) == ERROR_NOT_EXECUTABLE);
    CHECK(strcmp(reply_message(&reply), "there is no `/bin/sh` in this machine") == 0);
    request_start(&request, 12);
    request_u8(&request, 1, 2);
    request_text(&request, 2, "service");
    request_text(&request, 3, "the shell's form");
    request_text(&request, 4, "/tool");
    request_text(&request, 9, "/tool/busybox");
    request_text(&request, 9, "sleep");
    request_text(&request, 9, "100");
    CHECK(ask(fd) == 0 && reply_number(&reply, 20) == 1);
    /* Its arguments are no probe, and nobody waits for one that cannot run. */
    request_start(&request, 19);
    request_u8(&request, 1, 2);
    request_text(&request, 2, "service");
    request_u8(&request, 3, 4);
    request_text(&request, 4, "true");
    request_u32(&request, 5, 10);
    request_u32(&request, 6, 86400000);
    CHECK(ask(fd) == ERROR_NOT_EXECUTABLE);
    CHECK(strcmp(reply_message(&reply), "there is no `/bin/sh` in this machine, so that no readiness command can run: "
                                        "look for a port, a URL or a file instead") == 0);
    request_start(&request, 18);
    request_u8(&request, 1, 2);
    request_u32(&request, 3, 0);
    request_u8(&request, 4, 1);
    CHECK(ask(fd) == 0);
}

static void nobody_is_there_but_root(int fd) {
    static const char *const others[] = {"1000", "nobody"};
    request_start(&request, 2);
    request_text(&request, 1, "id");
    request_text(&request, 6, "root");
    request_text(&request, 7, "/tool/busybox");
    request_text(&request, 7, "id");
    request_text(&request, 7, "-u");
    CHECK(ask(fd) == 0 && out_is("0\n"));
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        request_start(&request, 2);
        request_text(&request, 1, "id");
        request_text(&request, 6, others[i]);
        CHECK(ask(fd) == ERROR_NO_SUCH_USER && strstr(reply_message(&reply), others[i]) != NULL);
    }
}

/* What cannot be written in /etc is left as it is, and the machine serves. */
static void an_etc_that_is_no_directory_is_left(int fd) {
    const char *const spoil[] = {"busybox", "mv", "/etc", "/other", NULL};
    const char *const file[] = {"busybox", "touch", "/etc", NULL};
    CHECK(run(fd, spoil) == 0 && reply_number(&reply, 1) == 0 && run(fd, file) == 0);
    request_start(&request, 1);
    request_text(&request, 3, "bare-2");
    request_text(&request, 8, "nameserver 192.0.2.2");
    CHECK(ask(fd) == 0);
    const char *const name[] = {"busybox", "hostname", NULL};
    CHECK(run(fd, name) == 0 && out_is("bare-2\n"));
}

int main(int argc, char **argv) {
    if (argc != 2) {
        return 2;
    }
    fprintf(stderr, "the agent over a bare root\n");
    int fd = connect_agent(argv[1]);
    a_bare_root_is_configured(fd);
    arguments_stand_in_for_the_shell(fd);
    jobs_do_without_a_shell(fd);
    nobody_is_there_but_root(fd);
    an_etc_that_is_no_directory_is_left(fd);
    request_start(&request, 8);
    CHECK(ask(fd) == 0);
    close(fd);
    return check_failures > 0;
}
