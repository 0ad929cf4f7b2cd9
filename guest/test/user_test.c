/* EXEC as another user, in plain shells, and in directories that are made. */
#include "protocol_test.h"

#include <grp.h>
#include <stdlib.h>

/* Numbers that no machine's files know, and a name that every one's know. */
#define STRANGER "54321:54322"
#define NOBODY "nobody"

static unsigned exec_as(int fd, const char *user, const char *directory, const char *command) {
    request_start(&request, 2);
    request_text(&request, 1, command);
    if (directory != NULL) {
        request_text(&request, 2, directory);
    }
    if (user != NULL) {
        request_text(&request, 6, user);
    }
    client_request(fd, &request);
    client_reply(fd, &reply);
    return reply_error(&reply);
}

static void users_are_become(void) {
    struct connection *connection = greeted();
    int fd = connection->fd;
    if (geteuid() != 0) {
        CHECK(exec_as(fd, STRANGER, NULL, "id") == ERROR_IO && strstr(reply_message(&reply), "54321") != NULL);
        disconnect(connection);
        return;
    }
    CHECK(exec_as(fd, STRANGER, NULL, "id -u; id -G; echo $HOME $USER $LOGNAME; pwd; umask; ps -o sid= $$ | wc -w") ==
          0);
    CHECK(out_is("54321\n54322\n/ 54321 54321\n/\n0022\n1\n"));
    CHECK(exec_as(fd, STRANGER, "/", "grep -E '^(CapEff|CapPrm|NoNewPrivs)' /proc/self/status | tr -d '\\n\\t'") == 0);
    CHECK(out_is("CapPrm:0000000000000000CapEff:0000000000000000NoNewPrivs:0"));
    CHECK(exec_as(fd, STRANGER, NULL, "echo out > /dev/stdout; echo err > /dev/stderr; : < /etc/shadow") == 0);
    CHECK(out_is("out\n") && reply_number(&reply, 1) != 0 && reply.err_length > 4 &&
          memcmp(reply.err, "err\n", 4) == 0);
    CHECK(exec_as(fd, NULL, NULL, "stat -c '%u:%g' /dev/null; id -u") == 0 && out_is("0:0\n0\n"));
    CHECK(exec_as(fd, "no-such-user", NULL, "id") == ERROR_NO_SUCH_USER);
    CHECK(exec_as(fd, "root:no-such-group", NULL, "id") == ERROR_NO_SUCH_USER);
    CHECK(exec_as(fd, "", NULL, "id") == ERROR_BAD_REQUEST);
    CHECK(prints(fd, "chmod 700 .", "") && exec_as(fd, STRANGER, base, "id") == ERROR_IO);
    disconnect(connection);
}

/* The groups are those of the machine's own files, whatever the agent's are. */
static void users_have_their_groups(void) {
    struct connection *connection = greeted();
    if (geteuid() == 0) {
        char expected[4096];
        const gid_t others[] = {54320};
        CHECK(setgroups(1, others) == 0);
        CHECK(exec_as(connection->fd, NULL, NULL, "id -G " NOBODY "; getent passwd " NOBODY " | cut -d: -f1,6") == 0);
        snprintf(expected, sizeof expected, "%.*s", (int)reply.out_length, reply.out);
        CHECK(exec_as(connection->fd, NOBODY, NULL, "id -G; echo $USER:$HOME") == 0 && out_is(expected));
        CHECK(setgroups(0, NULL) == 0);
    }
    disconnect(connection);
}

static void a_given_home_is_kept(void) {
    struct connection *connection = greeted();
    request_start(&request, 2);
    request_text(&request, 1, "echo $HOME $USER");
    request_text(&request, 3, "HOME=/given");
    request_text(&request, 6, geteuid() == 0 ? STRANGER : "");
    client_request(connection->fd, &request);
    client_reply(connection->fd, &reply);
    CHECK(geteuid() == 0 ? out_is("/given 54321\n") : reply_error(&reply) == ERROR_BAD_REQUEST);
    disconnect(connection);
}

static void a_plain_shell_reads_no_profile(void) {
    char variable[128];
    struct connection *connection = greeted();
    int fd = connection->fd;
    CHECK(prints(fd, "echo 'echo profile' > .profile", ""));
    for (uint8_t plain = 0; plain < 2; plain++) {
        request_start(&request, 2);
        request_text(&request, 1, "echo text");
        snprintf(variable, sizeof variable, "HOME=%s", base);
        request_text(&request, 3, variable);
        request_text(&request, 7, "echo"); /* there is a shell: they count for nothing */
        request_text(&request, 7, "arguments");
        request_u8(&request, 8, plain);
        client_request(fd, &request);
        client_reply(fd, &reply);
        CHECK(out_is(plain ? "text\n" : "profile\ntext\n"));
    }
    disconnect(connection);
}

static unsigned exec_in(int fd, const char *directory, bool make) {
    request_start(&request, 2);
    request_text(&request, 1, "pwd -P; stat -c '%u %a' . ..");
    request_text(&request, 2, directory);
    request_text(&request, 6, geteuid() == 0 ? STRANGER : "root");
    if (geteuid() != 0) {
        request_start(&request, 2);
        request_text(&request, 1, "pwd -P; stat -c '0 %a' . ..");
        request_text(&request, 2, directory);
    }
    request_u8(&request, 9, make);
    client_request(fd, &request);
    client_reply(fd, &reply);
    return reply_error(&reply);
}

static void working_directories_are_made_on_demand(void) {
    char directory[128];
    char expected[256];
    struct connection *connection = greeted();
    int fd = connection->fd;
    CHECK(prints(fd, "chmod 755 .; rm -rf made; : > file", ""));
    snprintf(directory, sizeof directory, "%s/made/deep", base);
    snprintf(expected, sizeof expected, "%s\n0 755\n0 755\n", directory);
    CHECK(exec_in(fd, directory, false) == ERROR_NOT_FOUND);
    CHECK(exec_in(fd, directory, true) == 0 && out_is(expected));
    CHECK(exec_in(fd, directory, true) == 0 && out_is(expected)); /* it is there */
    snprintf(directory, sizeof directory, "%s/file/below", base);
    CHECK(exec_in(fd, directory, true) == ERROR_NOT_A_DIRECTORY);
    disconnect(connection);
}

/* The folder of the tests is the other user's: root makes nothing behind what stands in there. */
static void no_directory_is_made_behind_a_users_link(void) {
    static const char *const paths[] = {"a/b", "home/../c", "home/inner/d"};
    char directory[128];
    struct connection *connection = greeted();
    int fd = connection->fd;
    CHECK(prints(fd, "mkdir theirs && cd theirs && mkdir victim home && ln -s ../victim home/inner && ln -s victim a",
                 ""));
    CHECK(geteuid() != 0 || prints(fd, "chown 54321:54322 theirs theirs/home", ""));
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
        snprintf(directory, sizeof directory, "%s/theirs/%s", base, paths[i]);
        CHECK(exec_in(fd, directory, true) == ERROR_OUTSIDE);
        CHECK(strstr(reply_message(&reply), directory) != NULL && strstr(reply_message(&reply), "link") != NULL);
        CHECK(strstr(reply_message(&reply), "`..`") != NULL);
    }
    CHECK(prints(fd, "ls -A theirs", "a\nhome\nvictim\n") && prints(fd, "ls -A theirs/victim", ""));
    /* What is there is entered, as the user. */
    snprintf(directory, sizeof directory, "%s/theirs/home/inner", base);
    CHECK(exec_in(fd, directory, true) == 0);
    disconnect(connection);
}

/* Only root can have made the link. */
static void directories_are_made_behind_roots_links(void) {
    char path[64] = "/pyro-agent-test-XXXXXX";
    char directory[128];
    char command[256];
    char expected[256];
    struct connection *connection = greeted();
    if (geteuid() == 0) {
        CHECK(mkdtemp(path) != NULL && chmod(path, 0755) == 0);
        int fd = connection->fd;
        snprintf(command, sizeof command,
                 "mkdir -p %s/real/deep && ln -s real/./deep/.. %s/link && ln -s %s/link %s/far", path, path, path,
                 path);
        client_exec(fd, command, &reply);
        CHECK(reply_number(&reply, 1) == 0);
        snprintf(directory, sizeof directory, "%s/far//new/er/", path);
        snprintf(expected, sizeof expected, "%s/real/new/er\n0 755\n0 755\n", path);
        CHECK(exec_in(fd, directory, true) == 0 && out_is(expected));
        /* A loop is nobody's attempt. */
        snprintf(command, sizeof command, "ln -s loop %s/loop", path);
        client_exec(fd, command, &reply);
        snprintf(directory, sizeof directory, "%s/loop/new", path);
        CHECK(exec_in(fd, directory, true) == ERROR_IO && strstr(reply_message(&reply), strerror(ELOOP)) != NULL);
        snprintf(command, sizeof command, "cd %s && rm -r real link far loop && rmdir ../%s", path, path);
        client_exec(fd, command, &reply);
        CHECK(reply_number(&reply, 1) == 0);
    }
    disconnect(connection);
}

static void too_many_arguments_are_refused(void) {
    struct connection *connection = greeted();
    int fd = connection->fd;
    request_start(&request, 2);
    request_text(&request, 1, "true");
    for (int i = 0; i <= MAX_ARGUMENTS; i++) {
        request_text(&request, 7, "");
    }
    client_request(fd, &request);
    client_reply(fd, &reply);
    CHECK(reply_error(&reply) == ERROR_LIMIT);
    request_start(&request, 2);
    request_text(&request, 1, "true");
    request_bytes(&request, 7, "a\0b", 3);
    client_request(fd, &request);
    client_reply(fd, &reply);
    CHECK(reply_error(&reply) == ERROR_BAD_REQUEST);
    disconnect(connection);
}

void test_users(void) {
    RUN(users_are_become);
    RUN(users_have_their_groups);
    RUN(a_given_home_is_kept);
    RUN(a_plain_shell_reads_no_profile);
    RUN(working_directories_are_made_on_demand);
    RUN(no_directory_is_made_behind_a_users_link);
    RUN(directories_are_made_behind_roots_links);
    RUN(too_many_arguments_are_refused);
}
