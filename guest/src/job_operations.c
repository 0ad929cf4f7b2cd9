/* JOB_START, JOB_LIST, JOB_RESIZE, JOB_SIGNAL and JOB_STOP. */
#include "job_request.h"
#include "session.h"
#include "terminal.h"

#include <signal.h>
#include <string.h>

enum { TAG_COMMAND = 3, TAG_DIRECTORY = 4, TAG_VARIABLE = 5, TAG_USER = 8, TAG_ARGUMENT = 9, TAG_PLAIN = 10 };
enum { TAG_SIGNAL = 3 };
enum { TAG_GRACE = 3, TAG_FORGET = 4 };

#define MAX_GRACE_MS 30000

/* Takes the name, when a service that had it is wholly gone. */
static bool reserve(struct session *session, enum job_kind kind, const char *name, struct job **job,
                    struct error *error) {
    for (;;) {
        struct job *before;
        if (!job_reserve(kind, name, job, &before, error)) {
            return false;
        }
        if (before == NULL) {
            return true;
        }
        bool waited = job_await_gone(before, &session->channel, error);
        job_drop(before);
        if (!waited) {
            return false;
        }
    }
}

bool job_start_operation(struct session *session, const struct fields *request, struct answer *answer,
                         struct error *error) {
    enum job_kind kind;
    char name[MAX_JOB_NAME + 1];
    uint16_t columns = 0;
    uint16_t rows = 0;
    if (!job_request_kind(request, &kind, error) || !job_request_name(request, true, name, error) ||
        (kind == JOB_SHELL && !job_request_size(request, &columns, &rows, error))) {
        return false;
    }
    const struct command_tags tags = {.text = kind == JOB_SHELL ? 0 : TAG_COMMAND,
                                      .directory = TAG_DIRECTORY,
                                      .variable = TAG_VARIABLE,
                                      .user = TAG_USER,
                                      .argument = TAG_ARGUMENT,
                                      .plain = TAG_PLAIN};
    struct command command;
    struct job *job;
    if (!command_parse(&command, request, &tags, error) || !reserve(session, kind, name, &job, error)) {
        command_free(&command);
        return false;
    }
    job->command = command;
    job->columns = columns;
    job->rows = rows;
    bool started = job_start(job, error);
    if (started) {
        job_answer_state(job, answer);
    }
    job_drop(job);
    return started;
}

static bool send_job(struct session *session, const struct job *job, struct error *error) {
    struct answer entry = {.length = 0};
    answer_bytes(&entry, JOB_TAG_NAME, job->name, strlen(job->name));
    job_answer_state(job, &entry);
    memcpy(channel_payload(&session->channel), entry.bytes, entry.length);
    return channel_send(&session->channel, FRAME_DATA_OUT, entry.length, error);
}

static bool list_all(struct session *session, enum job_kind kind, uint32_t *count, struct error *error) {
    uint32_t number = 0;
    struct job *job;
    while ((job = job_after(kind, number)) != NULL) {
        number = job->number;
        bool sent = send_job(session, job, error);
        job_drop(job);
        if (!sent) {
            return false;
        }
        ++*count;
    }
    return true;
}

bool job_list_operation(struct session *session, const struct fields *request, struct answer *answer,
                        struct error *error) {
    enum job_kind kind;
    char name[MAX_JOB_NAME + 1];
    uint32_t count = 0;
    bool listed = job_request_kind(request, &kind, error) && job_request_name(request, false, name, error);
    if (listed && name[0] != '\0') {
        struct job *job;
        listed = job_find(kind, name, &job, error);
        if (listed) {
            listed = send_job(session, job, error);
            job_drop(job);
            count = 1;
        }
    } else if (listed) {
        listed = list_all(session, kind, &count, error);
    }
    if (listed) {
        answer_u32(answer, 1, count);
    }
    return listed;
}

bool job_resize_operation(struct session *session, const struct fields *request, struct answer *answer,
                          struct error *error) {
    (void)session;
    uint16_t columns;
    uint16_t rows;
    struct job *job;
    if (!job_request_size(request, &columns, &rows, error) || !job_request_job_of(request, JOB_SHELL, &job, error)) {
        return false;
    }
    jobs_lock();
    int fd = job->streams[0].fd;
    bool resized = fd < 0 || terminal_resize(fd, columns, rows, error);
    if (resized) {
        job->columns = columns;
        job->rows = rows;
        job_answer(job, answer);
    }
    jobs_unlock();
    job_drop(job);
    return resized;
}

static bool parse_signal(const struct fields *request, int *number, struct error *error) {
    uint8_t value = 0;
    bool present;
    if (!fields_u8(request, TAG_SIGNAL, &value, &present, error) || !fields_need(present, TAG_SIGNAL, error)) {
        return false;
    }
    *number = value;
    return value == SIGHUP || value == SIGINT || value == SIGKILL || value == SIGTERM ||
           fail(error, ERROR_BAD_REQUEST, 0, "%u is no signal that a terminal's foreground can be sent", value);
}

bool job_signal_operation(struct session *session, const struct fields *request, struct answer *answer,
                          struct error *error) {
    (void)session;
    int number;
    struct job *job;
    if (!parse_signal(request, &number, error) || !job_request_job_of(request, JOB_SHELL, &job, error)) {
        return false;
    }
    jobs_lock();
    bool sent = job_runs(job, error) && terminal_signal(job->streams[0].fd, number, error);
    if (sent) {
        job_answer(job, answer);
    }
    jobs_unlock();
    job_drop(job);
    return sent;
}

/* Asks a job to end, and to be forgotten when it has. */
static void ask_to_end(struct job *job, uint32_t grace_ms, bool forget) {
    jobs_lock();
    job_ask_to_end(job, grace_ms);
    job->forget = job->forget || forget;
    if (job->forget && job->phase == JOB_GONE) {
        job_remove(job);
    }
    jobs_unlock();
}

static bool stop_all(struct session *session, enum job_kind kind, uint32_t grace_ms, bool forget, struct error *error) {
    struct job *jobs[MAX_JOBS];
    size_t count = 0;
    uint32_t number = 0;
    while (count < MAX_JOBS && (jobs[count] = job_after(kind, number)) != NULL) {
        number = jobs[count]->number;
        ask_to_end(jobs[count], grace_ms, forget);
        count++;
    }
    bool stopped = true;
    for (size_t i = 0; i < count; i++) {
        stopped = stopped && job_await_gone(jobs[i], &session->channel, error);
        job_drop(jobs[i]);
    }
    return stopped;
}

bool job_stop_operation(struct session *session, const struct fields *request, struct answer *answer,
                        struct error *error) {
    enum job_kind kind;
    char name[MAX_JOB_NAME + 1];
    uint32_t grace_ms;
    uint8_t forget = 0;
    bool present;
    if (!job_request_kind(request, &kind, error) || !job_request_name(request, false, name, error) ||
        !job_request_number(request, TAG_GRACE, 0, MAX_GRACE_MS, &grace_ms, error) ||
        !fields_u8(request, TAG_FORGET, &forget, &present, error)) {
        return false;
    }
    if (name[0] == '\0') {
        return stop_all(session, kind, grace_ms, forget == 1, error);
    }
    struct job *job;
    if (!job_find(kind, name, &job, error)) {
        return false;
    }
    ask_to_end(job, grace_ms, forget == 1);
    bool stopped = job_await_gone(job, &session->channel, error);
    if (stopped) {
        job_answer_state(job, answer);
    }
    job_drop(job);
    return stopped;
}
