#include "error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

bool fail(struct error *error, enum error_code code, int os_error, const char *format, ...) {
    error->code = code;
    error->os_error = os_error;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(error->message, sizeof error->message, format, arguments);
    va_end(arguments);
    return false;
}

static enum error_code code_of(int os_error) {
    switch (os_error) {
    case ENOENT:
        return ERROR_NOT_FOUND;
    case EXDEV:
        return ERROR_OUTSIDE;
    case ENOTDIR:
        return ERROR_NOT_A_DIRECTORY;
    case EISDIR:
        return ERROR_IS_A_DIRECTORY;
    case ENOSPC:
    case EDQUOT:
        return ERROR_NO_SPACE;
    default:
        return ERROR_IO;
    }
}

bool fail_errno(struct error *error, const char *doing, const char *object) {
    int os_error = errno;
    return fail(error, code_of(os_error), os_error, "%s `%.300s`: %s", doing, object, strerror(os_error));
}

bool fail_session(struct error *error) {
    return fail(error, ERROR_SESSION_OVER, 0, "the session is over");
}
