/* EXEC, with real commands. */
#include "protocol_test.h"

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
    snprintf(command, sizeof command,
             "cd %s; echo a; (while [ ! -e leave ]; do sleep 0.02; done; echo b; echo c > left) & true", base);
    client_exec(connection->fd, command, &reply);
    CHECK(out_is("a\n") && access(path, F_OK) != 0);
    CHECK(prints(connection->fd, "touch leave", ""));
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

void test_commands(void) {
    RUN(commands_end_in_every_way);
    RUN(directory_and_environment_are_the_requests);
    RUN(input_reaches_the_command);
    RUN(much_output_comes_complete);
    RUN(what_a_command_leaves_behind_lives_on);
    RUN(a_time_out_kills_the_whole_tree);
    RUN(the_end_of_the_session_kills_the_tree);
}
