/* What the machine's files say of users. */
#include "check.h"
#include "scope.h"
#include "unit_test.h"
#include "users.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define PASSWD                                                                                                         \
    "root:x:0:0:root:/root:/bin/sh\n"                                                                                  \
    "# a remark\n"                                                                                                     \
    "+nis\n"                                                                                                           \
    "broken:x:12\n"                                                                                                    \
    "broken:x:twelve:1:::\n"                                                                                           \
    "broken:x:4294967295:1:::\n"                                                                                       \
    "app:x:1000:1001:App,,:/srv/app:/bin/false\n"                                                                      \
    "app:x:7:7::/:\n"                                                                                                  \
    "2000:x:2001:2002::/digits:\n"                                                                                     \
    "short:x:1002:1002\n"                                                                                              \
    "wild:x:1003:1003::no/path:\n"                                                                                     \
    "last:x:4294967294:1:::"
#define GROUP                                                                                                          \
    "root:x:0:\n"                                                                                                      \
    "app:x:1001:app\n"                                                                                                 \
    "disk:x:6:other,app\n"                                                                                             \
    "bad:x:6x:app\n"                                                                                                   \
    "near:x:8:apps,myapp\n"                                                                                            \
    "video:x:44:app,app\n"                                                                                             \
    "digits:x:45:2000,root"

static struct user user;
static struct error error;

static struct slice slice_of(const char *text) {
    return (struct slice){.bytes = (const uint8_t *)text, .length = strlen(text)};
}

static bool find(const char *wanted) {
    return users_find(wanted, slice_of(PASSWD), slice_of(GROUP), &user, &error);
}

/* Describes who was found in a line. */
static bool is(const char *wanted, const char *expected) {
    char line[MAX_PATH + 512];
    size_t length;
    if (!find(wanted)) {
        fprintf(stderr, "`%s`: %s\n", wanted, error.message);
        return false;
    }
    length = (size_t)snprintf(line, sizeof line, "%u:%u %s %s", user.uid, user.gid, user.name, user.home);
    for (size_t i = 0; i < user.group_count; i++) {
        length += (size_t)snprintf(line + length, sizeof line - length, " %u", user.groups[i]);
    }
    if (strcmp(line, expected) != 0) {
        fprintf(stderr, "`%s`: %s\n", wanted, line);
        return false;
    }
    return true;
}

static bool is_unknown(const char *wanted, const char *told) {
    return !find(wanted) && error.code == ERROR_NO_SUCH_USER && strstr(error.message, told) != NULL;
}

void users_are_found(void) {
    CHECK(is("app", "1000:1001 app /srv/app 1001 6 44"));
    CHECK(is("1000", "1000:1001 app /srv/app 1001 6 44"));
    CHECK(is("app:disk", "1000:6 app /srv/app 6"));
    CHECK(is("app:77", "1000:77 app /srv/app 77"));
    CHECK(is("app:", "1000:1001 app /srv/app 1001 6 44"));
    CHECK(is("2000", "2001:2002 2000 /digits 2002 45")); /* a name before a number */
    CHECK(is("3000", "3000:0 3000 / 0"));
    CHECK(is("3000:video", "3000:44 3000 / 44"));
    CHECK(is("root", "0:0 root /root 0 45"));
    CHECK(is("0:0", "0:0 root /root 0"));
    CHECK(is(":disk", "0:6 root /root 6"));
    CHECK(is("short", "1002:1002 short / 1002"));
    CHECK(is("wild", "1003:1003 wild / 1003"));
    CHECK(is("last", "4294967294:1 last / 1"));
}

void users_that_are_not_there_are_unknown(void) {
    CHECK(is_unknown("nobody", "there is no user `nobody` in /etc/passwd"));
    CHECK(is_unknown("broken", "`broken`"));
    CHECK(is_unknown("ap", "`ap`"));
    CHECK(is_unknown("-1", "`-1`"));
    CHECK(is_unknown(" 1", "` 1`"));
    CHECK(is_unknown("4294967295", "`4294967295`"));
    CHECK(is_unknown("99999999999999999999999", "no user"));
    CHECK(is_unknown("app:nogroup", "there is no group `nogroup` in /etc/group"));
    CHECK(is_unknown("app:6x", "`6x`"));
    CHECK(is_unknown("app:disk:", "`disk:`"));
}

void users_need_no_files(void) {
    struct slice none = {.bytes = NULL};
    CHECK(users_find("root", none, none, &user, &error) && user.uid == 0 && strcmp(user.home, "/root") == 0);
    CHECK(users_find("0", none, none, &user, &error) && user.uid == 0 && strcmp(user.name, "root") == 0);
    CHECK(users_find("5:6", none, none, &user, &error) && user.uid == 5 && user.gid == 6 &&
          strcmp(user.home, "/") == 0 && strcmp(user.name, "5") == 0);
    CHECK(users_find("root:root", none, none, &user, &error) && user.uid == 0 && user.gid == 0 &&
          user.group_count == 1 && user.groups[0] == 0);
    CHECK(users_find("5:root", none, slice_of("root:x:no"), &user, &error) && user.uid == 5 && user.gid == 0);
    CHECK(users_find("5:root", none, slice_of("root:x:9:"), &user, &error) && user.gid == 9); /* its line counts */
    CHECK(!users_find("app", none, none, &user, &error) && error.code == ERROR_NO_SUCH_USER);
    CHECK(!users_find("5:wheel", none, none, &user, &error) && error.code == ERROR_NO_SUCH_USER);
}

/* Names and homes that no environment could hold, and more groups than count. */
void users_are_bounded(void) {
    static const char nul[] = "a\0b:x:1:1::/h\0ome:\nb:x:2:2::/h\0:";
    static char many[512 * 16];
    static char long_home[MAX_PATH + 64];
    size_t length = 0;
    struct slice passwd = {.bytes = (const uint8_t *)nul, .length = sizeof nul - 1};
    CHECK(!users_find("a", passwd, passwd, &user, &error));
    CHECK(users_find("1", passwd, passwd, &user, &error) && user.gid == 0);
    CHECK(users_find("b", passwd, passwd, &user, &error) && strcmp(user.home, "/") == 0);
    for (unsigned gid = 1; gid <= 512; gid++) {
        length += (size_t)snprintf(many + length, sizeof many - length, "g:x:%u:u\n", gid);
    }
    CHECK(users_find("u:", slice_of("u:x:9:9::/u:"), slice_of(many), &user, &error) && user.group_count == MAX_GROUPS);
    CHECK(user.groups[0] == 9 && user.groups[1] == 1 && user.groups[MAX_GROUPS - 1] == 256);
    length = (size_t)sprintf(long_home, "u:x:9:9::/");
    memset(long_home + length, 'h', MAX_PATH - 1);
    CHECK(users_find("u", slice_of(long_home), slice_of(""), &user, &error) && strlen(user.home) == MAX_PATH);
    strcat(long_home, "h");
    CHECK(users_find("u", slice_of(long_home), slice_of(""), &user, &error) && strcmp(user.home, "/") == 0);
}

static void put(const char *path, const char *text, off_t size) {
    SCOPED_FD fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    CHECK(write(fd, text, strlen(text)) == (ssize_t)strlen(text) && (size == 0 || ftruncate(fd, size) == 0));
}

static bool is_plain_root(const char *passwd, const char *group, const char *wanted, gid_t gid) {
    return users_look_up_in(passwd, group, wanted, &user, &error) && user.uid == 0 && user.gid == gid &&
           user.group_count == 1 && user.groups[0] == gid && strcmp(user.name, "root") == 0 &&
           strcmp(user.home, "/root") == 0;
}

static bool is_too_large(const char *passwd, const char *group, const char *wanted) {
    return !users_look_up_in(passwd, group, wanted, &user, &error) && error.code == ERROR_LIMIT;
}

/* Somebody must be able to mend them. */
void root_needs_no_readable_files(void) {
    char folder[] = "/tmp/pyro-users-XXXXXX";
    char passwd[64];
    char group[64];
    CHECK(mkdtemp(folder) != NULL);
    snprintf(passwd, sizeof passwd, "%s/passwd", folder);
    snprintf(group, sizeof group, "%s/group", folder);
    put(passwd, "root:x:0:5::/elsewhere:\napp:x:1000:1000::/:\n", 0);
    put(group, "disk:x:6:root\n", 0);
    CHECK(users_look_up_in(passwd, group, "0", &user, &error) && user.gid == 5 && user.group_count == 2 &&
          strcmp(user.home, "/elsewhere") == 0);
    for (int large = 0; large < 2; large++) {
        put(passwd, "root:x:0:5::/elsewhere:\napp:x:1000:1000::/:\n", large == 0 ? MAX_USERS_FILE + 1 : 0);
        put(group, "disk:x:6:root\n", large == 1 ? MAX_USERS_FILE + 1 : 0);
        CHECK(is_plain_root(passwd, group, "0", 0) && is_plain_root(passwd, group, "0:", 0));
        CHECK(is_plain_root(passwd, group, "0:7", 7) && is_too_large(passwd, group, "0:disk"));
        CHECK(is_too_large(passwd, group, "root") && is_too_large(passwd, group, "app"));
        CHECK(is_too_large(passwd, group, "1000") && is_too_large(passwd, group, "00x"));
    }
    CHECK(unlink(passwd) == 0 && unlink(group) == 0 && rmdir(folder) == 0);
}

/* Looks one case of the table up, "`USER` = UID:GID" or "`USER` = -"; false when it is another one than was found. */
static bool is_as_told(char *line, struct slice passwd, struct slice group) {
    char found[64] = "-";
    char *end = strrchr(line, '`');
    if (end == line || strncmp(end, "` = ", 4) != 0) {
        return false;
    }
    *end = '\0';
    if (users_find(line + 1, passwd, group, &user, &error)) {
        snprintf(found, sizeof found, "%u:%u", user.uid, user.gid);
    } else {
        CHECK(error.code == ERROR_NO_SUCH_USER);
    }
    if (strcmp(found, end + 4) != 0) {
        fprintf(stderr, "`%s`: %s, not %s\n", line + 1, found, end + 4);
        return false;
    }
    return true;
}

/* The host tells whom a workspace belongs to before any guest runs; it is held to the same table. */
void users_are_the_same_as_on_the_host(void) {
    static char passwd[8192];
    static char group[8192];
    char line[512];
    int cases = 0;
    FILE *table = fopen("test/users.txt", "re");
    CHECK(table != NULL);
    while (table != NULL && fgets(line, sizeof line, table) != NULL) {
        char *file = strncmp(line, "passwd ", 7) == 0 ? passwd : strncmp(line, "group ", 6) == 0 ? group : NULL;
        if (file != NULL) {
            CHECK(cases == 0 && strlen(file) + strlen(line) < sizeof passwd);
            strcat(file, strchr(line, ' ') + 1);
        } else if (line[0] == '`') {
            line[strcspn(line, "\n")] = '\0';
            CHECK(is_as_told(line, slice_of(passwd), slice_of(group)));
            cases++;
        }
    }
    CHECK(cases > 40 && fclose(table) == 0);
}
