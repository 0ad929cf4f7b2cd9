/* READ, WRITE, WALK, IMPORT and EXPORT, with real files. */
#include "protocol_test.h"
#include "tar_build.h"

static struct archive archive;

static void write_file(int fd, const char *path, const char *content, bool make_parents) {
    file_request(5, path);
    request_u8(&request, 4, make_parents);
    client_request(fd, &request);
    client_input(fd, content, strlen(content));
    client_reply(fd, &reply);
}

static void read_file(int fd, const char *path) {
    file_request(4, path);
    request_u64(&request, 3, 0);
    request_u64(&request, 4, UINT64_MAX);
    client_request(fd, &request);
    client_reply(fd, &reply);
}

static void files_are_written_and_read(void) {
    struct connection *connection = greeted();
    char command[512];
    int fd = connection->fd;
    snprintf(command, sizeof command,
             "cd %s && mkdir d && ln -s /etc out && ln -s ../.. up && ln -s d/f l && ln -s %s/d back && mkfifo fifo",
             base, base);
    client_exec(fd, command, &reply);
    write_file(fd, "d/f", "first", false);
    CHECK(reply_error(&reply) == 0 && reply_number(&reply, 1) == 5 && reply_number(&reply, 2) == 1);
    write_file(fd, "l", "second", false);
    CHECK(reply_error(&reply) == 0 && reply_number(&reply, 2) == 0);
    read_file(fd, "back/f");
    CHECK(reply_error(&reply) == 0 && out_is("second"));
    write_file(fd, "x/y/z", "", false);
    CHECK(reply_error(&reply) == ERROR_NOT_FOUND);
    write_file(fd, "x/y/z", "deep", true);
    CHECK(reply_error(&reply) == 0);
    static const struct {
        const char *path;
        unsigned error;
    } cases[] = {{"out/passwd", ERROR_OUTSIDE},   {"up/etc/passwd", ERROR_OUTSIDE}, {"../x", ERROR_OUTSIDE},
                 {"/etc/passwd", ERROR_OUTSIDE},  {"d", ERROR_IS_A_DIRECTORY},      {"fifo", ERROR_IS_A_DIRECTORY},
                 {"d/f/g", ERROR_NOT_A_DIRECTORY}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        read_file(fd, cases[i].path);
        CHECK(reply_error(&reply) == cases[i].error);
        write_file(fd, cases[i].path, "evil", true);
        CHECK(reply_error(&reply) == cases[i].error);
    }
    read_file(fd, "nothing");
    CHECK(reply_error(&reply) == ERROR_NOT_FOUND);
    snprintf(command, sizeof command, "cd %s && chmod 0741 d/f && ls -A | grep -c tmp$", base);
    client_exec(fd, command, &reply);
    CHECK(out_is("0\n"));
    write_file(fd, "d/f", "third", false);
    snprintf(command, sizeof command, "stat -c %%a %s/d/f", base);
    client_exec(fd, command, &reply);
    CHECK(out_is("741\n"));
    /* What the old content may do by its owner's or group's rights the new one may not. */
    CHECK(prints(fd, "chmod 7751 d/f", ""));
    write_file(fd, "d/f", "fourth", false);
    CHECK(prints(fd, "stat -c %a d/f && chmod 741 d/f && printf third > d/f", "1751\n"));
    disconnect(connection);
}

static void trees_are_walked(void) {
    struct connection *connection = greeted();
    file_request(3, "d");
    request_u32(&request, 3, UINT32_MAX);
    request_u8(&request, 4, 1);
    request_u32(&request, 5, 10);
    client_request(connection->fd, &request);
    client_reply(connection->fd, &reply);
    CHECK(reply_error(&reply) == 0 && reply_number(&reply, 1) == 2 && reply_number(&reply, 2) == 0);
    const uint8_t *entry = (const uint8_t *)reply.out;
    CHECK(entry[4] == 'd' && get_u16(entry + 45) == 0);
    entry += 4 + get_u32(entry);
    CHECK(entry[4] == 'f' && get_u32(entry + 5) == 0741 && get_u64(entry + 9) == 5 && get_u16(entry + 45) == 1);
    CHECK(entry[47] == 'f' && get_u16(entry + 48) == 0 && entry[50] == 32 &&
          get_u64(entry + 25) >= get_u64(entry + 17));
    file_request(3, "");
    request_u32(&request, 3, UINT32_MAX);
    request_u32(&request, 5, 3);
    client_request(connection->fd, &request);
    client_reply(connection->fd, &reply);
    CHECK(reply_number(&reply, 1) == 3 && reply_number(&reply, 2) == 1);
    disconnect(connection);
}

static void new_files_belong_to_the_directorys_owner(void) {
    struct connection *connection = greeted();
    int fd = connection->fd;
    if (geteuid() == 0) {
        CHECK(prints(fd, "mkdir mine && chown 7:8 mine && : > mine/kept && chown 9:9 mine/kept", ""));
        write_file(fd, "mine/new", "x", true);
        write_file(fd, "mine/a/b/new", "x", true);
        write_file(fd, "mine/kept", "x", true);
        CHECK(prints(fd, "stat -c %u:%g mine/new mine/a mine/a/b mine/a/b/new mine/kept | tr '\\n' ' '",
                     "7:8 7:8 7:8 7:8 9:9 "));
    }
    disconnect(connection);
}

static void import_archive(int fd, const char *path) {
    tar_end(&archive);
    file_request(6, path);
    request_u64(&request, 3, 100);
    request_u64(&request, 4, 100000);
    client_request(fd, &request);
    client_input(fd, archive.bytes, archive.length);
    client_reply(fd, &reply);
    archive.length = 0;
}

static void trees_are_imported_and_exported(void) {
    struct connection *connection = greeted();
    int fd = connection->fd;
    char command[512];
    snprintf(command, sizeof command, "mkdir %s/t && echo safe > %s/victim && ln -s .. %s/t/escape", base, base, base);
    client_exec(fd, command, &reply);
    uint8_t *directory = tar_add(&archive, '5', "sub", "", NULL);
    snprintf((char *)directory + 100, 8, "%07o", 0755U);
    tar_seal(directory);
    tar_add(&archive, '0', "sub/f", "", "content");
    tar_add(&archive, '1', "sub/h", "sub/f", NULL);
    tar_add(&archive, '2', "sub/s", "../../victim", NULL);
    import_archive(fd, "t");
    CHECK(reply_error(&reply) == 0 && reply_number(&reply, 1) == 4 && reply_number(&reply, 2) == 7);
    tar_add(&archive, '0', "sub/s", "", "replaces the link, not what it leads to");
    import_archive(fd, "t");
    CHECK(reply_error(&reply) == 0);
    tar_add(&archive, '0', "escape/victim", "", "evil");
    import_archive(fd, "t");
    CHECK(reply_error(&reply) == ERROR_BAD_ARCHIVE);
    tar_add(&archive, '1', "hard", "escape/victim", NULL);
    import_archive(fd, "t");
    CHECK(reply_error(&reply) == ERROR_BAD_ARCHIVE);
    read_file(fd, "victim");
    CHECK(out_is("safe\n"));
    file_request(7, "t");
    request_u64(&request, 3, 100000);
    client_request(fd, &request);
    client_reply(fd, &reply);
    CHECK(reply_error(&reply) == 0 && reply_number(&reply, 3) == 'd' && reply.out_length % TAR_BLOCK == 0);
    snprintf(command, sizeof command,
             "cd %s && mkdir u && tar -C u -xf - && diff -r --no-dereference t u/t && echo same", base);
    static char copy[1 << 20];
    size_t length = reply.out_length;
    memcpy(copy, reply.out, length);
    request_start(&request, 2);
    request_text(&request, 1, command);
    request_u8(&request, 5, 1);
    client_request(fd, &request);
    client_input(fd, copy, length);
    client_reply(fd, &reply);
    CHECK(out_is("same\n"));
    disconnect(connection);
}

void test_files(void) {
    RUN(files_are_written_and_read);
    RUN(new_files_belong_to_the_directorys_owner);
    RUN(trees_are_walked);
    RUN(trees_are_imported_and_exported);
}
