/*
 * A session over a socket pair, in this process, with real commands and files. The machine passes for a virtual one
 * that nothing is asked to configure, so that no test touches the host's clock, name or mounts.
 */
#include "check.h"
#include "client.h"
#include "clock.h"
#include "machine.h"
#include "reaper.h"
#include "session.h"
#include "tar_build.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

#define PATIENCE_MS 20000

int check_failures;

static struct reply reply;
static struct request request;
static char base[] = "/tmp/pyro-agent-test-XXXXXX";

/* One session in a thread; the test is the host at the other end. */
struct connection {
    int fd;
    int agent_fd;
    pthread_t thread;
    struct session session;
};

static void *serve(void *argument) {
    struct connection *connection = argument;
    session_serve(&connection->session, connection->agent_fd);
    close(connection->agent_fd);
    return NULL;
}

static struct connection *connect_agent(void) {
    struct connection *connection = malloc(sizeof *connection);
    int pair[2];
    if (connection == NULL || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0) {
        abort();
    }
    connection->fd = pair[0];
    connection->agent_fd = pair[1];
    fcntl(pair[1], F_SETFL, O_NONBLOCK);
    struct timeval patience = {.tv_sec = PATIENCE_MS / 1000};
    setsockopt(pair[0], SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    pthread_create(&connection->thread, NULL, serve, connection);
    return connection;
}

static void disconnect(struct connection *connection) {
    close(connection->fd);
    pthread_join(connection->thread, NULL);
    free(connection);
}

/* Tells whether the agent closes the connection, which it must do soon. */
static bool is_closed(int fd) {
    char dropped[4096];
    ssize_t got;
    while ((got = read(fd, dropped, sizeof dropped)) > 0) {
    }
    return got == 0 || (got < 0 && errno == ECONNRESET);
}

static struct connection *greeted(void) {
    struct connection *connection = connect_agent();
    CHECK(client_hello(connection->fd));
    return connection;
}

static void configure(int fd) {
    request_start(&request, 1);
    client_request(fd, &request);
    client_reply(fd, &reply);
    CHECK(reply_error(&reply) == 0);
}

static bool out_is(const char *text) {
    return reply.out_length == strlen(text) && memcmp(reply.out, text, reply.out_length) == 0;
}

/* A file that a process refreshes as long as it lives. */
static bool stops_changing(const char *path) {
    struct stat before;
    struct stat after;
    int64_t deadline = now_ms() + PATIENCE_MS;
    while (now_ms() < deadline) {
        if (stat(path, &before) != 0) {
            return true;
        }
        usleep(300000);
        if (stat(path, &after) == 0 && after.st_size == before.st_size) {
            return true;
        }
    }
    return false;
}

static void nothing_but_configure_before_configure(void) {
    struct connection *connection = greeted();
    client_exec(connection->fd, "true", &reply);
    CHECK(reply_error(&reply) == ERROR_NOT_CONFIGURED);
    request_start(&request, 5);
    client_request(connection->fd, &request);
    client_input(connection->fd, "abc", 3);
    client_reply(connection->fd, &reply);
    CHECK(reply_error(&reply) == ERROR_NOT_CONFIGURED);
    configure(connection->fd);
    CHECK(reply_number(&reply, 4) == 1);
    configure(connection->fd);
    CHECK(reply_number(&reply, 4) == 0);
    disconnect(connection);
}

static void garbage_ends_the_session(void) {
    static const char *const garbage[] = {"GET / HTTP/1.1\r\n\r\n", "\x10\0\0\0\xff\xff\xff\xff", "\x91\0\0\0\0\0\0\0"};
    for (size_t i = 0; i < sizeof garbage / sizeof garbage[0]; i++) {
        struct connection *connection = connect_agent();
        CHECK(send(connection->fd, garbage[i], 8, MSG_NOSIGNAL) == 8);
        shutdown(connection->fd, SHUT_RDWR);
        disconnect(connection);
        connection = greeted();
        CHECK(send(connection->fd, garbage[i], 8, MSG_NOSIGNAL) == 8);
        pthread_join(connection->thread, NULL);
        CHECK(is_closed(connection->fd));
        close(connection->fd);
        free(connection);
    }
}

static void requests_out_of_turn_end_the_session(void) {
    struct connection *connection = connect_agent();
    request_start(&request, 1);
    client_request(connection->fd, &request); /* before HELLO */
    CHECK(is_closed(connection->fd));
    disconnect(connection);
    connection = greeted();
    client_send(connection->fd, FRAME_DATA, "x", 1);
    CHECK(is_closed(connection->fd));
    disconnect(connection);
    connection = greeted();
    request_start(&request, 2);
    request_text(&request, 1, "sleep 100");
    client_request(connection->fd, &request);
    client_request(connection->fd, &request);
    CHECK(is_closed(connection->fd));
    disconnect(connection);
}

static void bad_requests_are_answered(void) {
    struct connection *connection = greeted();
    request_start(&request, 4711);
    client_request(connection->fd, &request);
    client_reply(connection->fd, &reply);
    CHECK(reply_error(&reply) == ERROR_BAD_REQUEST);
    request_start(&request, 2);
    client_request(connection->fd, &request);
    client_reply(connection->fd, &reply);
    CHECK(reply_error(&reply) == ERROR_BAD_REQUEST);
    request_start(&request, 2);
    request_text(&request, 1, "true");
    request_text(&request, 3, "=x");
    client_request(connection->fd, &request);
    client_reply(connection->fd, &reply);
    CHECK(reply_error(&reply) == ERROR_BAD_REQUEST);
    client_send(connection->fd, FRAME_REQUEST, "\0\2\0\1\0\0\xff\xff", 8);
    client_reply(connection->fd, &reply);
    CHECK(reply_error(&reply) == ERROR_BAD_REQUEST);
    client_exec(connection->fd, "echo alive", &reply);
    CHECK(out_is("alive\n"));
    disconnect(connection);
}

static void commands_end_in_every_way(void) {
    struct connection *connection = greeted();
    for (int code = 0; code < 256; code += 5) {
        char command[32];
        snprintf(command, sizeof command, "exit %d", code);
        client_exec(connection->fd, command, &reply);
        CHECK(reply_number(&reply, 1) == (uint64_t)code && reply_number(&reply, 4) == 0);
    }
    client_exec(connection->fd, "kill -9 $$", &reply);
    CHECK(reply_number(&reply, 1) == 137 && reply_number(&reply, 4) == 9 && reply_number(&reply, 2) == 0);
    client_exec(connection->fd, "no-such-command-at-all", &reply);
    CHECK(reply_number(&reply, 1) == 127 && reply.err_length > 0);
    client_exec(connection->fd, "/etc", &reply);
    CHECK(reply_number(&reply, 1) == 126);
    client_exec(connection->fd, "echo out; echo err >&2", &reply);
    CHECK(out_is("out\n") && reply.err_length == 4 && memcmp(reply.err, "err\n", 4) == 0);
    client_exec(connection->fd, "exec >&- 2>&-; sleep 0.1; exit 9", &reply);
    CHECK(reply_number(&reply, 1) == 9);
    disconnect(connection);
}

static void directory_and_environment_are_the_requests(void) {
    struct connection *connection = greeted();
    request_start(&request, 2);
    request_text(&request, 1,
                 "pwd; echo $A $TERM; umask; ls /proc/self/fd | wc -l; ps -o sid= $$ | tr -d ' '; echo $$");
    request_text(&request, 2, base);
    request_text(&request, 3, "A=b=c");
    request_text(&request, 3, "TERM=vt100");
    client_request(connection->fd, &request);
    client_reply(connection->fd, &reply);
    char expected[256];
    snprintf(expected, sizeof expected, "%s\nb=c vt100\n0022\n4\n", base);
    CHECK(reply.out_length > strlen(expected) && memcmp(reply.out, expected, strlen(expected)) == 0);
    request_start(&request, 2);
    request_text(&request, 1, "true");
    request_text(&request, 2, "/no/such/directory");
    client_request(connection->fd, &request);
    client_reply(connection->fd, &reply);
    CHECK(reply_error(&reply) == ERROR_NOT_FOUND && strstr(reply_message(&reply), "/no/such/directory") != NULL);
    disconnect(connection);
}

static void input_reaches_the_command(void) {
    static char text[3 << 20];
    struct connection *connection = greeted();
    memset(text, 'x', sizeof text);
    request_start(&request, 2);
    request_text(&request, 1, "wc -c | tr -d ' '");
    request_u8(&request, 5, 1);
    client_request(connection->fd, &request);
    client_input(connection->fd, text, sizeof text);
    client_reply(connection->fd, &reply);
    CHECK(out_is("3145728\n"));
    /* A command that does not read: what was sent is dropped, and the next request is served. */
    request_start(&request, 2);
    request_text(&request, 1, "exec <&-; echo done");
    request_u8(&request, 5, 1);
    client_request(connection->fd, &request);
    client_input(connection->fd, text, sizeof text);
    client_reply(connection->fd, &reply);
    CHECK(out_is("done\n"));
    client_exec(connection->fd, "cat", &reply);
    CHECK(out_is(""));
    disconnect(connection);
}

static void much_output_comes_complete(void) {
    struct connection *connection = greeted();
    client_exec(connection->fd, "head -c 50000000 /dev/zero; head -c 60000 /dev/zero >&2", &reply);
    CHECK(reply.out_length == 50000000 && reply.err_length == 60000);
    disconnect(connection);
}

static void what_a_command_leaves_behind_lives_on(void) {
    char command[512];
    char path[128];
    struct connection *connection = greeted();
    snprintf(path, sizeof path, "%s/left", base);
    snprintf(command, sizeof command, "echo a; (sleep 4; echo b; echo c > %s) & true", path);
    int64_t start = now_ms();
    client_exec(connection->fd, command, &reply);
    CHECK(now_ms() - start < 3900 && out_is("a\n"));
    disconnect(connection);
    for (int i = 0; i < PATIENCE_MS / 20 && access(path, F_OK) != 0; i++) {
        usleep(20000);
    }
    CHECK(access(path, F_OK) == 0);
}

/* A script that leaves processes which are hard to find: deaf to SIGTERM, in sessions of their own, without their
 * parents. */
static void hiding_script(char *script, size_t size, const char *mark) {
    snprintf(script, size,
             "trap '' TERM; echo begun; "
             "setsid sh -c 'trap \"\" TERM; while :; do echo x >> %s/%s; sleep 0.05; done' & "
             "(setsid sh -c '(while :; do echo x >> %s/%s; sleep 0.05; done) & exit' &) ; sleep 100",
             base, mark, base, mark);
}

static void a_time_out_kills_the_whole_tree(void) {
    char script[1024];
    char path[128];
    struct connection *connection = greeted();
    hiding_script(script, sizeof script, "timed");
    snprintf(path, sizeof path, "%s/timed", base);
    request_start(&request, 2);
    request_text(&request, 1, script);
    request_u32(&request, 4, 3000);
    client_request(connection->fd, &request);
    client_reply(connection->fd, &reply);
    CHECK(reply_number(&reply, 1) == 124 && reply_number(&reply, 2) == 1 && out_is("begun\n"));
    CHECK(reply_number(&reply, 3) >= 3500 * 1000000ULL);
    CHECK(access(path, F_OK) == 0 && stops_changing(path));
    /* One that ends when it is asked to is not killed. */
    request_start(&request, 2);
    request_text(&request, 1, "sleep 100");
    request_u32(&request, 4, 100);
    client_request(connection->fd, &request);
    client_reply(connection->fd, &reply);
    CHECK(reply_number(&reply, 1) == 124 && reply_number(&reply, 4) == 15);
    disconnect(connection);
}

static void the_end_of_the_session_kills_the_tree(void) {
    char script[1024];
    char path[128];
    struct connection *connection = greeted();
    hiding_script(script, sizeof script, "hung");
    snprintf(path, sizeof path, "%s/hung", base);
    request_start(&request, 2);
    request_text(&request, 1, script);
    client_request(connection->fd, &request);
    for (int i = 0; i < PATIENCE_MS / 20 && access(path, F_OK) != 0; i++) {
        usleep(20000);
    }
    disconnect(connection);
    CHECK(access(path, F_OK) == 0 && stops_changing(path));
}

static void a_hello_ends_the_request_under_way(void) {
    struct connection *connection = greeted();
    request_start(&request, 2);
    request_text(&request, 1, "yes");
    client_request(connection->fd, &request);
    CHECK(client_hello(connection->fd)); /* after a good deal of stale output */
    client_exec(connection->fd, "echo fresh", &reply);
    CHECK(out_is("fresh\n"));
    request_start(&request, 5);
    request_text(&request, 1, base);
    request_text(&request, 2, "never");
    client_request(connection->fd, &request);
    client_send(connection->fd, FRAME_DATA, "half", 4);
    CHECK(client_hello(connection->fd));
    char command[128];
    snprintf(command, sizeof command, "ls -A %s | grep -c -e never -e tmp$", base);
    client_exec(connection->fd, command, &reply);
    CHECK(out_is("0\n"));
    disconnect(connection);
}

static void a_frame_that_stays_incomplete_ends_the_session(void) {
    struct connection *connection = greeted();
    CHECK(send(connection->fd, "\x10\0\0", 3, MSG_NOSIGNAL) == 3);
    int64_t start = now_ms();
    CHECK(is_closed(connection->fd));
    CHECK(now_ms() - start >= FRAME_TIMEOUT_MS - 100 && now_ms() - start < FRAME_TIMEOUT_MS + 3000);
    disconnect(connection);
}

static void *run_many(void *argument) {
    (void)argument;
    struct reply *own = malloc(sizeof *own);
    struct request *own_request = malloc(sizeof *own_request);
    struct connection *connection = greeted();
    for (int i = 0; i < 30; i++) {
        request_start(own_request, 2);
        request_text(own_request, 1, "(exit 7) & wait $!; exit $?");
        client_request(connection->fd, own_request);
        client_reply(connection->fd, own);
        CHECK(reply_number(own, 1) == 7);
    }
    disconnect(connection);
    free(own_request);
    free(own);
    return NULL;
}

static void sessions_work_side_by_side(void) {
    pthread_t threads[MAX_SESSIONS];
    for (int i = 0; i < MAX_SESSIONS; i++) {
        pthread_create(&threads[i], NULL, run_many, NULL);
    }
    for (int i = 0; i < MAX_SESSIONS; i++) {
        pthread_join(threads[i], NULL);
    }
}

static void file_request(uint16_t operation, const char *path) {
    request_start(&request, operation);
    request_text(&request, 1, base);
    request_text(&request, 2, path);
}

static void write_file(int fd, const char *path, const char *content, bool make_parents) {
    file_request(5, path);
    request_u8(&request, 4, make_parents);
    client_request(fd, &request);
    client_input(fd, content, strlen(content));
    client_reply(fd, &reply);
}

static void read_file(int fd, const char *path) {
    file_request(4, path);
    request_u64(&request, 3, 0);
    request_u64(&request, 4, UINT64_MAX);
    client_request(fd, &request);
    client_reply(fd, &reply);
}

static void files_are_written_and_read(void) {
    struct connection *connection = greeted();
    char command[512];
    int fd = connection->fd;
    snprintf(command, sizeof command,
             "cd %s && mkdir d && ln -s /etc out && ln -s ../.. up && ln -s d/f l && ln -s %s/d back && mkfifo fifo",
             base, base);
    client_exec(fd, command, &reply);
    write_file(fd, "d/f", "first", false);
    CHECK(reply_error(&reply) == 0 && reply_number(&reply, 1) == 5 && reply_number(&reply, 2) == 1);
    write_file(fd, "l", "second", false);
    CHECK(reply_error(&reply) == 0 && reply_number(&reply, 2) == 0);
    read_file(fd, "back/f");
    CHECK(reply_error(&reply) == 0 && out_is("second"));
    write_file(fd, "x/y/z", "", false);
    CHECK(reply_error(&reply) == ERROR_NOT_FOUND);
    write_file(fd, "x/y/z", "deep", true);
    CHECK(reply_error(&reply) == 0);
    static const struct {
        const char *path;
        unsigned error;
    } cases[] = {{"out/passwd", ERROR_OUTSIDE},   {"up/etc/passwd", ERROR_OUTSIDE}, {"../x", ERROR_OUTSIDE},
                 {"/etc/passwd", ERROR_OUTSIDE},  {"d", ERROR_IS_A_DIRECTORY},      {"fifo", ERROR_IS_A_DIRECTORY},
                 {"d/f/g", ERROR_NOT_A_DIRECTORY}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        read_file(fd, cases[i].path);
        CHECK(reply_error(&reply) == cases[i].error);
        write_file(fd, cases[i].path, "evil", true);
        CHECK(reply_error(&reply) == cases[i].error);
    }
    read_file(fd, "nothing");
    CHECK(reply_error(&reply) == ERROR_NOT_FOUND);
    snprintf(command, sizeof command, "cd %s && chmod 0741 d/f && ls -A | grep -c tmp$", base);
    client_exec(fd, command, &reply);
    CHECK(out_is("0\n"));
    write_file(fd, "d/f", "third", false);
    snprintf(command, sizeof command, "stat -c %%a %s/d/f", base);
    client_exec(fd, command, &reply);
    CHECK(out_is("741\n"));
    disconnect(connection);
}

static void trees_are_walked(void) {
    struct connection *connection = greeted();
    file_request(3, "d");
    request_u32(&request, 3, UINT32_MAX);
    request_u8(&request, 4, 1);
    request_u32(&request, 5, 10);
    client_request(connection->fd, &request);
    client_reply(connection->fd, &reply);
    CHECK(reply_error(&reply) == 0 && reply_number(&reply, 1) == 2 && reply_number(&reply, 2) == 0);
    const uint8_t *entry = (const uint8_t *)reply.out;
    CHECK(entry[4] == 'd' && get_u16(entry + 37) == 0);
    entry += 4 + get_u32(entry);
    CHECK(entry[4] == 'f' && get_u32(entry + 5) == 0741 && get_u64(entry + 9) == 5 && get_u16(entry + 37) == 1);
    CHECK(entry[39] == 'f' && get_u16(entry + 40) == 0 && entry[42] == 32);
    file_request(3, "");
    request_u32(&request, 3, UINT32_MAX);
    request_u32(&request, 5, 3);
    client_request(connection->fd, &request);
    client_reply(connection->fd, &reply);
    CHECK(reply_number(&reply, 1) == 3 && reply_number(&reply, 2) == 1);
    disconnect(connection);
}

static struct archive archive;

static void import_archive(int fd, const char *path) {
    tar_end(&archive);
    file_request(6, path);
    request_u64(&request, 3, 100);
    request_u64(&request, 4, 100000);
    client_request(fd, &request);
    client_input(fd, archive.bytes, archive.length);
    client_reply(fd, &reply);
    archive.length = 0;
}

static void trees_are_imported_and_exported(void) {
    struct connection *connection = greeted();
    int fd = connection->fd;
    char command[512];
    snprintf(command, sizeof command, "mkdir %s/t && echo safe > %s/victim && ln -s .. %s/t/escape", base, base, base);
    client_exec(fd, command, &reply);
    tar_add(&archive, '5', "sub", "", NULL);
    tar_add(&archive, '0', "sub/f", "", "content");
    tar_add(&archive, '1', "sub/h", "sub/f", NULL);
    tar_add(&archive, '2', "sub/s", "../../victim", NULL);
    import_archive(fd, "t");
    CHECK(reply_error(&reply) == 0 || geteuid() != 0); /* only root can give files to root */
    if (geteuid() == 0) {
        CHECK(reply_number(&reply, 1) == 4 && reply_number(&reply, 2) == 7);
        tar_add(&archive, '0', "sub/s", "", "replaces the link, not what it leads to");
        import_archive(fd, "t");
        CHECK(reply_error(&reply) == 0);
    }
    tar_add(&archive, '0', "escape/victim", "", "evil");
    import_archive(fd, "t");
    CHECK(reply_error(&reply) == ERROR_BAD_ARCHIVE);
    tar_add(&archive, '1', "hard", "escape/victim", NULL);
    import_archive(fd, "t");
    CHECK(reply_error(&reply) == ERROR_BAD_ARCHIVE);
    read_file(fd, "victim");
    CHECK(out_is("safe\n"));
    file_request(7, "t");
    request_u64(&request, 3, 100000);
    client_request(fd, &request);
    client_reply(fd, &reply);
    CHECK(reply_error(&reply) == 0 && reply_number(&reply, 3) == 'd' && reply.out_length % TAR_BLOCK == 0);
    snprintf(command, sizeof command,
             "cd %s && mkdir u && tar -C u -xf - && diff -r --no-dereference t u/t && echo same", base);
    static char copy[1 << 20];
    size_t length = reply.out_length;
    memcpy(copy, reply.out, length);
    request_start(&request, 2);
    request_text(&request, 1, command);
    request_u8(&request, 5, 1);
    client_request(fd, &request);
    client_input(fd, copy, length);
    client_reply(fd, &reply);
    CHECK(out_is("same\n"));
    disconnect(connection);
}

static void *machine_thread(void *argument) {
    (void)argument;
    machine_run();
    return NULL;
}

/* The last test: when the session with the lease ends, the main loop returns. */
static void the_end_of_the_lease_ends_the_machine(pthread_t machine) {
    struct connection *connection = greeted();
    request_start(&request, 1);
    request_u8(&request, 5, 1);
    client_request(connection->fd, &request);
    client_reply(connection->fd, &reply);
    CHECK(reply_error(&reply) == 0);
    disconnect(connection);
    pthread_join(machine, NULL);
}

int main(void) {
    pthread_t machine;
    if (mkdtemp(base) == NULL) {
        return 2;
    }
    reaper_init();
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    machine_init(MACHINE_VIRTUAL);
    pthread_create(&machine, NULL, machine_thread, NULL);
    RUN(nothing_but_configure_before_configure);
    RUN(garbage_ends_the_session);
    RUN(requests_out_of_turn_end_the_session);
    RUN(bad_requests_are_answered);
    RUN(commands_end_in_every_way);
    RUN(directory_and_environment_are_the_requests);
    RUN(input_reaches_the_command);
    RUN(much_output_comes_complete);
    RUN(what_a_command_leaves_behind_lives_on);
    RUN(a_time_out_kills_the_whole_tree);
    RUN(the_end_of_the_session_kills_the_tree);
    RUN(a_hello_ends_the_request_under_way);
    RUN(a_frame_that_stays_incomplete_ends_the_session);
    RUN(sessions_work_side_by_side);
    RUN(files_are_written_and_read);
    RUN(trees_are_walked);
    RUN(trees_are_imported_and_exported);
    fprintf(stderr, "the_end_of_the_lease_ends_the_machine\n");
    the_end_of_the_lease_ends_the_machine(machine);
    char command[64];
    snprintf(command, sizeof command, "rm -rf %s", base);
    CHECK(system(command) != -1 || errno == ECHILD);
    return check_failures > 0;
}
