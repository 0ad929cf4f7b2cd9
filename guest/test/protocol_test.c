/*
 * A session over a socket pair, in this process, with real commands and files. The machine passes for a virtual one
 * that nothing is asked to configure, so that no test touches the host's clock, name or mounts.
 */
#include "protocol_test.h"

#include "machine.h"
#include "reaper.h"

#include <stdlib.h>
#include <sys/prctl.h>

int check_failures;

struct reply reply;
struct request request;
char base[] = "/tmp/pyro-agent-test-XXXXXX";

_Atomic bool test_threads_fail;

/* The linker puts these in each other's place. */
int __real_session_thread(void *(*run)(void *), void *argument);
int __wrap_session_thread(void *(*run)(void *), void *argument);

int __wrap_session_thread(void *(*run)(void *), void *argument) {
    return test_threads_fail ? EAGAIN : __real_session_thread(run, argument);
}

static void *serve(void *argument) {
    struct connection *connection = argument;
    session_serve(&connection->session, connection->agent_fd);
    close(connection->agent_fd);
    return NULL;
}

struct connection *connect_agent(void) {
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

void disconnect(struct connection *connection) {
    close(connection->fd);
    pthread_join(connection->thread, NULL);
    free(connection);
}

bool is_closed(int fd) {
    char dropped[4096];
    ssize_t got;
    while ((got = read(fd, dropped, sizeof dropped)) > 0) {
    }
    return got == 0 || (got < 0 && errno == ECONNRESET);
}

struct connection *greeted(void) {
    struct connection *connection = connect_agent();
    CHECK(client_hello(connection->fd));
    return connection;
}

void configure(int fd) {
    request_start(&request, 1);
    client_request(fd, &request);
    client_reply(fd, &reply);
    CHECK(reply_error(&reply) == 0);
}

bool out_is(const char *text) {
    return reply.out_length == strlen(text) && memcmp(reply.out, text, reply.out_length) == 0;
}

bool stops_changing(const char *path) {
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

void file_request(uint16_t operation, const char *path) {
    request_start(&request, operation);
    request_text(&request, 1, base);
    request_text(&request, 2, path);
}

bool prints(int fd, const char *command, const char *text) {
    char line[2048];
    snprintf(line, sizeof line, "cd %s && { %s; } 2>&1", base, command);
    client_exec(fd, line, &reply);
    if (out_is(text)) {
        return true;
    }
    fprintf(stderr, "%s\nprinted: %.*s\n", command, (int)reply.out_length, reply.out);
    return false;
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
    test_sessions();
    test_commands();
    test_files();
    test_changes();
    test_staged_imports();
    test_freezes();
    test_jobs();
    test_users();
    fprintf(stderr, "the_end_of_the_lease_ends_the_machine\n");
    the_end_of_the_lease_ends_the_machine(machine);
    char command[64];
    snprintf(command, sizeof command, "rm -rf %s", base);
    CHECK(system(command) != -1 || errno == ECHILD);
    return check_failures > 0;
}
