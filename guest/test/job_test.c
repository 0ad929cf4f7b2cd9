/* Jobs: shells on terminals and services on pipes, with real ones. */
#include "protocol_test.h"

#include <arpa/inet.h>
#include <stdlib.h>

enum { SHELL = 1, SERVICE = 2 };
enum { START = 12, LIST, READ, WRITE, RESIZE, SIGNAL, STOP, PROBE };
enum { READY = 1, ENDED_BEFORE = 2, LATE = 3 };

#define MAX_JOBS 32
#define MIB (1024 * 1024)

/* What was read of the job that a test looks at. */
static char text[3 * MIB];
static size_t text_length;
static uint64_t cursor;

static void job_request(uint16_t operation, uint8_t kind, const char *name) {
    request_start(&request, operation);
    request_u8(&request, 1, kind);
    if (name != NULL) {
        request_text(&request, 2, name);
    }
}

static unsigned ask(int fd) {
    client_request(fd, &request);
    client_reply(fd, &reply);
    return reply_error(&reply);
}

static void size_fields(uint16_t columns, uint16_t rows) {
    uint8_t bytes[2];
    put_u16(bytes, columns);
    request_bytes(&request, 6, bytes, 2);
    put_u16(bytes, rows);
    request_bytes(&request, 7, bytes, 2);
}

/* A shell that does not read the machine's own profile, with a prompt that is known. */
static unsigned start_shell(int fd, const char *name) {
    job_request(START, SHELL, name);
    request_text(&request, 4, base);
    request_text(&request, 5, "HOME=/nonexistent");
    request_text(&request, 5, "PS1=$ ");
    size_fields(80, 24);
    text_length = 0;
    cursor = 0;
    return ask(fd);
}

static unsigned start_service(int fd, const char *name, const char *command) {
    job_request(START, SERVICE, name);
    request_text(&request, 3, command);
    request_text(&request, 4, base);
    text_length = 0;
    cursor = 0;
    return ask(fd);
}

static unsigned state_of(int fd, uint8_t kind, const char *name) {
    job_request(LIST, kind, name);
    return ask(fd);
}

static unsigned read_job(int fd, uint8_t kind, const char *name, uint64_t from, uint32_t most, uint32_t patience_ms) {
    job_request(READ, kind, name);
    request_u64(&request, 3, from);
    if (kind == SERVICE) {
        request_u64(&request, 4, 0);
    }
    request_u32(&request, 5, most);
    request_u32(&request, 6, patience_ms);
    return ask(fd);
}

static bool text_holds(const char *wanted) {
    return memmem(text, text_length, wanted, strlen(wanted)) != NULL;
}

/* Reads on until the text holds what is wanted, which it must do soon. */
static bool reads(int fd, uint8_t kind, const char *name, const char *wanted) {
    int64_t deadline = now_ms() + PATIENCE_MS;
    while (now_ms() < deadline && read_job(fd, kind, name, cursor, MIB, 1000) == 0) {
        if (text_length + reply.out_length > sizeof text) {
            text_length = 0;
        }
        memcpy(text + text_length, reply.out, reply.out_length);
        text_length += reply.out_length;
        cursor = reply_number(&reply, 1) + reply.out_length;
        if (text_holds(wanted)) {
            return true;
        }
    }
    fprintf(stderr, "`%s` does not come; what came: %.*s\n", wanted, (int)text_length, text);
    return false;
}

static unsigned type_bytes(int fd, const char *name, const void *bytes, size_t length) {
    job_request(WRITE, SHELL, name);
    client_request(fd, &request);
    client_input(fd, bytes, length);
    client_reply(fd, &reply);
    return reply_error(&reply);
}

static bool types(int fd, const char *name, const char *line) {
    return type_bytes(fd, name, line, strlen(line)) == 0 && reply_number(&reply, 1) == strlen(line);
}

static unsigned stop(int fd, uint8_t kind, const char *name, uint32_t grace_ms, bool forget) {
    job_request(STOP, kind, name);
    request_u32(&request, 3, grace_ms);
    request_u8(&request, 4, forget);
    return ask(fd);
}

static unsigned send_signal(int fd, const char *name, uint8_t number) {
    job_request(SIGNAL, SHELL, name);
    request_u8(&request, 3, number);
    return ask(fd);
}

/* Waits until a job's process has ended, without reading what it writes. */
static bool ends(int fd, uint8_t kind, const char *name) {
    for (int64_t deadline = now_ms() + PATIENCE_MS; now_ms() < deadline;) {
        if (state_of(fd, kind, name) != 0) {
            return false;
        }
        struct fields entry;
        struct error error;
        size_t at = 0;
        struct slice phase;
        CHECK(fields_parse(&entry, (const uint8_t *)reply.out, reply.out_length, &error));
        if (fields_next(&entry, 20, &at, &phase) && phase.bytes[0] == 2) {
            return true;
        }
        usleep(10000);
    }
    return false;
}

/* A shell on a terminal that is the user's own, and a service with its probe; without root neither starts. */
static void jobs_run_as_other_users(void) {
    struct connection *connection = greeted();
    int fd = connection->fd;
    bool root = geteuid() == 0;
    job_request(START, SHELL, "theirs");
    request_text(&request, 5, "PS1=$ ");
    request_text(&request, 8, "54321:54322");
    request_u8(&request, 10, 1);
    size_fields(80, 24);
    text_length = 0;
    cursor = 0;
    CHECK(ask(fd) == (root ? 0 : ERROR_IO));
    if (root) {
        CHECK(types(
            fd, "theirs",
            "echo \"<$(id -u) $(stat -c %u $(tty)) $HOME $PWD>\"; echo te''st > $(tty); shopt -q login_shell || echo "
            "pla''in\n"));
        CHECK(reads(fd, SHELL, "theirs", "<54321 54321 / />"));
        CHECK(reads(fd, SHELL, "theirs", "test\r\n") && reads(fd, SHELL, "theirs", "plain\r\n"));
        CHECK(stop(fd, SHELL, "theirs", 1000, true) == 0);
    }
    job_request(START, SERVICE, "theirs");
    request_text(&request, 3, "id -u; exec sleep 100");
    request_text(&request, 8, "54321");
    CHECK(ask(fd) == (root ? 0 : ERROR_IO));
    if (root) {
        text_length = 0;
        cursor = 0;
        CHECK(reads(fd, SERVICE, "theirs", "54321\n"));
        job_request(PROBE, SERVICE, "theirs");
        request_u8(&request, 3, 4);
        request_text(&request, 4, "[ $(id -u) = 54321 ]");
        request_u32(&request, 5, 50);
        request_u32(&request, 6, 10000);
        CHECK(ask(fd) == 0 && reply_number(&reply, 1) == READY);
        CHECK(stop(fd, SERVICE, "theirs", 1000, true) == 0);
    }
    disconnect(connection);
}

static void a_shell_is_typed_into_and_read(void) {
    struct connection *connection = greeted();
    int fd = connection->fd;
    CHECK(start_shell(fd, "one") == 0 && reply_number(&reply, 20) == 1 && reply_number(&reply, 21) > 1);
    CHECK(reply_number(&reply, 26) == 80 && reply_number(&reply, 27) == 24);
    CHECK(types(fd, "one",
                "echo a$((20 + 22))b; stty size; tty; pwd; echo $TERM; shopt -q login_shell && echo lo''gin\n"));
    CHECK(reads(fd, SHELL, "one", "login\r\n"));
    CHECK(text_holds("a42b\r\n24 80\r\n/dev/pts/") && text_holds(base) && text_holds("\r\ndumb\r\n"));
    job_request(RESIZE, SHELL, "one");
    size_fields(132, 50);
    CHECK(ask(fd) == 0 && reply_number(&reply, 26) == 132 && reply_number(&reply, 27) == 50);
    CHECK(types(fd, "one", "stty size; echo \"\xc3\xbc\xf0\x9f\x98\x80\" | od -An -tx1\n"));
    CHECK(reads(fd, SHELL, "one", "c3 bc f0 9f 98 80 0a") && text_holds("\r\n50 132\r\n"));
    CHECK(types(fd, "one", "exit 7\n"));
    CHECK(ends(fd, SHELL, "one"));
    CHECK(read_job(fd, SHELL, "one", 0, MIB, 0) == 0);
    CHECK(reply_number(&reply, 20) == 2 && reply_number(&reply, 22) == 7 && reply_number(&reply, 23) == 0);
    CHECK(reply_number(&reply, 25) >= reply_number(&reply, 24) && reply_number(&reply, 28) == 0);
    CHECK(reply_number(&reply, 1) == 0 && reply_number(&reply, 29) == reply.out_length);
    /* It has ended, and is not forgotten. */
    CHECK(type_bytes(fd, "one", "x", 1) == ERROR_WRONG_STATE && send_signal(fd, "one", 2) == ERROR_WRONG_STATE);
    job_request(RESIZE, SHELL, "one");
    size_fields(1, 1000);
    CHECK(ask(fd) == 0 && reply_number(&reply, 27) == 1000);
    CHECK(start_shell(fd, "one") == ERROR_EXISTS);
    CHECK(stop(fd, SHELL, "one", 1000, true) == 0 && reply_number(&reply, 22) == 7 && reply_number(&reply, 28) == 0);
    CHECK(state_of(fd, SHELL, "one") == ERROR_NOT_FOUND);
    disconnect(connection);
}

static void a_job_outlives_its_session(void) {
    struct connection *connection = greeted();
    CHECK(start_shell(connection->fd, "long") == 0 && types(connection->fd, "long", "X=kept; echo first\n"));
    disconnect(connection);
    connection = greeted();
    CHECK(types(connection->fd, "long", "echo $X-$X\n") && reads(connection->fd, SHELL, "long", "kept-kept\r\n"));
    CHECK(stop(connection->fd, SHELL, "long", 5000, true) == 0 && reply_number(&reply, 28) == 1);
    disconnect(connection);
}

static void signals_reach_the_foreground(void) {
    struct connection *connection = greeted();
    int fd = connection->fd;
    CHECK(start_shell(fd, "signals") == 0);
    CHECK(types(fd, "signals", "trap 'echo shell''-too' HUP; sh -c 'echo be''gun; exec sleep 100'\n"));
    CHECK(reads(fd, SHELL, "signals", "begun\r\n"));
    CHECK(send_signal(fd, "signals", 2) == 0 && types(fd, "signals", "echo code=$?\n"));
    CHECK(reads(fd, SHELL, "signals", "code=130\r\n"));
    CHECK(types(fd, "signals", "sh -c 'echo sec''ond; exec sleep 100'; echo code=$?\n"));
    CHECK(reads(fd, SHELL, "signals", "second\r\n"));
    CHECK(send_signal(fd, "signals", 1) == 0 && reads(fd, SHELL, "signals", "code=129\r\n"));
    CHECK(!text_holds("shell-too"));
    CHECK(send_signal(fd, "signals", 19) == ERROR_BAD_REQUEST);
    /* With nothing in its foreground it is the shell itself. */
    CHECK(send_signal(fd, "signals", 9) == 0 && ends(fd, SHELL, "signals"));
    CHECK(read_job(fd, SHELL, "signals", 0, 1, 0) == 0 && reply_number(&reply, 23) == 9);
    CHECK(reply_number(&reply, 22) == 137 && reply_number(&reply, 28) == 0);
    CHECK(stop(fd, SHELL, "signals", 0, true) == 0);
    disconnect(connection);
}

static void what_a_shell_leaves_behind_goes_on_writing(void) {
    struct connection *connection = greeted();
    int fd = connection->fd;
    CHECK(start_shell(fd, "left") == 0);
    CHECK(types(fd, "left", "(trap '' HUP; while [ ! -e go ]; do sleep 0.02; done; echo be''hind) & exit\n"));
    CHECK(ends(fd, SHELL, "left"));
    char command[128];
    snprintf(command, sizeof command, "touch %s/go", base);
    client_exec(fd, command, &reply);
    for (int64_t deadline = now_ms() + PATIENCE_MS; now_ms() < deadline && !text_holds("behind\r\n");) {
        CHECK(read_job(fd, SHELL, "left", 0, MIB, 0) == 0);
        memcpy(text, reply.out, reply.out_length);
        text_length = reply.out_length;
    }
    CHECK(text_holds("behind\r\n"));
    CHECK(stop(fd, SHELL, "left", 0, true) == 0);
    disconnect(connection);
}

static void a_service_writes_to_two_streams(void) {
    struct connection *connection = greeted();
    int fd = connection->fd;
    CHECK(start_service(fd, "two.streams_1-x", "echo out; echo err >&2; pwd; cat; exit 3") == 0);
    CHECK(ends(fd, SERVICE, "two.streams_1-x"));
    CHECK(read_job(fd, SERVICE, "two.streams_1-x", 0, MIB, 60000) == 0);
    char expected[128];
    snprintf(expected, sizeof expected, "out\n%s\n", base);
    CHECK(out_is(expected) && reply.err_length == 4 && memcmp(reply.err, "err\n", 4) == 0);
    CHECK(reply_number(&reply, 22) == 3 && reply_number(&reply, 26) == 0 && reply_number(&reply, 30) == 4);
    CHECK(read_job(fd, SERVICE, "two.streams_1-x", 2, 1, 0) == 0 && out_is("t") && reply_number(&reply, 1) == 2);
    CHECK(read_job(fd, SERVICE, "two.streams_1-x", 1000, 1, 0) == ERROR_BAD_REQUEST);
    CHECK(strstr(reply_message(&reply), "beyond its end") != NULL);
    /* A successor that does not start leaves it. */
    test_threads_fail = true;
    CHECK(start_service(fd, "two.streams_1-x", "exec sleep 100") == ERROR_IO);
    test_threads_fail = false;
    CHECK(read_job(fd, SERVICE, "two.streams_1-x", 2, 1, 0) == 0 && out_is("t") && reply_number(&reply, 20) == 2);
    /* Its successor begins anew. */
    CHECK(start_service(fd, "two.streams_1-x", "exec sleep 100") == 0 && reply_number(&reply, 29) == 0);
    CHECK(start_service(fd, "two.streams_1-x", "exit") == ERROR_EXISTS);
    job_request(LIST, SERVICE, NULL);
    CHECK(ask(fd) == 0 && reply_number(&reply, 1) == 1);
    CHECK(stop(fd, SERVICE, "two.streams_1-x", 5000, false) == 0);
    CHECK(reply_number(&reply, 22) == 143 && reply_number(&reply, 23) == 15 && reply_number(&reply, 28) == 1);
    CHECK(stop(fd, SERVICE, "two.streams_1-x", 5000, true) == 0);
    disconnect(connection);
}

static void bad_requests_are_refused(void) {
    static const char long_name[] = "12345678901234567890123456789012345678901234567890123456789012345";
    static const char *const names[] = {"", "a b", "../x", "\xc3\xa4"};
    struct connection *connection = greeted();
    int fd = connection->fd;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        CHECK(start_service(fd, names[i], "true") == ERROR_BAD_REQUEST);
    }
    CHECK(start_service(fd, long_name, "true") == ERROR_LIMIT);
    CHECK(start_service(fd, long_name + 1, "true") == 0 && stop(fd, SERVICE, long_name + 1, 0, true) == 0);
    job_request(START, 3, "x");
    CHECK(ask(fd) == ERROR_BAD_REQUEST);
    job_request(START, SERVICE, "x");
    CHECK(ask(fd) == ERROR_BAD_REQUEST);
    job_request(START, SHELL, "x");
    CHECK(ask(fd) == ERROR_BAD_REQUEST);
    job_request(START, SHELL, "x");
    size_fields(0, 24);
    CHECK(ask(fd) == ERROR_LIMIT);
    job_request(START, SHELL, "x");
    size_fields(80, 1001);
    CHECK(ask(fd) == ERROR_LIMIT);
    job_request(START, SERVICE, "x");
    request_text(&request, 3, "true");
    request_text(&request, 4, "/no/such/directory");
    CHECK(ask(fd) == ERROR_NOT_FOUND && strstr(reply_message(&reply), "/no/such/directory") != NULL);
    CHECK(state_of(fd, SERVICE, "x") == ERROR_NOT_FOUND);
    CHECK(read_job(fd, SHELL, "x", 0, 1, 0) == ERROR_NOT_FOUND);
    CHECK(type_bytes(fd, "x", "x", 1) == ERROR_NOT_FOUND);
    CHECK(stop(fd, SHELL, "x", 0, false) == ERROR_NOT_FOUND && send_signal(fd, "x", 2) == ERROR_NOT_FOUND);
    CHECK(start_service(fd, "x", "exec sleep 100") == 0);
    CHECK(read_job(fd, SERVICE, "x", 0, 0, 0) == ERROR_LIMIT &&
          read_job(fd, SERVICE, "x", 0, MIB + 1, 0) == ERROR_LIMIT);
    CHECK(read_job(fd, SERVICE, "x", 0, 1, 60001) == ERROR_LIMIT &&
          stop(fd, SERVICE, "x", 30001, false) == ERROR_LIMIT);
    job_request(WRITE, SERVICE, "x");
    client_request(fd, &request);
    client_input(fd, "x", 1);
    client_reply(fd, &reply);
    CHECK(reply_error(&reply) == ERROR_BAD_REQUEST);
    CHECK(stop(fd, SERVICE, "x", 5000, true) == 0);
    disconnect(connection);
}

/* Answers when something was written, or the job has ended, and not before. */
static void waiting_reads_wake_at_once(void) {
    struct connection *connection = greeted();
    struct connection *other = greeted();
    int fd = connection->fd;
    char command[256];
    snprintf(command, sizeof command, "while [ ! -e %s/say ]; do sleep 0.02; done; echo said; sleep 0.3; exit 4", base);
    CHECK(start_service(fd, "speaker", command) == 0);
    int64_t start = now_ms();
    CHECK(read_job(fd, SERVICE, "speaker", 0, MIB, 200) == 0 && reply.out_length == 0 && now_ms() - start >= 200);
    job_request(READ, SERVICE, "speaker");
    request_u64(&request, 3, 0);
    request_u64(&request, 4, 0);
    request_u32(&request, 5, MIB);
    request_u32(&request, 6, 60000);
    client_request(fd, &request);
    snprintf(command, sizeof command, "touch %s/say", base);
    client_exec(other->fd, command, &reply);
    start = now_ms();
    client_reply(fd, &reply);
    CHECK(out_is("said\n") && now_ms() - start < PATIENCE_MS);
    CHECK(read_job(fd, SERVICE, "speaker", 5, MIB, 60000) == 0 && out_is("") && reply_number(&reply, 20) == 2);
    CHECK(reply_number(&reply, 22) == 4 && now_ms() - start < PATIENCE_MS);
    CHECK(stop(fd, SERVICE, "speaker", 0, true) == 0);
    disconnect(other);
    /* A host that goes away does not leave its session waiting. */
    CHECK(start_service(fd, "silent", "exec sleep 100") == 0);
    job_request(READ, SERVICE, "silent");
    request_u64(&request, 3, 0);
    request_u64(&request, 4, 0);
    request_u32(&request, 5, MIB);
    request_u32(&request, 6, 60000);
    client_request(fd, &request);
    start = now_ms();
    disconnect(connection);
    CHECK(now_ms() - start < PATIENCE_MS);
    connection = greeted();
    CHECK(stop(connection->fd, SERVICE, "silent", 5000, true) == 0);
    disconnect(connection);
}

static void a_flood_is_kept_in_part(void) {
    struct connection *connection = greeted();
    int fd = connection->fd;
    CHECK(start_service(fd, "flood", "yes | head -c 30000000; head -c 65 /dev/zero >&2") == 0);
    CHECK(ends(fd, SERVICE, "flood"));
    CHECK(read_job(fd, SERVICE, "flood", 7, MIB, 0) == 0);
    CHECK(reply_number(&reply, 29) == 30000000 && reply_number(&reply, 1) == 30000000 - MIB);
    CHECK(reply.out_length == MIB && reply.err_length == 65);
    bool whole = true;
    for (size_t i = 0; i < MIB; i++) {
        whole = whole && reply.out[i] == (i % 2 == 0 ? 'y' : '\n');
    }
    CHECK(whole);
    CHECK(stop(fd, SERVICE, "flood", 0, true) == 0);
    disconnect(connection);
}

/* While a shell floods, other sessions are served, and what a read brings has no gap. */
static void a_flooding_shell_is_read_meanwhile(void) {
    struct connection *connection = greeted();
    int fd = connection->fd;
    CHECK(start_shell(fd, "busy") == 0 && types(fd, "busy", "yes 0123456\n"));
    CHECK(reads(fd, SHELL, "busy", "0123456\r\n0123456\r\n"));
    uint64_t at = cursor;
    for (int i = 0; i < 200; i++) {
        CHECK(read_job(fd, SHELL, "busy", at, 70000, 10000) == 0 && reply.out_length > 0);
        uint64_t begin = reply_number(&reply, 1);
        CHECK(begin >= at && begin + reply.out_length <= reply_number(&reply, 29));
        for (size_t byte = 9; byte < reply.out_length; byte++) {
            CHECK(reply.out[byte] == reply.out[byte - 9]);
        }
        at = begin + reply.out_length;
    }
    CHECK(send_signal(fd, "busy", 2) == 0);
    CHECK(stop(fd, SHELL, "busy", 5000, true) == 0);
    disconnect(connection);
}

static void a_shell_that_does_not_read_is_given_up(void) {
    static char much[512 * 1024];
    struct connection *connection = greeted();
    int fd = connection->fd;
    CHECK(start_shell(fd, "deaf") == 0 && types(fd, "deaf", "stty raw -echo; echo de''af; sleep 100\n"));
    CHECK(reads(fd, SHELL, "deaf", "deaf"));
    memset(much, 'x', sizeof much);
    int64_t start = now_ms();
    CHECK(type_bytes(fd, "deaf", much, sizeof much) == 0);
    CHECK(reply_number(&reply, 1) > 0 && reply_number(&reply, 1) < sizeof much);
    CHECK(now_ms() - start >= WRITE_PATIENCE_MS - 100 && now_ms() - start < PATIENCE_MS);
    CHECK(stop(fd, SHELL, "deaf", 1000, true) == 0);
    disconnect(connection);
}

static void much_is_typed_into_one_that_reads(void) {
    static char much[MIB];
    struct connection *connection = greeted();
    int fd = connection->fd;
    CHECK(start_shell(fd, "reader") == 0);
    CHECK(types(fd, "reader", "stty raw -echo; echo re''ady; head -c 1048576 | sha256sum; stty sane\n"));
    CHECK(reads(fd, SHELL, "reader", "ready"));
    memset(much, 'x', sizeof much);
    CHECK(type_bytes(fd, "reader", much, sizeof much) == 0 && reply_number(&reply, 1) == sizeof much);
    CHECK(reads(fd, SHELL, "reader", "8f990ba0b577b51cf009ea049368c16bbda1b21e1b93be07a824758bb253c39b"));
    CHECK(stop(fd, SHELL, "reader", 1000, true) == 0);
    disconnect(connection);
}

/* Deaf to signals, in sessions of their own, without their parents: all of it ends with the job. */
static void hiding_script(char *script, size_t size, const char *mark) {
    snprintf(script, size,
             "trap '' TERM HUP; (setsid sh -c 'trap \"\" TERM HUP; while :; do echo x >> %s/%s; sleep 0.05; done' &); "
             "echo be''gun; while :; do sleep 1; done\n",
             base, mark);
}

static void stopping_ends_the_whole_tree(void) {
    char script[512];
    char path[128];
    struct connection *connection = greeted();
    int fd = connection->fd;
    for (int kind = SHELL; kind <= SERVICE; kind++) {
        hiding_script(script, sizeof script, kind == SHELL ? "shell-mark" : "service-mark");
        snprintf(path, sizeof path, "%s/%s", base, kind == SHELL ? "shell-mark" : "service-mark");
        if (kind == SHELL) {
            CHECK(start_shell(fd, "tree") == 0 && types(fd, "tree", script));
        } else {
            CHECK(start_service(fd, "tree", script) == 0);
        }
        CHECK(reads(fd, (uint8_t)kind, "tree", "begun"));
        for (int i = 0; i < PATIENCE_MS / 20 && access(path, F_OK) != 0; i++) {
            usleep(20000);
        }
        int64_t start = now_ms();
        CHECK(stop(fd, (uint8_t)kind, "tree", 700, true) == 0 && now_ms() - start >= 700);
        CHECK(reply_number(&reply, 20) == 2 && reply_number(&reply, 23) == 9 && reply_number(&reply, 28) == 1);
        CHECK(stops_changing(path));
    }
    disconnect(connection);
}

static void a_service_leaves_nothing_behind(void) {
    char script[512];
    char path[128];
    struct connection *connection = greeted();
    int fd = connection->fd;
    snprintf(script, sizeof script,
             "(setsid sh -c 'trap \"\" TERM; while :; do echo x >> %s/orphan; sleep 0.05; done' &); exit 5", base);
    snprintf(path, sizeof path, "%s/orphan", base);
    CHECK(start_service(fd, "parent", script) == 0 && ends(fd, SERVICE, "parent"));
    /* The successor does not meet what the first one left. */
    CHECK(start_service(fd, "parent", "exit 6") == 0 && stops_changing(path));
    CHECK(stop(fd, SERVICE, "parent", 0, true) == 0);
    disconnect(connection);
}

static void a_stop_is_completed_without_its_session(void) {
    char script[512];
    struct connection *connection = greeted();
    hiding_script(script, sizeof script, "unattended");
    CHECK(start_service(connection->fd, "unattended", script) == 0);
    CHECK(reads(connection->fd, SERVICE, "unattended", "begun"));
    job_request(STOP, SERVICE, "unattended");
    request_u32(&request, 3, 300);
    request_u8(&request, 4, 1);
    client_request(connection->fd, &request);
    disconnect(connection);
    connection = greeted();
    int64_t deadline = now_ms() + PATIENCE_MS;
    while (state_of(connection->fd, SERVICE, "unattended") == 0 && now_ms() < deadline) {
        usleep(20000);
    }
    CHECK(reply_error(&reply) == ERROR_NOT_FOUND);
    disconnect(connection);
}

static void there_are_only_so_many(void) {
    char name[16];
    struct connection *connection = greeted();
    int fd = connection->fd;
    for (int i = 0; i < MAX_JOBS; i++) {
        snprintf(name, sizeof name, "many%d", i);
        CHECK(start_shell(fd, name) == 0);
        CHECK(start_service(fd, name, "exec sleep 100") == 0);
    }
    CHECK(start_shell(fd, "more") == ERROR_LIMIT && start_service(fd, "more", "true") == ERROR_LIMIT);
    job_request(LIST, SHELL, NULL);
    CHECK(ask(fd) == 0 && reply_number(&reply, 1) == MAX_JOBS);
    /* All at once: not one after the other. */
    int64_t start = now_ms();
    CHECK(stop(fd, SERVICE, NULL, 5000, true) == 0 && stop(fd, SHELL, NULL, 5000, true) == 0);
    CHECK(now_ms() - start < PATIENCE_MS);
    job_request(LIST, SHELL, NULL);
    CHECK(ask(fd) == 0 && reply_number(&reply, 1) == 0);
    job_request(LIST, SERVICE, NULL);
    CHECK(ask(fd) == 0 && reply_number(&reply, 1) == 0 && reply.out_length == 0);
    disconnect(connection);
}

static unsigned probe(int fd, const char *name, uint8_t kind, const char *target, uint32_t timeout_ms) {
    job_request(PROBE, SERVICE, name);
    request_u8(&request, 3, kind);
    request_text(&request, 4, target);
    request_u32(&request, 5, 20);
    request_u32(&request, 6, timeout_ms);
    unsigned refused = ask(fd);
    return refused != 0 ? 1000 + refused : (unsigned)reply_number(&reply, 1);
}

/* A listener on a port of its own; the number goes into the text. */
static int listen_somewhere(const char *format, char *target, size_t size) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    CHECK(bind(listener, (struct sockaddr *)&address, sizeof address) == 0 && listen(listener, 16) == 0);
    getsockname(listener, (struct sockaddr *)&address, &length);
    snprintf(target, size, format, ntohs(address.sin_port));
    return listener;
}

/* Answers one request after another with the same text. */
struct http_server {
    int listener;
    const char *answer;
    char asked[512];
};

static void *serve_http(void *argument) {
    struct http_server *server = argument;
    int fd;
    while ((fd = accept(server->listener, NULL, NULL)) >= 0) {
        ssize_t got = read(fd, server->asked, sizeof server->asked - 1);
        server->asked[got < 0 ? 0 : got] = '\0';
        send(fd, server->answer, strlen(server->answer), MSG_NOSIGNAL);
        close(fd);
    }
    return NULL;
}

static unsigned probe_http(int fd, const char *answer, uint32_t timeout_ms, char *asked) {
    static struct http_server server;
    char target[64];
    pthread_t thread;
    server.listener = listen_somewhere("http://127.0.0.1:%d/health?x=1#part", target, sizeof target);
    server.answer = answer;
    pthread_create(&thread, NULL, serve_http, &server);
    unsigned outcome = probe(fd, "probed", 3, target, timeout_ms);
    shutdown(server.listener, SHUT_RDWR);
    pthread_join(thread, NULL);
    close(server.listener);
    strcpy(asked, server.asked);
    return outcome;
}

static void probes_find_out_what_is_ready(void) {
    char target[128];
    char asked[512];
    struct connection *connection = greeted();
    int fd = connection->fd;
    CHECK(start_service(fd, "probed", "sleep 0.3; touch there; echo x; exec sleep 100") == 0);
    snprintf(target, sizeof target, "%s/there", base);
    CHECK(probe(fd, "probed", 1, target, PATIENCE_MS) == READY && reply_number(&reply, 2) > reply_number(&reply, 24));
    CHECK(probe(fd, "probed", 1, "/no/such/file", 100) == LATE);
    CHECK(probe(fd, "probed", 0, "", 100) == READY);
    CHECK(probe(fd, "probed", 4, "test -e there", PATIENCE_MS) == READY);
    CHECK(probe(fd, "probed", 4, "exit 1", 100) == LATE);
    int64_t start = now_ms();
    CHECK(probe(fd, "probed", 4, "sleep 100 & setsid sleep 100", 300) == LATE && now_ms() - start < PATIENCE_MS);
    int listener = listen_somewhere("localhost:%d", target, sizeof target);
    CHECK(probe(fd, "probed", 2, target, PATIENCE_MS) == READY);
    close(listener);
    CHECK(probe(fd, "probed", 2, target, 100) == LATE);
    CHECK(probe(fd, "probed", 3, "http://[::1]:1/", 100) == LATE);
    CHECK(probe_http(fd, "HTTP/1.0 204 No Content\r\n\r\n", PATIENCE_MS, asked) == READY);
    CHECK(strstr(asked, "GET /health?x=1 HTTP/1.0\r\nHost: 127.0.0.1:") == asked);
    CHECK(probe_http(fd, "HTTP/1.1 302 Found\r\n\r\n", PATIENCE_MS, asked) == READY);
    CHECK(probe_http(fd, "HTTP/1.1 500 Oh\r\n\r\n", 400, asked) == LATE && probe_http(fd, "", 400, asked) == LATE);
    CHECK(probe_http(fd, "SSH-2.0-x\r\n", 400, asked) == LATE);
    static const char *const bad[] = {"example.org:80", "127.0.0.1", "127.0.0.1:0", "[::1]", ":80"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        CHECK(probe(fd, "probed", 2, bad[i], 100) == 1000 + ERROR_BAD_REQUEST);
    }
    CHECK(probe(fd, "probed", 1, "relative", 100) == 1000 + ERROR_BAD_REQUEST);
    CHECK(probe(fd, "probed", 3, "https://localhost/", 100) == 1000 + ERROR_BAD_REQUEST);
    CHECK(probe(fd, "probed", 5, "", 100) == 1000 + ERROR_BAD_REQUEST);
    CHECK(probe(fd, "probed", 0, "", 0) == 1000 + ERROR_LIMIT);
    CHECK(probe(fd, "no-such", 0, "", 100) == 1000 + ERROR_NOT_FOUND);
    CHECK(stop(fd, SERVICE, "probed", 5000, true) == 0);
    /* One that ends is not waited for. */
    CHECK(start_service(fd, "short", "sleep 0.2; exit 9") == 0);
    CHECK(probe(fd, "short", 1, "/no/such/file", PATIENCE_MS) == ENDED_BEFORE && reply_number(&reply, 22) == 9);
    CHECK(probe(fd, "short", 0, "", PATIENCE_MS) == ENDED_BEFORE);
    CHECK(stop(fd, SERVICE, "short", 0, true) == 0);
    disconnect(connection);
}

/* Starts the same name again and again, and reads, probes and stops what is there. */
static void *contend(void *argument) {
    int *started = argument;
    struct reply *own = malloc(sizeof *own);
    struct request *own_request = malloc(sizeof *own_request);
    struct connection *connection = greeted();
    for (int i = 0; own != NULL && own_request != NULL && i < 60; i++) {
        static const uint16_t operations[] = {START, READ, PROBE, STOP, LIST};
        uint16_t operation = operations[i % 5];
        request_start(own_request, operation);
        request_u8(own_request, 1, SERVICE);
        request_text(own_request, 2, "contended");
        if (operation == START) {
            request_text(own_request, 3, "echo x; exec sleep 100");
        } else if (operation == READ) {
            request_u64(own_request, 3, 0);
            request_u64(own_request, 4, 0);
            request_u32(own_request, 5, MIB);
            request_u32(own_request, 6, 20);
        } else if (operation == PROBE) {
            request_u8(own_request, 3, 0);
            request_u32(own_request, 5, 10);
            request_u32(own_request, 6, 20);
        } else if (operation == STOP) {
            request_u32(own_request, 3, 5000);
            request_u8(own_request, 4, (uint8_t)(i % 2));
        }
        client_request(connection->fd, own_request);
        client_reply(connection->fd, own);
        unsigned refused = reply_error(own);
        CHECK(refused == 0 || refused == ERROR_EXISTS || refused == ERROR_NOT_FOUND);
        *started += operation == START && refused == 0;
    }
    disconnect(connection);
    free(own_request);
    free(own);
    return NULL;
}

static void sessions_contend_for_one_job(void) {
    pthread_t threads[4];
    int started[4] = {0};
    for (int i = 0; i < 4; i++) {
        pthread_create(&threads[i], NULL, contend, &started[i]);
    }
    for (int i = 0; i < 4; i++) {
        pthread_join(threads[i], NULL);
    }
    /* How often one of them was the first is the scheduler's choice; that the first of all was, and that the name is
     * usable, is not. */
    CHECK(started[0] + started[1] + started[2] + started[3] >= 1);
    struct connection *connection = greeted();
    CHECK(stop(connection->fd, SERVICE, NULL, 5000, true) == 0);
    CHECK(start_service(connection->fd, "contended", "exec sleep 100") == 0);
    CHECK(stop(connection->fd, SERVICE, "contended", 5000, true) == 0);
    disconnect(connection);
}

void test_jobs(void) {
    RUN(a_shell_is_typed_into_and_read);
    RUN(jobs_run_as_other_users);
    RUN(a_job_outlives_its_session);
    RUN(signals_reach_the_foreground);
    RUN(what_a_shell_leaves_behind_goes_on_writing);
    RUN(a_service_writes_to_two_streams);
    RUN(bad_requests_are_refused);
    RUN(waiting_reads_wake_at_once);
    RUN(a_flood_is_kept_in_part);
    RUN(a_flooding_shell_is_read_meanwhile);
    RUN(a_shell_that_does_not_read_is_given_up);
    RUN(much_is_typed_into_one_that_reads);
    RUN(stopping_ends_the_whole_tree);
    RUN(a_service_leaves_nothing_behind);
    RUN(a_stop_is_completed_without_its_session);
    RUN(there_are_only_so_many);
    RUN(probes_find_out_what_is_ready);
    RUN(sessions_contend_for_one_job);
}
