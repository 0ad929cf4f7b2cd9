#include "names.h"

#include "scope.h"
#include "wire.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

static int by_bytes(const void *left, const void *right) {
    return strcmp(*(char *const *)left, *(char *const *)right);
}

static bool append(struct names *names, size_t *capacity, const char *name, struct error *error) {
    if (names->count == MAX_WALK_ENTRIES) {
        return fail(error, ERROR_LIMIT, 0, "a directory has more than %d entries", MAX_WALK_ENTRIES);
    }
    if (names->count == *capacity) {
        size_t wanted = *capacity == 0 ? 64 : 2 * *capacity;
        char **grown = realloc(names->names, wanted * sizeof *grown);
        if (grown == NULL) {
            return fail(error, ERROR_IO, ENOMEM, "no memory for the names of a directory");
        }
        names->names = grown;
        *capacity = wanted;
    }
    char *copy = strdup(name);
    if (copy == NULL) {
        return fail(error, ERROR_IO, ENOMEM, "no memory for the names of a directory");
    }
    names->names[names->count++] = copy;
    return true;
}

bool names_read(struct names *names, int directory_fd, struct error *error) {
    names->names = NULL;
    names->count = 0;
    int fd = openat(directory_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    SCOPED_DIR *directory = fd < 0 ? NULL : fdopendir(fd);
    if (directory == NULL) {
        return fail_errno(error, "cannot read", "a directory");
    }
    size_t capacity = 0;
    const struct dirent *entry;
    while ((entry = readdir(directory)) != NULL) {
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0 &&
            !append(names, &capacity, entry->d_name, error)) {
            return false;
        }
    }
    if (names->count > 1) {
        qsort(names->names, names->count, sizeof *names->names, by_bytes);
    }
    return true;
}

void names_free(struct names *names) {
    for (size_t i = 0; i < names->count; i++) {
        free(names->names[i]);
    }
    free(names->names);
    names->names = NULL;
    names->count = 0;
}
