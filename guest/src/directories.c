#include "directories.h"

#include "wire.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define USUAL_MODE 0755

bool directories_make(const char *path) {
    char prefix[MAX_PATH + 1];
    size_t length = strlen(path);
    if (length >= sizeof prefix) {
        errno = ENAMETOOLONG;
        return false;
    }
    for (size_t end = 1; end <= length; end++) {
        if (path[end] == '/' || path[end] == '\0') {
            memcpy(prefix, path, end);
            prefix[end] = '\0';
            if (mkdir(prefix, USUAL_MODE) != 0 && errno != EEXIST) {
                return false;
            }
        }
    }
    return true;
}

bool directories_make_mount_point(const char *path, struct error *error) {
    struct stat status;
    if (lstat(path, &status) == 0) {
        if (S_ISDIR(status.st_mode)) {
            return true;
        }
        if (unlink(path) != 0) {
            return fail_errno(error, "cannot replace by a directory", path);
        }
    }
    return directories_make(path) || fail_errno(error, "cannot make the directory", path);
}

void directories_make_usual(const char *root) {
    static const struct {
        const char *name;
        mode_t mode;
    } usual[] = {{"/etc", USUAL_MODE}, {"/tmp", 01777}};
    for (size_t i = 0; i < sizeof usual / sizeof usual[0]; i++) {
        char path[64];
        snprintf(path, sizeof path, "%s%s", root, usual[i].name);
        if (mkdir(path, USUAL_MODE) == 0) {
            (void)chmod(path, usual[i].mode); /* whatever the umask is */
        }
    }
}
