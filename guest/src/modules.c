#include "modules.h"

#include "abi.h"
#include "scope.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#define DIRECTORY "/modules"
#define ORDER DIRECTORY "/order"
#define MAX_ORDER 16384

static bool load(const char *name, struct error *error) {
    char path[300];
    int length = snprintf(path, sizeof path, "%s/%s", DIRECTORY, name);
    if (length < 0 || (size_t)length >= sizeof path) {
        return fail(error, ERROR_LIMIT, 0, "a module's name in " ORDER " is too long");
    }
    SCOPED_FD fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return fail_errno(error, "cannot open the module", path);
    }
    return syscall(SYS_finit_module, fd, "", 0) == 0 || errno == EEXIST || fail_errno(error, "cannot load", path);
}

bool modules_load(struct error *error) {
    SCOPED_FD fd = open(ORDER, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return errno == ENOENT || fail_errno(error, "cannot open", ORDER); /* a kernel that needs none */
    }
    char text[MAX_ORDER];
    ssize_t length = read(fd, text, sizeof text - 1);
    if (length < 0) {
        return fail_errno(error, "cannot read", ORDER);
    }
    text[length] = '\0';
    char *rest;
    for (char *name = strtok_r(text, "\n", &rest); name != NULL; name = strtok_r(NULL, "\n", &rest)) {
        if (!load(name, error)) {
            return false;
        }
    }
    return true;
}
