/* One host connection: handshake, then one request after another. */
#ifndef PYRO_SESSION_H
#define PYRO_SESSION_H

#include "channel.h"
#include "fields.h"

struct session {
    struct channel channel;
    bool holds_lease;
    bool input_open; /* the request's input stream has not ended yet */
    bool greeted;    /* a HELLO came, and is to be answered */
    bool changes;    /* the request is behind the gate of freeze.h */
    uint32_t freeze; /* the number of this session's freeze, or 0 */
    uint8_t nonce[NONCE_SIZE];
};

/* Serves a fresh connection until its end; the descriptor stays the caller's. */
void session_serve(struct session *session, int fd);

/* Starts a thread with room for the deepest recursion; nobody waits for its end. Returns an error number, or 0. */
int session_thread(void *(*run)(void *), void *argument);

/* An operation: fills the answer, or fails. */
typedef bool operation(struct session *session, const struct fields *request, struct answer *answer,
                       struct error *error);

operation configure_operation;
operation exec_operation;
operation walk_operation;
operation read_operation;
operation write_operation;
operation import_operation;
operation export_operation;
operation freeze_operation;
operation thaw_operation;
operation change_operation;
operation job_start_operation;
operation job_list_operation;
operation job_read_operation;
operation job_write_operation;
operation job_resize_operation;
operation job_signal_operation;
operation job_stop_operation;
operation job_probe_operation;

/* Takes a frame that a request did not expect: a HELLO begins a new session, all else ends this one. Always returns
 * false. */
bool session_interrupted(struct session *session, const struct frame *frame, struct error *error);

/*
 * Waits for the next piece of the request's input stream. At its end *length is 0. The bytes are valid until the next
 * call that reads from the channel.
 */
bool session_input(struct session *session, struct slice *piece, struct error *error);

#endif
