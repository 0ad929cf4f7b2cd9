#include "session.h"

#include "freeze.h"
#include "machine.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>

enum { OPERATION_CONFIGURE = 1, OPERATION_EXEC = 2, OPERATION_SHUTDOWN = 8 };
#define EXEC_INPUT_TAG 5

/* The deepest trees are gone through by recursion; the C library's own threads have 128 KiB. */
#define STACK_SIZE (1024 * 1024)

struct operation_entry {
    uint16_t number;
    operation *run;
    bool has_input; /* EXEC tells it by a field of its own */
    bool changes;   /* it changes files: not during a freeze */
};

static bool shutdown_operation(struct session *session, const struct fields *request, struct answer *answer,
                               struct error *error) {
    (void)session;
    (void)request;
    (void)answer;
    (void)error;
    return true; /* the power goes when the answer is on its way */
}

static const struct operation_entry operations[] = {
    {OPERATION_CONFIGURE, configure_operation, .changes = true},
    {OPERATION_EXEC, exec_operation, .changes = false}, /* passes the gate only to start the command */
    {3, walk_operation, .changes = false},
    {4, read_operation, .changes = false},
    {5, write_operation, .has_input = true, .changes = true},
    {6, import_operation, .has_input = true, .changes = true},
    {7, export_operation, .changes = false},
    {OPERATION_SHUTDOWN, shutdown_operation, .changes = false},
    {9, freeze_operation, .changes = false},
    {10, thaw_operation, .changes = false},
    {11, change_operation, .has_input = true, .changes = true},
    {12, job_start_operation, .changes = false}, /* like EXEC */
    {13, job_list_operation, .changes = false},
    {14, job_read_operation, .changes = false},
    {15, job_write_operation, .has_input = true, .changes = false},
    {16, job_resize_operation, .changes = false},
    {17, job_signal_operation, .changes = false},
    {18, job_stop_operation, .changes = false},
    {19, job_probe_operation, .changes = false},
};

static const struct operation_entry *find_operation(uint16_t number) {
    for (size_t i = 0; i < sizeof operations / sizeof operations[0]; i++) {
        if (operations[i].number == number) {
            return &operations[i];
        }
    }
    return NULL;
}

/* Takes note of a HELLO; another magic ends the session. */
static bool take_hello(struct session *session, const struct frame *frame) {
    if (memcmp(frame->payload, HELLO_MAGIC, MAGIC_SIZE) != 0) {
        return false;
    }
    memcpy(session->nonce, frame->payload + MAGIC_SIZE + 2, NONCE_SIZE);
    session->greeted = true;
    return true;
}

bool session_interrupted(struct session *session, const struct frame *frame, struct error *error) {
    if (frame->type != FRAME_HELLO || !take_hello(session, frame)) {
        session->channel.over = true;
    }
    return fail_session(error);
}

/* Waits for a frame, outside of the gate: the host may take its time, and a freeze need not wait for it. */
static bool await_input(struct session *session, struct frame *frame, struct error *error) {
    if (session->changes) {
        freeze_gate_leave();
    }
    bool received = channel_await(&session->channel, frame, error);
    if (session->changes) {
        freeze_gate_enter();
    }
    return received;
}

bool session_input(struct session *session, struct slice *piece, struct error *error) {
    piece->bytes = NULL;
    piece->length = 0;
    if (!session->input_open) {
        return true;
    }
    struct frame frame;
    if (!await_input(session, &frame, error)) {
        return false;
    }
    if (frame.type == FRAME_DATA) {
        piece->bytes = frame.payload;
        piece->length = frame.length;
        return true;
    }
    if (frame.type == FRAME_END) {
        session->input_open = false;
        return true;
    }
    return session_interrupted(session, &frame, error);
}

static bool send_ack(struct session *session, struct error *error) {
    uint8_t *payload = channel_payload(&session->channel);
    memcpy(payload, ACK_MAGIC, MAGIC_SIZE);
    put_u16(payload + MAGIC_SIZE, PROTOCOL_VERSION);
    memcpy(payload + MAGIC_SIZE + 2, session->nonce, NONCE_SIZE);
    return channel_send(&session->channel, FRAME_HELLO_ACK, HELLO_SIZE, error);
}

static bool send_answer(struct session *session, const struct answer *answer, struct error *error) {
    memcpy(channel_payload(&session->channel), answer->bytes, answer->length);
    return channel_send(&session->channel, FRAME_RESULT, answer->length, error);
}

static bool send_error(struct session *session, const struct error *problem, struct error *error) {
    struct answer answer = {.length = 0};
    answer_u16(&answer, 1, (uint16_t)problem->code);
    answer_u32(&answer, 2, (uint32_t)problem->os_error);
    answer_bytes(&answer, 3, problem->message, strlen(problem->message));
    memcpy(channel_payload(&session->channel), answer.bytes, answer.length);
    return channel_send(&session->channel, FRAME_ERROR, answer.length, error);
}

static bool perform(struct session *session, const struct frame *frame, struct answer *answer, struct error *error) {
    uint16_t number = get_u16(frame->payload);
    const struct operation_entry *entry = find_operation(number);
    if (entry == NULL) {
        return fail(error, ERROR_BAD_REQUEST, 0, "operation %u is not known", number);
    }
    session->input_open = entry->has_input;
    struct fields fields;
    if (!fields_parse(&fields, frame->payload + 2, frame->length - 2, error)) {
        return false;
    }
    if (number == OPERATION_EXEC) {
        bool present;
        uint8_t has_input = 0;
        if (!fields_u8(&fields, EXEC_INPUT_TAG, &has_input, &present, error)) {
            return false;
        }
        session->input_open = has_input == 1;
    }
    if (number != OPERATION_CONFIGURE && !machine_configured()) {
        return fail(error, ERROR_NOT_CONFIGURED, 0, "the machine was not configured yet");
    }
    session->changes = entry->changes;
    if (session->changes) {
        freeze_gate_enter();
    }
    bool done = entry->run(session, &fields, answer, error);
    if (session->changes) {
        freeze_gate_leave();
        session->changes = false;
    }
    return done;
}

/* Performs a request and answers it; false when the session is over. */
static bool serve_request(struct session *session, const struct frame *frame, struct error *error) {
    struct answer answer = {.length = 0};
    bool shutdown = get_u16(frame->payload) == OPERATION_SHUTDOWN;
    machine_request_begins();
    bool done = perform(session, frame, &answer, error);
    machine_request_ends();
    if (!done && error->code == ERROR_SESSION_OVER) {
        return false;
    }
    if (!done) {
        struct error problem = *error;
        return send_error(session, &problem, error);
    }
    bool sent = send_answer(session, &answer, error);
    if (shutdown) {
        machine_power_off();
    }
    return sent;
}

/* Serves one frame outside of a request; false when the session is over. */
static bool serve_frame(struct session *session, const struct frame *frame, struct error *error) {
    switch (frame->type) {
    case FRAME_REQUEST:
        if (session->input_open) {
            return session_interrupted(session, frame, error);
        }
        return serve_request(session, frame, error);
    case FRAME_DATA:
    case FRAME_END:
        /* The rest of an input stream whose request has been answered already. */
        if (!session->input_open) {
            return session_interrupted(session, frame, error);
        }
        session->input_open = frame->type == FRAME_DATA;
        return true;
    default:
        return session_interrupted(session, frame, error);
    }
}

/* Whatever the session held is given back; the channel may live on for the next one. */
static void session_ends(struct session *session) {
    freeze_session_ends(session);
    if (session->holds_lease) {
        session->holds_lease = false;
        machine_power_off();
    }
    session->input_open = false;
    session->channel.out_length = 0;
    session->channel.out_sent = 0;
}

int session_thread(void *(*run)(void *), void *argument) {
    pthread_attr_t attributes;
    pthread_t thread;
    int os_error = pthread_attr_init(&attributes);
    if (os_error == 0) {
        os_error = pthread_attr_setstacksize(&attributes, STACK_SIZE);
        pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
        if (os_error == 0) {
            os_error = pthread_create(&thread, &attributes, run, argument);
        }
        pthread_attr_destroy(&attributes);
    }
    return os_error;
}

void session_serve(struct session *session, int fd) {
    channel_init(&session->channel, fd);
    session->holds_lease = false;
    session->input_open = false;
    session->greeted = false;
    session->changes = false;
    session->freeze = 0;
    struct error error;
    struct frame frame;
    while (channel_await(&session->channel, &frame, &error)) {
        if (!session->greeted) {
            (void)session_interrupted(session, &frame, &error);
        }
        while (session->greeted) {
            session_ends(session);
            session->greeted = false;
            bool going = send_ack(session, &error);
            while (going && channel_await(&session->channel, &frame, &error)) {
                going = serve_frame(session, &frame, &error);
            }
        }
        if (session->channel.over) {
            break;
        }
    }
    session_ends(session);
}
