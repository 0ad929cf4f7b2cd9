#include "users.h"

#include "place.h"
#include "scope.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define PASSWD "/etc/passwd"
#define GROUP "/etc/group"
#define ROOT "root"
#define ROOT_HOME "/root"
#define TOP "/"
#define MAX_ID_DIGITS 10
#define MAX_ID (UINT32_MAX - 1) /* the last one stands for none */
#define FIRST_CAPACITY 4096

enum { PASSWD_NAME, PASSWD_PASSWORD, PASSWD_UID, PASSWD_GID, PASSWD_COMMENT, PASSWD_HOME, PASSWD_FIELDS };
enum { GROUP_NAME, GROUP_PASSWORD, GROUP_GID, GROUP_MEMBERS, GROUP_FIELDS };

/* Takes what stands before the first separator away from a text; false when nothing is left of it. */
static bool take(struct slice *text, char separator, struct slice *part) {
    if (text->bytes == NULL) {
        return false;
    }
    *part = *text;
    const uint8_t *end = text->length == 0 ? NULL : memchr(text->bytes, separator, text->length);
    if (end == NULL) {
        *text = (struct slice){.bytes = NULL};
    } else {
        part->length = (size_t)(end - text->bytes);
        text->bytes += part->length + 1;
        text->length -= part->length + 1;
    }
    return true;
}

/* Takes a line apart; tells how many of its fields there are. Those that are missing are empty. */
static size_t split(struct slice line, struct slice *parts, size_t most) {
    size_t count = 0;
    memset(parts, 0, most * sizeof *parts);
    while (count < most && take(&line, ':', &parts[count])) {
        count++;
    }
    return count;
}

static bool same(struct slice left, struct slice right) {
    return left.length == right.length && (left.length == 0 || memcmp(left.bytes, right.bytes, left.length) == 0);
}

static struct slice slice_of(const char *text) {
    return (struct slice){.bytes = (const uint8_t *)text, .length = strlen(text)};
}

static bool is_id(struct slice digits, uint32_t *id) {
    uint64_t value = 0;
    for (size_t i = 0; i < digits.length; i++) {
        if (digits.length > MAX_ID_DIGITS || digits.bytes[i] < '0' || digits.bytes[i] > '9') {
            return false;
        }
        value = value * 10 + (uint64_t)(digits.bytes[i] - '0');
    }
    *id = (uint32_t)value;
    return digits.length > 0 && value <= MAX_ID;
}

/* Copies a text that is fit for an environment; false for another one. */
static bool copy(struct slice text, char *buffer, size_t capacity) {
    if (text.length == 0 || text.length >= capacity || memchr(text.bytes, 0, text.length) != NULL) {
        return false;
    }
    memcpy(buffer, text.bytes, text.length);
    buffer[text.length] = '\0';
    return true;
}

static void take_home(struct user *user, struct slice home) {
    if (home.length == 0 || home.bytes[0] != '/' || !copy(home, user->home, sizeof user->home)) {
        strcpy(user->home, TOP);
    }
}

/* Finds the first line with this name, or where there is no name with this number. */
static bool find_user(struct slice passwd, const struct slice *name, uint32_t id, struct user *user) {
    struct slice line;
    struct slice parts[PASSWD_FIELDS];
    while (take(&passwd, '\n', &line)) {
        uint32_t uid;
        uint32_t gid;
        if (split(line, parts, PASSWD_FIELDS) > PASSWD_GID && is_id(parts[PASSWD_UID], &uid) &&
            is_id(parts[PASSWD_GID], &gid) && (name != NULL ? same(parts[PASSWD_NAME], *name) : uid == id) &&
            copy(parts[PASSWD_NAME], user->name, sizeof user->name)) {
            user->uid = uid;
            user->gid = gid;
            take_home(user, parts[PASSWD_HOME]);
            return true;
        }
    }
    return false;
}

/* There is nothing to be read about it: a number, or root, who is always there. */
static bool make_up_user(struct slice name, uint32_t id, bool is_number, struct user *user) {
    bool root = is_number ? id == 0 : same(name, slice_of(ROOT));
    if (!root && !is_number) {
        return false;
    }
    user->uid = root ? 0 : id;
    user->gid = 0;
    snprintf(user->name, sizeof user->name, "%" PRIu32, id);
    strcpy(user->home, root ? ROOT_HOME : TOP);
    if (root) {
        strcpy(user->name, ROOT);
    }
    return true;
}

static void add_group(struct user *user, gid_t gid) {
    for (size_t i = 0; i < user->group_count; i++) {
        if (user->groups[i] == gid) {
            return;
        }
    }
    if (user->group_count < MAX_GROUPS) {
        user->groups[user->group_count++] = gid;
    }
}

static bool lists(struct slice members, struct slice name) {
    struct slice member;
    while (take(&members, ',', &member)) {
        if (same(member, name)) {
            return true;
        }
    }
    return false;
}

static void add_groups(struct user *user, struct slice group) {
    struct slice line;
    struct slice parts[GROUP_FIELDS];
    uint32_t gid;
    while (take(&group, '\n', &line)) {
        if (split(line, parts, GROUP_FIELDS) == GROUP_FIELDS && is_id(parts[GROUP_GID], &gid) &&
            lists(parts[GROUP_MEMBERS], slice_of(user->name))) {
            add_group(user, gid);
        }
    }
}

static bool find_group(struct slice group, struct slice name, gid_t *gid) {
    struct slice line;
    struct slice parts[GROUP_FIELDS];
    while (take(&group, '\n', &line)) {
        if (split(line, parts, GROUP_FIELDS) > GROUP_GID && same(parts[GROUP_NAME], name) &&
            is_id(parts[GROUP_GID], gid)) {
            return true;
        }
    }
    if (same(name, slice_of(ROOT))) {
        *gid = 0; /* as the user is, it is always there */
        return true;
    }
    return is_id(name, gid);
}

bool users_find(const char *wanted, struct slice passwd, struct slice group, struct user *user, struct error *error) {
    memset(user, 0, sizeof *user);
    struct slice rest = slice_of(wanted);
    struct slice name;
    struct slice group_name = {.bytes = NULL};
    (void)take(&rest, ':', &name);
    if (rest.bytes != NULL) {
        group_name = rest;
    }
    if (name.length == 0) {
        name = slice_of(ROOT);
    }
    uint32_t id = 0;
    bool is_number = is_id(name, &id);
    bool listed = find_user(passwd, &name, 0, user) || (is_number && find_user(passwd, NULL, id, user));
    if (!listed && !make_up_user(name, id, is_number, user)) {
        return fail(error, ERROR_NO_SUCH_USER, 0, "there is no user `%.*s` in %s", (int)name.length,
                    (const char *)name.bytes, PASSWD);
    }
    if (group_name.length > 0) {
        if (!find_group(group, group_name, &user->gid)) {
            return fail(error, ERROR_NO_SUCH_USER, 0, "there is no group `%.*s` in %s", (int)group_name.length,
                        (const char *)group_name.bytes, GROUP);
        }
        add_group(user, user->gid);
        return true;
    }
    add_group(user, user->gid);
    if (listed) {
        add_groups(user, group);
    }
    return true;
}

/* Opens a regular file without touching anything else that may stand there; *fd is negative where there is none. */
static bool open_file(const char *path, int *fd, struct error *error) {
    struct stat status;
    SCOPED_FD found = open(path, O_PATH | O_CLOEXEC);
    *fd = -1;
    if (found < 0 && (errno == ENOENT || errno == ENOTDIR || errno == ELOOP)) {
        return true;
    }
    if (found < 0 || fstat(found, &status) != 0) {
        return fail_errno(error, "cannot open", path);
    }
    if (!S_ISREG(status.st_mode)) {
        return true;
    }
    *fd = reopen(found, O_RDONLY | O_NONBLOCK | O_NOCTTY);
    return *fd >= 0 || fail_errno(error, "cannot open", path);
}

static bool read_file(const char *path, uint8_t **bytes, size_t *length, struct error *error) {
    SCOPED_FD fd = -1;
    if (!open_file(path, &fd, error)) {
        return false;
    }
    size_t capacity = 0;
    while (fd >= 0) {
        if (*length == capacity) {
            capacity = capacity == 0 ? FIRST_CAPACITY : 2 * capacity;
            uint8_t *grown = capacity > 2 * MAX_USERS_FILE ? NULL : realloc(*bytes, capacity);
            if (grown == NULL) {
                return fail(error, ERROR_IO, ENOMEM, "no memory for `%s`", path);
            }
            *bytes = grown;
        }
        ssize_t got = read(fd, *bytes + *length, capacity - *length);
        if (got == 0) {
            break;
        }
        if (got < 0 && errno != EINTR) {
            return fail_errno(error, "cannot read", path);
        }
        *length += got > 0 ? (size_t)got : 0;
        if (*length > MAX_USERS_FILE) {
            return fail(error, ERROR_LIMIT, EFBIG, "`%s` has more than %d bytes", path, MAX_USERS_FILE);
        }
    }
    return true;
}

/* As `0`, alone or with a group's number: who that is needs no look at any file. */
static bool is_root_by_number(const char *wanted) {
    struct slice rest = slice_of(wanted);
    struct slice name;
    uint32_t id;
    (void)take(&rest, ':', &name);
    return is_id(name, &id) && id == 0 && (rest.length == 0 || is_id(rest, &id));
}

bool users_look_up_in(const char *passwd_path, const char *group_path, const char *wanted, struct user *user,
                      struct error *error) {
    SCOPED_FREE uint8_t *passwd = NULL;
    SCOPED_FREE uint8_t *group = NULL;
    struct slice passwd_text = {.bytes = NULL};
    struct slice group_text = {.bytes = NULL};
    if (read_file(passwd_path, &passwd, &passwd_text.length, error) &&
        read_file(group_path, &group, &group_text.length, error)) {
        passwd_text.bytes = passwd;
        group_text.bytes = group;
        return users_find(wanted, passwd_text, group_text, user, error);
    }
    const struct slice none = {.bytes = NULL};
    return is_root_by_number(wanted) && users_find(wanted, none, none, user, error);
}

bool users_look_up(const char *wanted, struct user *user, struct error *error) {
    return users_look_up_in(PASSWD, GROUP, wanted, user, error);
}
