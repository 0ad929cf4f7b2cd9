/* IMPORT, all or nothing. */
#include "protocol_test.h"

#include "tar_build.h"

static struct archive archive;

/* Sends the archive that was built; returns the error code, 0 for success. */
static unsigned import_staged(int fd, const char *path, bool make_missing) {
    tar_end(&archive);
    file_request(6, path);
    request_u64(&request, 3, 100);
    request_u64(&request, 4, 1000);
    request_u8(&request, 5, 1);
    request_u8(&request, 6, make_missing);
    client_request(fd, &request);
    client_input(fd, archive.bytes, archive.length);
    client_reply(fd, &reply);
    archive.length = 0;
    return reply_error(&reply);
}

static void make_tree(int fd) {
    CHECK(prints(
        fd,
        "umask 022; rm -rf s; mkdir -p s/d s/full s/empty && echo old > s/d/f && echo kept > s/d/kept && echo x > "
        "s/full/x && ln -s d s/link && chmod 700 s/d && echo ok",
        "ok\n"));
}

static void archives_are_merged(void) {
    struct connection *connection = greeted();
    int fd = connection->fd;
    make_tree(fd);
    tar_add(&archive, '0', "d/f", "", "new\n");
    tar_add(&archive, '0', "d/n/ew", "", "deep\n");
    tar_add(&archive, '1', "hard", "d/f", NULL);
    tar_add(&archive, '0', "empty", "", "no directory\n");
    tar_add(&archive, '5', "link", "", NULL);
    tar_add(&archive, '0', "link/inside", "", "real\n");
    tar_add(&archive, '2', "full/x", "../d", NULL);
    CHECK(import_staged(fd, "s", false) == 0 && reply_number(&reply, 1) == 7);
    CHECK(prints(fd,
                 "cat s/d/f s/d/kept s/d/n/ew s/hard s/empty s/link/inside; readlink s/full/x; stat -c %a s/d s/link",
                 "new\nkept\ndeep\nnew\nno directory\nreal\n../d\n700\n644\n"));
    CHECK(prints(fd, "stat -c %Y s/d/f s/link; ls -A . s | grep pyro-", "1000000000\n1000000000\n"));
    /* A directory that is an entry gives its mode to the one that is there. */
    tar_add(&archive, '5', "d", "", NULL);
    tar_add(&archive, '0', "d/kept", "", "");
    CHECK(import_staged(fd, "s", false) == 0);
    CHECK(prints(fd, "stat -c '%a %Y' s/d; cat s/d/f s/d/kept", "644 1000000000\nnew\n"));
    disconnect(connection);
}

/* New files belong to whom their directory belongs, staged or not; what is there keeps its owner. */
static void owners_are_inherited(void) {
    struct connection *connection = greeted();
    int fd = connection->fd;
    for (int staged = 0; staged < 2 && geteuid() == 0; staged++) {
        make_tree(fd);
        CHECK(prints(fd, "chown 7:8 s; chown 77:88 s/d s/d/f; chmod 755 s s/d", ""));
        tar_add(&archive, '5', "d", "", NULL);
        tar_add(&archive, '0', "d/f", "", "new");
        tar_add(&archive, '5', "d/sub", "", NULL);
        tar_add(&archive, '2', "d/sub/link", "/etc/passwd", NULL);
        tar_add(&archive, '0', "a/b/file", "", "x");
        tar_add(&archive, '1', "a/hard", "a/b/file", NULL);
        tar_end(&archive);
        file_request(6, "s/in");
        request_u64(&request, 3, 100);
        request_u64(&request, 4, 1000);
        request_u8(&request, 5, (uint8_t)staged);
        request_u8(&request, 6, 1);
        client_request(fd, &request);
        client_input(fd, archive.bytes, archive.length);
        client_reply(fd, &reply);
        CHECK(reply_error(&reply) == 0);
        CHECK(prints(fd, "stat -c '%u:%g' s/in s/in/a s/in/a/b s/in/a/b/file s/in/d s/in/d/sub/link | uniq", "7:8\n"));
        file_request(6, "s");
        request_u64(&request, 3, 100);
        request_u64(&request, 4, 1000);
        request_u8(&request, 5, (uint8_t)staged);
        client_request(fd, &request);
        client_input(fd, archive.bytes, archive.length);
        client_reply(fd, &reply);
        archive.length = 0;
        CHECK(reply_error(&reply) == 0);
        CHECK(prints(fd,
                     "stat -c '%u:%g' s/d s/d/f s/d/sub s/d/sub/link s/a s/a/b/file s | tr '\\n' ' '; stat -c %a s/d",
                     "77:88 77:88 77:88 77:88 7:8 7:8 7:8 644\n"));
        CHECK(prints(fd, "stat -c %u /etc/passwd", "0\n"));
    }
    disconnect(connection);
}

static void missing_directories_are_made_on_demand(void) {
    struct connection *connection = greeted();
    int fd = connection->fd;
    make_tree(fd);
    tar_add(&archive, '0', "f", "", "x");
    CHECK(import_staged(fd, "s/a/b", false) == ERROR_NOT_FOUND);
    tar_add(&archive, '0', "../f", "", "x");
    CHECK(import_staged(fd, "s/a/./b/", true) == ERROR_BAD_ARCHIVE);
    CHECK(prints(fd, "ls s", "d\nempty\nfull\nlink\n"));
    tar_add(&archive, '0', "f", "", "x");
    CHECK(import_staged(fd, "s/a/b", true) == 0);
    tar_add(&archive, '0', "g", "", "y");
    CHECK(import_staged(fd, "s/link/c", true) == 0);
    CHECK(prints(fd, "cat s/a/b/f s/d/c/g; stat -c %a s/a", "xy755\n"));
    disconnect(connection);
}

static void what_is_refused_changes_nothing(void) {
    static const struct {
        char type;
        const char *name;
        const char *target;
        const char *content;
        unsigned error;
    } cases[] = {
        {'0', "full", "", "a file over a directory", ERROR_IS_A_DIRECTORY},
        {'2', "full", "x", NULL, ERROR_IS_A_DIRECTORY},
        {'0', "link/f", "", "through a link", ERROR_BAD_ARCHIVE},
        {'0', "full/x/y", "", "below a file", ERROR_BAD_ARCHIVE},
        {'1', "h", "d/kept", NULL, ERROR_BAD_ARCHIVE},
        {'3', "device", "", NULL, ERROR_BAD_ARCHIVE},
        {'0', "/abs", "", "x", ERROR_BAD_ARCHIVE},
    };
    struct connection *connection = greeted();
    int fd = connection->fd;
    make_tree(fd);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        tar_add(&archive, '0', "d/f", "", "new");
        tar_add(&archive, '0', "a/new", "", "new");
        tar_add(&archive, cases[i].type, cases[i].name, cases[i].target, cases[i].content);
        unsigned code = import_staged(fd, "s", false);
        if (code != cases[i].error) {
            fprintf(stderr, "%s: %u\n", cases[i].name, code);
            check_failures++;
        }
        CHECK(prints(fd, "ls -A . s | grep pyro-; ls s; cat s/d/f s/full/x", "d\nempty\nfull\nlink\nold\nx\n"));
    }
    /* A host that goes away. */
    file_request(6, "s");
    request_u64(&request, 3, 100);
    request_u64(&request, 4, 1000);
    request_u8(&request, 5, 1);
    client_request(fd, &request);
    tar_add(&archive, '0', "d/f", "", "new");
    client_send(fd, FRAME_DATA, archive.bytes, archive.length);
    archive.length = 0;
    CHECK(client_hello(fd));
    CHECK(prints(fd, "ls -A . s | grep pyro-; cat s/d/f", "old\n"));
    disconnect(connection);
}

static size_t walked(int fd) {
    file_request(3, "");
    request_u32(&request, 3, 1);
    request_u32(&request, 5, 1000);
    client_request(fd, &request);
    client_reply(fd, &reply);
    return (size_t)reply_number(&reply, 1);
}

static void staging_folders_are_hidden_and_swept(void) {
    struct connection *connection = greeted();
    struct connection *other = greeted();
    int fd = connection->fd;
    make_tree(fd);
    CHECK(prints(fd,
                 "mkdir -p .pyro-import-0123456789abcdef-1/new .pyro-change-0123456789abcdef-22 "
                 ".pyro-import-0123456789abcdef-x .pyro-import-0123; ls -A | grep -c pyro-",
                 "4\n"));
    size_t before = walked(other->fd);
    file_request(6, "s");
    request_u64(&request, 3, 100);
    request_u64(&request, 4, 1000);
    request_u8(&request, 5, 1);
    client_request(fd, &request);
    tar_add(&archive, '0', "d/f", "", "new");
    client_send(fd, FRAME_DATA, archive.bytes, archive.length);
    for (int i = 0; i < PATIENCE_MS / 20 && walked(other->fd) != before - 2; i++) {
        usleep(20000); /* until the request is under way */
    }
    CHECK(walked(other->fd) == before - 2); /* those of another run are gone, and its own is hidden */
    CHECK(prints(other->fd, "ls -Ad .pyro-* | grep -vc 0123", "1\n"));
    file_request(7, "");
    request_u64(&request, 3, 1 << 20);
    client_request(other->fd, &request);
    client_reply(other->fd, &reply);
    CHECK(reply_error(&reply) == 0 && memmem(reply.out, reply.out_length, "/new/d", 6) == NULL);
    tar_end(&archive);
    client_input(fd, archive.bytes + 2 * TAR_BLOCK, archive.length - 2 * TAR_BLOCK);
    archive.length = 0;
    client_reply(fd, &reply);
    CHECK(reply_error(&reply) == 0);
    CHECK(prints(fd, "cat s/d/f; ls -A | grep pyro-", "new.pyro-import-0123\n.pyro-import-0123456789abcdef-x\n"));
    disconnect(other);
    disconnect(connection);
}

void test_staged_imports(void) {
    if (geteuid() != 0) {
        fprintf(stderr, "an archive's directories let nobody in but root: no staged imports\n");
        return;
    }
    RUN(archives_are_merged);
    RUN(owners_are_inherited);
    RUN(missing_directories_are_made_on_demand);
    RUN(what_is_refused_changes_nothing);
    RUN(staging_folders_are_hidden_and_swept);
}
