/* FREEZE and THAW, as far as they go without a file system of one's own: namespace_test and the tests with real
 * machines do the rest. */
#include "protocol_test.h"

static unsigned freeze(int fd, const char *path, uint32_t bound_ms) {
    request_start(&request, 9);
    request_text(&request, 1, path);
    request_u32(&request, 2, bound_ms);
    client_request(fd, &request);
    client_reply(fd, &reply);
    return reply_error(&reply);
}

static void bad_freezes_are_refused(void) {
    struct connection *connection = greeted();
    CHECK(freeze(connection->fd, "relative", 100) == ERROR_BAD_REQUEST);
    CHECK(freeze(connection->fd, "/", 100) == ERROR_NOT_FOUND);
    CHECK(freeze(connection->fd, base, 100) == ERROR_NOT_FOUND);
    CHECK(freeze(connection->fd, "/no/such/path", 100) == ERROR_NOT_FOUND);
    CHECK(freeze(connection->fd, base, 0) == ERROR_LIMIT);
    CHECK(freeze(connection->fd, base, 30001) == ERROR_LIMIT);
    request_start(&request, 10);
    client_request(connection->fd, &request);
    client_reply(connection->fd, &reply);
    CHECK(reply_error(&reply) == ERROR_BAD_REQUEST);
    /* The gate is open. */
    CHECK(prints(connection->fd, "echo on", "on\n"));
    disconnect(connection);
}

void test_freezes(void) {
    RUN(bad_freezes_are_refused);
}
