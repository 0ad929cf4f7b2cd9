/*
 * Tests over a session in this process. Each file's tests share a folder, one machine, and what the last request and
 * reply were.
 */
#ifndef PYRO_PROTOCOL_TEST_H
#define PYRO_PROTOCOL_TEST_H

#include "check.h"
#include "client.h"
#include "clock.h"
#include "session.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define PATIENCE_MS 20000

/* One session in a thread; the test is the host at the other end. */
struct connection {
    int fd;
    int agent_fd;
    pthread_t thread;
    struct session session;
};

extern struct reply reply;
extern struct request request;
extern char base[]; /* the tests' folder */

extern _Atomic bool test_threads_fail; /* no thread can be started */

struct connection *connect_agent(void);
void disconnect(struct connection *connection);

/* Connects and shakes hands. */
struct connection *greeted(void);

/* Tells whether the agent closes the connection, which it must do soon. */
bool is_closed(int fd);

void configure(int fd);

/* Tells whether this is what came on the standard output or the stream. */
bool out_is(const char *text);

/* Runs a command in the tests' folder; tells whether this is what it prints. */
bool prints(int fd, const char *command, const char *text);

/* Tells whether a file that a process refreshes stays as it is, which it must do soon. */
bool stops_changing(const char *path);

/* Begins a request with a path below the tests' folder. */
void file_request(uint16_t operation, const char *path);

void test_sessions(void);
void test_commands(void);
void test_files(void);
void test_changes(void);
void test_staged_imports(void);
void test_freezes(void);
void test_jobs(void);
void test_users(void);

#endif
