/* Fuzzes what is read of the machine's users: whom is asked for, and the content of its two files. */
#include "users.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Takes a part up to a byte that stands in no text, in memory of exactly its size. */
static uint8_t *take(const uint8_t **data, size_t *size, size_t *length) {
    const uint8_t *end = *size == 0 ? NULL : memchr(*data, 0xff, *size);
    *length = end == NULL ? *size : (size_t)(end - *data);
    uint8_t *part = malloc(*length + (*length == 0));
    if (part != NULL && *length > 0) {
        memcpy(part, *data, *length);
    }
    size_t taken = *length + (end != NULL);
    *data += taken;
    *size -= taken;
    return part;
}

static void check(const struct user *user) {
    if (user->group_count < 1 || user->group_count > MAX_GROUPS || user->groups[0] != user->gid ||
        user->home[0] != '/' || strlen(user->home) > MAX_PATH || user->name[0] == '\0' ||
        strlen(user->name) > MAX_USER || user->uid == UINT32_MAX || user->gid == UINT32_MAX) {
        abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char wanted[MAX_USER + 1];
    struct user user;
    struct error error;
    size_t length;
    struct slice passwd;
    struct slice group;
    uint8_t *name = take(&data, &size, &length);
    uint8_t *first = take(&data, &size, &passwd.length);
    uint8_t *second = take(&data, &size, &group.length);
    passwd.bytes = first;
    group.bytes = second;
    if (name != NULL && first != NULL && second != NULL && length > 0 &&
        slice_text((struct slice){.bytes = name, .length = length}, "user", wanted, sizeof wanted, &error) &&
        users_find(wanted, passwd, group, &user, &error)) {
        check(&user);
    }
    free(name);
    free(first);
    free(second);
    return 0;
}
