/* How a request fails: functions that can fail return false and fill a struct error. */
#ifndef PYRO_ERROR_H
#define PYRO_ERROR_H

#include <stdbool.h>
#include <stdint.h>

/* The codes of docs/guest-protocol.md; the last one never goes over the wire. */
enum error_code {
    ERROR_BAD_REQUEST = 1,
    ERROR_NOT_CONFIGURED = 2,
    ERROR_NOT_FOUND = 3,
    ERROR_OUTSIDE = 4,
    ERROR_NOT_A_DIRECTORY = 5,
    ERROR_IS_A_DIRECTORY = 6,
    ERROR_NO_SPACE = 7,
    ERROR_LIMIT = 8,
    ERROR_BAD_ARCHIVE = 9,
    ERROR_NOT_EXECUTABLE = 10,
    ERROR_IO = 11,
    ERROR_EXISTS = 12,
    ERROR_WRONG_STATE = 13,
    ERROR_NO_SUCH_USER = 14,
    /* The session is over (the host went away, or spoke out of turn): there is nobody to answer. */
    ERROR_SESSION_OVER = 0xffff,
};

#define ERROR_MESSAGE_SIZE 512

struct error {
    enum error_code code;
    int os_error;
    char message[ERROR_MESSAGE_SIZE];
};

/* Fills the error; always returns false, so that a function can end with it. */
__attribute__((format(printf, 4, 5))) bool fail(struct error *error, enum error_code code, int os_error,
                                                const char *format, ...);

/* Fills the error from errno: the code follows from it, the message is "DOING `OBJECT`: reason". Always returns false.
 */
bool fail_errno(struct error *error, const char *doing, const char *object);

/* Says that the session is over. Always returns false. */
bool fail_session(struct error *error);

#endif
