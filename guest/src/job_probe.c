/* JOB_PROBE: waits until a service is ready. Every look is non-blocking and has its bound. */
#include "clock.h"
#include "exit_status.h"
#include "freeze.h"
#include "job_request.h"
#include "probe_target.h"
#include "scope.h"
#include "session.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { TAG_KIND = 3, TAG_TARGET, TAG_INTERVAL, TAG_TIMEOUT };

#define MIN_INTERVAL_MS 10
#define MAX_INTERVAL_MS 60000
#define MAX_TIMEOUT_MS 86400000
#define CONNECTION_MS 5000
#define MAX_STATUS_LINE 64

enum probe_kind { PROBE_STILL_RUNNING, PROBE_FILE, PROBE_TCP, PROBE_HTTP, PROBE_COMMAND, PROBE_KINDS };
enum outcome { READY = 1, ENDED = 2, TIMED_OUT = 3 };

struct probe {
    struct session *session;
    struct job *job;
    struct watch watch;
    enum probe_kind kind;
    char *text;
    struct probe_target target;
    char request[PROBE_MAX_REQUEST];
    uint32_t interval_ms;
    int64_t deadline_ms;
};

/* Looks once. *ready tells what was found; fails when the session is over, or when no look can ever find anything. */
typedef bool look(struct probe *probe, bool *ready, struct error *error);

/*
 * Waits for a descriptor, if it is not negative. *over tells that it is not ready, because the deadline is over or the
 * service has ended.
 */
static bool await(struct probe *probe, int fd, short events, int64_t deadline_ms, bool *over, struct error *error) {
    struct pollfd others[] = {{.fd = probe->watch.event_fd, .events = POLLIN}, {.fd = fd, .events = events}};
    if (!channel_wait(&probe->session->channel, false, others, 2, deadline_ms, error)) {
        return false;
    }
    *over = others[1].revents == 0;
    return true;
}

static bool look_at_nothing(struct probe *probe, bool *ready, struct error *error) {
    (void)error;
    *ready = now_ms() >= probe->deadline_ms;
    return true;
}

static bool look_at_file(struct probe *probe, bool *ready, struct error *error) {
    (void)error;
    *ready = access(probe->text, F_OK) == 0;
    return true;
}

/* Connects to one address; *fd is negative when nobody answers. */
static bool connect_to(struct probe *probe, const union probe_address *address, int64_t deadline_ms, int *fd,
                       struct error *error) {
    SCOPED_FD connection = socket(address->any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    *fd = -1;
    if (connection < 0) {
        return true;
    }
    bool over = false;
    int problem = connect(connection, &address->any, probe_address_length(address)) == 0 ? 0 : errno;
    if (problem == EINPROGRESS) {
        socklen_t size = sizeof problem;
        if (!await(probe, connection, POLLOUT, deadline_ms, &over, error)) {
            return false;
        }
        getsockopt(connection, SOL_SOCKET, SO_ERROR, &problem, &size);
    }
    if (problem == 0 && !over) {
        *fd = scope_take(&connection);
    }
    return true;
}

static bool connect_to_any(struct probe *probe, int64_t deadline_ms, int *fd, struct error *error) {
    *fd = -1;
    for (int i = 0; i < probe->target.count && *fd < 0; i++) {
        if (!connect_to(probe, &probe->target.addresses[i], deadline_ms, fd, error)) {
            return false;
        }
    }
    return true;
}

static int64_t connection_deadline(const struct probe *probe) {
    int64_t deadline_ms = now_ms() + CONNECTION_MS;
    return deadline_ms < probe->deadline_ms ? deadline_ms : probe->deadline_ms;
}

static bool look_at_port(struct probe *probe, bool *ready, struct error *error) {
    SCOPED_FD fd = -1;
    bool looked = connect_to_any(probe, connection_deadline(probe), &fd, error);
    *ready = fd >= 0;
    return looked;
}

/* Reads a status line; *status stays below 1 when none comes. */
static bool read_status(struct probe *probe, int fd, int64_t deadline_ms, int *status, struct error *error) {
    char line[MAX_STATUS_LINE];
    size_t length = 0;
    bool over = false;
    while (*status == 0 && !over && length < sizeof line) {
        ssize_t got = read(fd, line + length, sizeof line - length);
        if (got > 0) {
            length += (size_t)got;
            *status = probe_http_status(line, length);
        } else if (got == 0 || (errno != EAGAIN && errno != EINTR)) {
            return true;
        } else if (!await(probe, fd, POLLIN, deadline_ms, &over, error)) {
            return false;
        }
    }
    return true;
}

static bool look_at_url(struct probe *probe, bool *ready, struct error *error) {
    int64_t deadline_ms = connection_deadline(probe);
    int status = 0;
    SCOPED_FD fd = -1;
    if (!connect_to_any(probe, deadline_ms, &fd, error)) {
        return false;
    }
    /* A request is so short that a fresh connection takes all of it. */
    size_t length = strlen(probe->request);
    if (fd >= 0 && send(fd, probe->request, length, MSG_NOSIGNAL) == (ssize_t)length &&
        !read_status(probe, fd, deadline_ms, &status, error)) {
        return false;
    }
    *ready = status >= 200 && status <= 399;
    return true;
}

/* Waits for the command's end; *status is that of one that was killed when it does not come. */
static bool await_command(struct probe *probe, struct process_tree *tree, int *status, struct error *error) {
    bool over = false;
    while (!over && !process_tree_ended(tree, status)) {
        *status = SIGKILL;
        if (!await(probe, process_tree_fd(tree), POLLIN, probe->deadline_ms, &over, error)) {
            return false;
        }
    }
    return true;
}

/* A command that cannot be started is a look that found nothing, but without a shell none ever will be. */
static bool mind_start(const struct error *start_error, struct error *error) {
    if (start_error->code != ERROR_NOT_EXECUTABLE || start_error->os_error == EAGAIN ||
        start_error->os_error == ENOMEM) {
        return true;
    }
    if (start_error->os_error == ENOENT) {
        return fail(error, ERROR_NOT_EXECUTABLE, ENOENT,
                    "there is no `%s` in this machine, so that no readiness command can run: "
                    "look for a port, a URL or a file instead",
                    COMMAND_SHELL);
    }
    *error = *start_error;
    return false;
}

static bool look_with_command(struct probe *probe, bool *ready, struct error *error) {
    *ready = false;
    SCOPED_FD nothing = open("/dev/null", O_RDWR | O_CLOEXEC);
    const int std_fds[3] = {nothing, nothing, nothing};
    struct command command = probe->job->command;
    command.text = probe->text;
    command.arguments = NULL; /* they are the service's own */
    struct process_tree tree;
    struct error start_error;
    freeze_gate_enter();
    bool started = command_start(&command, std_fds, &tree, NULL, &start_error);
    freeze_gate_leave();
    if (!started) {
        return mind_start(&start_error, error);
    }
    int status = SIGKILL;
    bool looked = await_command(probe, &tree, &status, error);
    process_tree_kill(&tree); /* nor may it leave anything behind */
    process_tree_release(&tree);
    *ready = exit_code(status) == 0;
    return looked;
}

static look *const looks[PROBE_KINDS] = {look_at_nothing, look_at_file, look_at_port, look_at_url, look_with_command};

/* Looks again and again until it is known how it stands. */
static bool find_out(struct probe *probe, enum outcome *outcome, struct error *error) {
    for (;;) {
        bool ready;
        bool over;
        if (!looks[probe->kind](probe, &ready, error)) {
            return false;
        }
        if (job_has_ended(probe->job)) {
            *outcome = ENDED; /* also when somebody else has answered in its place */
            return true;
        }
        if (ready || now_ms() >= probe->deadline_ms) {
            *outcome = ready ? READY : TIMED_OUT;
            return true;
        }
        int64_t next_ms = probe->kind == PROBE_STILL_RUNNING ? probe->deadline_ms : now_ms() + probe->interval_ms;
        if (!await(probe, -1, 0, next_ms < probe->deadline_ms ? next_ms : probe->deadline_ms, &over, error)) {
            return false;
        }
    }
}

static bool parse_target(struct probe *probe, const struct fields *request, struct error *error) {
    struct slice value;
    bool present;
    if (!fields_bytes(request, TAG_TARGET, &value, &present, error) || !fields_need(present, TAG_TARGET, error)) {
        return false;
    }
    size_t most = probe->kind == PROBE_COMMAND ? MAX_COMMAND : MAX_PATH;
    size_t capacity = value.length < most ? value.length + 1 : most + 1;
    probe->text = malloc(capacity);
    if (probe->text == NULL) {
        return fail(error, ERROR_IO, ENOMEM, "no memory for a probe");
    }
    if (!slice_text(value, "target of a probe", probe->text, capacity, error)) {
        return false;
    }
    switch (probe->kind) {
    case PROBE_FILE:
        return probe->text[0] == '/' ||
               fail(error, ERROR_BAD_REQUEST, 0, "the path `%.200s` is not absolute", probe->text);
    case PROBE_TCP:
        return probe_parse_address(probe->text, &probe->target, error);
    case PROBE_HTTP:
        return probe_parse_url(probe->text, &probe->target, probe->request, error);
    default:
        return true;
    }
}

static bool parse(struct probe *probe, const struct fields *request, struct error *error) {
    uint8_t kind = 0;
    uint32_t timeout_ms;
    bool present;
    if (!fields_u8(request, TAG_KIND, &kind, &present, error) || !fields_need(present, TAG_KIND, error)) {
        return false;
    }
    if (kind >= PROBE_KINDS) {
        return fail(error, ERROR_BAD_REQUEST, 0, "%u is no kind of probe", kind);
    }
    probe->kind = (enum probe_kind)kind;
    if (!job_request_number(request, TAG_INTERVAL, MIN_INTERVAL_MS, MAX_INTERVAL_MS, &probe->interval_ms, error) ||
        !job_request_number(request, TAG_TIMEOUT, 1, MAX_TIMEOUT_MS, &timeout_ms, error)) {
        return false;
    }
    probe->deadline_ms = now_ms() + timeout_ms;
    return probe->kind == PROBE_STILL_RUNNING || parse_target(probe, request, error);
}

bool job_probe_operation(struct session *session, const struct fields *request, struct answer *answer,
                         struct error *error) {
    struct probe probe = {.session = session, .text = NULL};
    enum outcome outcome = TIMED_OUT;
    if (!job_request_job_of(request, JOB_SERVICE, &probe.job, error)) {
        return false;
    }
    bool done = parse(&probe, request, error) && job_watch(probe.job, &probe.watch, JOB_NEWS_OF_END, error);
    if (done) {
        done = find_out(&probe, &outcome, error);
        job_unwatch(probe.job, &probe.watch);
    }
    free(probe.text);
    if (done) {
        answer_u8(answer, 1, (uint8_t)outcome);
        answer_u64(answer, 2, (uint64_t)clock_ns(CLOCK_REALTIME));
        job_answer_state(probe.job, answer);
    }
    job_drop(probe.job);
    return done;
}
