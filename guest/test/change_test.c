/* CHANGE, with real files. */
#include "protocol_test.h"

#include "change_reader.h"

static struct {
    size_t length;
    uint8_t bytes[1 << 20];
} records;

static void add(enum change_action action, const char *path, unsigned mode, const char *content) {
    uint8_t *at = records.bytes + records.length;
    size_t size = strlen(content);
    size_t path_length = strlen(path);
    at[0] = (uint8_t)action;
    put_u32(at + 1, mode);
    put_u64(at + 5, size);
    put_u16(at + 13, (uint16_t)path_length);
    memcpy(at + CHANGE_HEADER, path, path_length);
    memcpy(at + CHANGE_HEADER + path_length, content, size);
    records.length += CHANGE_HEADER + path_length + size;
}

/* Sends the records that were added; returns the error code, 0 for success. */
static unsigned change(int fd, const char *path) {
    file_request(11, path);
    request_u64(&request, 3, 100000);
    client_request(fd, &request);
    client_input(fd, records.bytes, records.length);
    client_reply(fd, &reply);
    records.length = 0;
    return reply_error(&reply);
}

/* What a tree looks like, in a line. */
#define LOOK "find c -mindepth 1 -printf '%P:%y%m ' | tr ' ' '\\n' | sort | tr '\\n' ' '"

static void make_tree(int fd) {
    CHECK(prints(fd,
                 "umask 022; rm -rf c; mkdir -p c/d/e c/g c/empty && echo 1 > c/d/e/x && echo 2 > c/d/f && echo 3 > "
                 "c/g/only && ln -s d c/l && ln -s /etc c/out && mkfifo c/fifo && chmod 640 c/d/f && echo ok",
                 "ok\n"));
}

static void changes_are_made(void) {
    struct connection *connection = greeted();
    int fd = connection->fd;
    make_tree(fd);
    add(CHANGE_DELETE, "g/only", 0, "");
    add(CHANGE_WRITE, "d/f", 0755, "new\n");
    add(CHANGE_WRITE, "n/e/w", 0600, "deep\n");
    add(CHANGE_WRITE, "n/e/empty", 0644, "");
    add(CHANGE_LINK, "l", 0, "elsewhere");
    add(CHANGE_LINK, "n/link", 0, "../d/f");
    CHECK(change(fd, "c") == 0 && reply_number(&reply, 1) == 6 && reply_number(&reply, 2) == 4 + 5 + 9 + 6);
    CHECK(prints(fd, LOOK,
                 "d/e/x:f644 d/e:d755 d/f:f755 d:d755 empty:d755 fifo:p644 l:l777 n/e/empty:f644 n/e/w:f600 n/e:d755 "
                 "n/link:l777 n:d755 out:l777 "));
    CHECK(prints(fd, "cat c/d/f c/n/e/w c/n/link; readlink c/l", "new\ndeep\nnew\nelsewhere\n"));
    if (geteuid() == 0) {
        CHECK(prints(fd, "chown 1234:56 c/d/f", ""));
        add(CHANGE_WRITE, "d/f", 04711, "again\n");
        CHECK(change(fd, "c") == 0);
        CHECK(prints(fd, "stat -c '%u:%g %a' c/d/f", "1234:56 4711\n"));
        /* What is new belongs to whom the directory belongs. */
        CHECK(prints(fd, "chown 7:8 c; chown 77:88 c/d", ""));
        add(CHANGE_WRITE, "d/e/new", 0644, "1");
        add(CHANGE_WRITE, "d/m/new", 0644, "2");
        add(CHANGE_WRITE, "o/p/new", 0644, "3");
        add(CHANGE_LINK, "o/link", 0, "p");
        CHECK(change(fd, "c") == 0);
        CHECK(prints(fd, "stat -c '%u:%g' c/d/e/new c/d/m c/d/m/new c/o c/o/p c/o/p/new c/o/link c/d c | tr '\\n' ' '",
                     "0:0 77:88 77:88 7:8 7:8 7:8 7:8 77:88 7:8 "));
    }
    CHECK(prints(fd, "ls -A . c | grep pyro", ""));
    disconnect(connection);
}

static void kinds_change(void) {
    struct connection *connection = greeted();
    int fd = connection->fd;
    make_tree(fd);
    /* A directory becomes a file, a file a directory, a link a file, and a file is deleted and written anew. */
    add(CHANGE_DELETE, "d/e/x", 0, "");
    add(CHANGE_WRITE, "d/e", 0644, "file\n");
    add(CHANGE_DELETE, "g/only", 0, "");
    add(CHANGE_WRITE, "g/only/below", 0644, "dir\n");
    add(CHANGE_DELETE, "l", 0, "");
    add(CHANGE_WRITE, "l", 0644, "no link\n");
    add(CHANGE_DELETE, "d/f", 0, "");
    add(CHANGE_LINK, "d/f", 0, "e");
    add(CHANGE_WRITE, "empty", 0600, "");
    CHECK(change(fd, "c") == 0);
    CHECK(
        prints(fd, LOOK,
               "d/e:f644 d/f:l777 d:d755 empty:f600 fifo:p644 g/only/below:f644 g/only:d755 g:d755 l:f644 out:l777 "));
    /* A link becomes a directory; a directory vanishes with all that was in it. */
    add(CHANGE_DELETE, "out", 0, "");
    add(CHANGE_WRITE, "out/passwd", 0644, "mine\n");
    add(CHANGE_DELETE, "g/only/below", 0, "");
    CHECK(change(fd, "c") == 0);
    CHECK(prints(fd, LOOK, "d/e:f644 d/f:l777 d:d755 empty:f600 fifo:p644 l:f644 out/passwd:f644 out:d755 "));
    disconnect(connection);
}

/* Every one of these is refused, and nothing changes. */
static void what_is_refused_changes_nothing(void) {
    static const struct {
        enum change_action action;
        const char *path;
        unsigned error;
    } cases[] = {
        {CHANGE_DELETE, "missing", ERROR_NOT_FOUND},
        {CHANGE_DELETE, "d", ERROR_IS_A_DIRECTORY},
        {CHANGE_DELETE, "fifo", ERROR_IS_A_DIRECTORY},
        {CHANGE_DELETE, "l/f", ERROR_OUTSIDE},
        {CHANGE_DELETE, "d/f/x", ERROR_NOT_A_DIRECTORY},
        {CHANGE_WRITE, "d", ERROR_IS_A_DIRECTORY},
        {CHANGE_WRITE, "fifo", ERROR_IS_A_DIRECTORY},
        {CHANGE_WRITE, "l/f", ERROR_OUTSIDE},
        {CHANGE_WRITE, "out/passwd", ERROR_OUTSIDE},
        {CHANGE_WRITE, "d/f/x", ERROR_NOT_A_DIRECTORY},
        {CHANGE_WRITE, "../x", ERROR_OUTSIDE},
        {CHANGE_WRITE, "/etc/x", ERROR_OUTSIDE},
        {CHANGE_WRITE, "d/../../x", ERROR_OUTSIDE},
        {CHANGE_WRITE, "d//x", ERROR_BAD_REQUEST},
        {CHANGE_WRITE, "d/./x", ERROR_BAD_REQUEST},
        {CHANGE_WRITE, "d/", ERROR_BAD_REQUEST},
        {CHANGE_WRITE, "", ERROR_BAD_REQUEST},
        {CHANGE_WRITE, "n/w", ERROR_BAD_REQUEST},   /* the batch has it already */
        {CHANGE_WRITE, "n", ERROR_BAD_REQUEST},     /* the batch has it as a directory */
        {CHANGE_WRITE, "n/w/x", ERROR_BAD_REQUEST}, /* the batch has a file above */
        {CHANGE_DELETE, "d/e/x", ERROR_BAD_REQUEST},
        {(enum change_action)4, "x", ERROR_BAD_REQUEST},
    };
    struct connection *connection = greeted();
    int fd = connection->fd;
    make_tree(fd);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        add(CHANGE_DELETE, "g/only", 0, "");
        add(CHANGE_DELETE, "d/e/x", 0, "");
        add(CHANGE_WRITE, "n/w", 0600, "x");
        add(cases[i].action, cases[i].path, 0, "");
        unsigned code = change(fd, "c");
        if (code != cases[i].error) {
            fprintf(stderr, "action %d of %s: %u %s\n", (int)cases[i].action, cases[i].path, code,
                    code == 0 ? "" : reply_message(&reply));
            check_failures++;
        }
        CHECK(prints(fd, "{ echo ''; " LOOK "; } | tr -d '\\n'; ls -A | grep pyro-",
                     "d/e/x:f644 d/e:d755 d/f:f640 d:d755 empty:d755 fifo:p644 g/only:f644 g:d755 l:l777 out:l777 "));
    }
    /* Content beyond the bound, a batch that is cut off, and a host that goes away. */
    static char much[100001 + 1];
    memset(much, 'x', sizeof much - 1);
    add(CHANGE_WRITE, "much", 0600, much);
    CHECK(change(fd, "c") == ERROR_LIMIT);
    add(CHANGE_WRITE, "cut", 0600, "content");
    records.length -= 3;
    CHECK(change(fd, "c") == ERROR_BAD_REQUEST);
    file_request(11, "c");
    request_u64(&request, 3, 100);
    client_request(fd, &request);
    add(CHANGE_WRITE, "gone", 0600, "content");
    client_send(fd, FRAME_DATA, records.bytes, records.length);
    records.length = 0;
    CHECK(client_hello(fd));
    CHECK(prints(fd, "ls -A c; ls -A | grep pyro-", "d\nempty\nfifo\ng\nl\nout\n"));
    disconnect(connection);
}

/* What cannot be put into place when everything else has been: all of it is taken back. */
static void a_late_failure_is_undone(void) {
    struct connection *connection = greeted();
    int fd = connection->fd;
    make_tree(fd);
    if (geteuid() == 0 && prints(fd, "chattr +i c/g 2> /dev/null && echo ok || true", "ok\n")) {
        add(CHANGE_DELETE, "d/e/x", 0, "");
        add(CHANGE_WRITE, "d/f", 0600, "new");
        add(CHANGE_WRITE, "d/n/new", 0600, "new");
        add(CHANGE_WRITE, "g/new", 0600, "new");
        CHECK(change(fd, "c") == ERROR_IO);
        CHECK(
            prints(fd, "chattr -i c/g; cat c/d/f; " LOOK,
                   "2\nd/e/x:f644 d/e:d755 d/f:f640 d:d755 empty:d755 fifo:p644 g/only:f644 g:d755 l:l777 out:l777 "));
    }
    disconnect(connection);
}

void test_changes(void) {
    RUN(changes_are_made);
    RUN(kinds_change);
    RUN(what_is_refused_changes_nothing);
    RUN(a_late_failure_is_undone);
}
