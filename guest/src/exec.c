/* EXEC: runs a command and carries its output, and its input, until it ends. */
#include "channel.h"
#include "clock.h"
#include "command.h"
#include "drain.h"
#include "exit_status.h"
#include "freeze.h"
#include "pipes.h"
#include "scope.h"
#include "session.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>

#define PIPE_SIZE (1024 * 1024)
#define TERM_GRACE_MS 500
#define TERM_LOOK_MS 10
#define STATUS_WAIT_MS 1000
#define TIMED_OUT_CODE 124

enum { TAG_TIMEOUT = 4, TAG_INPUT = 5 };

struct exec_request {
    struct command command;
    uint32_t timeout_ms; /* 0: none */
    bool has_input;
};

enum phase {
    RUNNING,     /* the command runs */
    TERMINATING, /* its time is over: it was asked to end */
    DRAINING     /* it has ended: what is left in its pipes is read */
};

struct output {
    int fd;
    enum frame_type type;
    size_t left; /* how much is still to be read when draining */
};

struct execution {
    struct session *session;
    struct process_tree tree;
    enum phase phase;
    struct output outputs[2];
    int input_fd;
    struct slice input; /* what the command has not taken yet of the last input frame */
    bool sending;       /* a frame is on its way out */
    bool timed_out;
    bool ended;
    int status;
    int64_t started_ns;
    int64_t ended_ns;
    int64_t deadline_ms; /* of the phase; negative: none */
};

/* A pipe, big enough that neither side waits for the other all the time. */
static bool make_pipe(int *read_end, int *write_end, struct error *error) {
    if (!pipes_make(read_end, write_end, error)) {
        return false;
    }
    fcntl(*read_end, F_SETPIPE_SZ, PIPE_SIZE); /* where that is not allowed, the usual size must do */
    return true;
}

static bool start(struct execution *execution, const struct exec_request *request, struct error *error) {
    SCOPED_FD in = -1;
    SCOPED_FD out = -1;
    SCOPED_FD err = -1;
    if (request->has_input) {
        if (!make_pipe(&in, &execution->input_fd, error)) {
            return false;
        }
        pipes_set_nonblocking(execution->input_fd);
    } else if (!pipes_open_nothing(&in, error)) {
        return false;
    }
    if (!make_pipe(&execution->outputs[0].fd, &out, error) || !make_pipe(&execution->outputs[1].fd, &err, error)) {
        return false;
    }
    pipes_set_nonblocking(execution->outputs[0].fd);
    pipes_set_nonblocking(execution->outputs[1].fd);
    execution->started_ns = clock_ns(CLOCK_MONOTONIC);
    const int std_fds[3] = {in, out, err};
    freeze_gate_enter();
    bool started = command_start(&request->command, std_fds, &execution->tree, NULL, error);
    freeze_gate_leave();
    return started;
}

/* Reads a piece of output and begins to send it. */
static void carry_output(struct execution *execution, struct output *output) {
    size_t wanted = OUTPUT_CHUNK;
    if (execution->phase == DRAINING && output->left < wanted) {
        wanted = output->left;
    }
    ssize_t got = wanted == 0 ? 0 : read(output->fd, channel_payload(&execution->session->channel), wanted);
    if (got > 0) {
        if (execution->phase == DRAINING) {
            output->left -= (size_t)got;
        }
        channel_begin(&execution->session->channel, output->type, (size_t)got);
        execution->sending = true;
    } else if (execution->phase == DRAINING) {
        drain_adopt(scope_take(&output->fd)); /* all that counts has been read */
    } else if (got == 0 || (errno != EAGAIN && errno != EINTR)) {
        scope_drop(&output->fd);
    }
}

/* Gives the command what it takes of the input. When it has closed its end, the rest is dropped. */
static void carry_input(struct execution *execution) {
    while (execution->input.length > 0 && execution->input_fd >= 0) {
        ssize_t taken = write(execution->input_fd, execution->input.bytes, execution->input.length);
        if (taken > 0) {
            execution->input.bytes += taken;
            execution->input.length -= (size_t)taken;
        } else if (taken < 0 && errno == EAGAIN) {
            return;
        } else if (taken >= 0 || errno != EINTR) {
            scope_drop(&execution->input_fd);
        }
    }
    execution->input.length = 0;
}

/* Takes the frames that have come from the host, as long as the command takes what is in them. */
static bool receive(struct execution *execution, struct error *error) {
    struct session *session = execution->session;
    while (execution->input.length == 0) {
        struct frame frame;
        switch (channel_receive(&session->channel, &frame)) {
        case CHANNEL_BLOCKED:
            return true;
        case CHANNEL_OVER:
            return fail_session(error);
        case CHANNEL_READY:
            break;
        }
        if (!session->input_open || (frame.type != FRAME_DATA && frame.type != FRAME_END)) {
            return session_interrupted(session, &frame, error);
        }
        if (frame.type == FRAME_END) {
            session->input_open = false;
            scope_drop(&execution->input_fd);
        } else {
            execution->input.bytes = frame.payload;
            execution->input.length = frame.length;
            carry_input(execution);
        }
    }
    return true;
}

/* The command has ended: from now on only what it left in the pipes counts. */
static void begin_draining(struct execution *execution) {
    execution->ended_ns = clock_ns(CLOCK_MONOTONIC);
    execution->phase = DRAINING;
    execution->deadline_ms = -1;
    for (int i = 0; i < 2; i++) {
        struct output *output = &execution->outputs[i];
        int available = 0;
        if (output->fd >= 0 && ioctl(output->fd, FIONREAD, &available) == 0 && available > 0) {
            output->left = (size_t)available;
        } else if (output->fd >= 0) {
            drain_adopt(scope_take(&output->fd));
        }
    }
}

/* All of the tree is gone; how the command itself ended is known in a moment. */
static void await_status(struct execution *execution) {
    struct pollfd poller = {.fd = process_tree_fd(&execution->tree), .events = POLLIN};
    if (!execution->ended) {
        poll(&poller, 1, STATUS_WAIT_MS);
        execution->ended = process_tree_ended(&execution->tree, &execution->status);
    }
    if (!execution->ended) {
        execution->status = SIGKILL;
    }
}

/* Looks at the command and at the clock. */
static void advance(struct execution *execution) {
    if (!execution->ended && execution->phase != DRAINING) {
        execution->ended = process_tree_ended(&execution->tree, &execution->status);
    }
    bool late = execution->deadline_ms >= 0 && now_ms() >= execution->deadline_ms;
    if (execution->phase == RUNNING && execution->ended) {
        begin_draining(execution);
    } else if (execution->phase == RUNNING && late) {
        execution->timed_out = true;
        execution->phase = TERMINATING;
        execution->deadline_ms = now_ms() + TERM_GRACE_MS;
        process_tree_signal(&execution->tree, SIGTERM);
    } else if (execution->phase == TERMINATING && (late || !process_tree_signal(&execution->tree, 0))) {
        process_tree_kill(&execution->tree);
        await_status(execution);
        begin_draining(execution);
    }
}

static void wait_for_something(struct execution *execution) {
    struct pollfd pollers[5];
    nfds_t count = 0;
    short events = execution->input.length == 0 ? POLLIN : 0;
    pollers[count++] = (struct pollfd){.fd = execution->session->channel.fd,
                                       .events = (short)(execution->sending ? events | POLLOUT : events)};
    for (int i = 0; i < 2 && !execution->sending; i++) {
        if (execution->outputs[i].fd >= 0) {
            pollers[count++] = (struct pollfd){.fd = execution->outputs[i].fd, .events = POLLIN};
        }
    }
    if (!execution->ended && execution->phase != DRAINING) {
        pollers[count++] = (struct pollfd){.fd = process_tree_fd(&execution->tree), .events = POLLIN};
    }
    if (execution->input.length > 0) {
        pollers[count++] = (struct pollfd){.fd = execution->input_fd, .events = POLLOUT};
    }
    int64_t deadline = execution->deadline_ms;
    if (execution->phase == TERMINATING) {
        deadline = now_ms() + TERM_LOOK_MS;
    } else if (execution->session->channel.frame_deadline >= 0 &&
               (deadline < 0 || execution->session->channel.frame_deadline < deadline)) {
        deadline = execution->session->channel.frame_deadline;
    }
    poll(pollers, count, poll_timeout(deadline));
    if ((pollers[0].revents & (POLLHUP | POLLERR | POLLNVAL)) != 0) {
        execution->session->channel.over = true;
    }
}

/* Carries bytes both ways until the command has ended and its output is on its way. */
static bool carry(struct execution *execution, struct error *error) {
    struct channel *channel = &execution->session->channel;
    for (;;) {
        advance(execution);
        bool moved = false;
        for (int i = 0; i < 2; i++) {
            if (!execution->sending && execution->outputs[i].fd >= 0) {
                carry_output(execution, &execution->outputs[i]);
            }
            if (execution->sending) {
                enum channel_status status = channel_flush(channel);
                if (status == CHANNEL_OVER) {
                    return fail_session(error);
                }
                execution->sending = status == CHANNEL_BLOCKED;
                moved = moved || status == CHANNEL_READY;
            }
        }
        if (execution->phase == DRAINING && !execution->sending && execution->outputs[0].fd < 0 &&
            execution->outputs[1].fd < 0) {
            return true;
        }
        carry_input(execution);
        if (!receive(execution, error)) {
            return false;
        }
        if (!moved) {
            wait_for_something(execution);
        }
    }
}

static void answer_status(const struct execution *execution, struct answer *answer) {
    answer_u32(answer, 1, (uint32_t)(execution->timed_out ? TIMED_OUT_CODE : exit_code(execution->status)));
    answer_u8(answer, 2, execution->timed_out);
    answer_u64(answer, 3, (uint64_t)(execution->ended_ns - execution->started_ns));
    answer_u32(answer, 4, (uint32_t)exit_signal(execution->status));
}

static bool run(struct execution *execution, const struct exec_request *request, struct error *error) {
    if (!start(execution, request, error)) {
        return false;
    }
    if (request->timeout_ms > 0) {
        execution->deadline_ms = execution->started_ns / 1000000 + request->timeout_ms;
    }
    bool carried = carry(execution, error);
    if (!carried) {
        process_tree_kill(&execution->tree);
    }
    process_tree_release(&execution->tree);
    return carried;
}

/* What was filled must be freed, also after a failure. */
static bool parse(struct exec_request *parsed, const struct fields *request, struct error *error) {
    static const struct command_tags tags = {
        .text = 1, .directory = 2, .variable = 3, .user = 6, .argument = 7, .plain = 8, .make_directory = 9};
    bool present;
    uint8_t has_input = 0;
    if (!command_parse(&parsed->command, request, &tags, error) ||
        !fields_u32(request, TAG_TIMEOUT, &parsed->timeout_ms, &present, error) ||
        !fields_u8(request, TAG_INPUT, &has_input, &present, error)) {
        return false;
    }
    parsed->has_input = has_input == 1;
    return true;
}

bool exec_operation(struct session *session, const struct fields *request, struct answer *answer, struct error *error) {
    struct execution execution = {
        .session = session,
        .outputs = {{.fd = -1, .type = FRAME_STDOUT}, {.fd = -1, .type = FRAME_STDERR}},
        .input_fd = -1,
        .deadline_ms = -1,
    };
    struct exec_request parsed = {.timeout_ms = 0};
    bool done = parse(&parsed, request, error) && run(&execution, &parsed, error);
    command_free(&parsed.command);
    scope_drop(&execution.outputs[0].fd);
    scope_drop(&execution.outputs[1].fd);
    scope_drop(&execution.input_fd);
    if (done) {
        answer_status(&execution, answer);
    }
    return done;
}
