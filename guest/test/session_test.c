/* Handshakes, frames and requests that are out of turn. */
#include "protocol_test.h"

#include <stdlib.h>

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
    CHECK(now_ms() - start >= FRAME_TIMEOUT_MS - 100 && now_ms() - start < PATIENCE_MS);
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

void test_sessions(void) {
    RUN(nothing_but_configure_before_configure);
    RUN(garbage_ends_the_session);
    RUN(requests_out_of_turn_end_the_session);
    RUN(bad_requests_are_answered);
    RUN(a_hello_ends_the_request_under_way);
    RUN(a_frame_that_stays_incomplete_ends_the_session);
    RUN(sessions_work_side_by_side);
}
