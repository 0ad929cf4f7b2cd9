/* READ and WRITE: one regular file. */
#include "owner.h"
#include "place.h"
#include "scope.h"
#include "session.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

enum { TAG_OFFSET = 3, TAG_MAX_BYTES = 4 };
enum { TAG_MODE = 3, TAG_MAKE_PARENTS = 4 };

#define DEFAULT_MODE 0644

static bool need_regular(const struct stat *status, const char *path, struct error *error) {
    return S_ISREG(status->st_mode) || fail(error, ERROR_IS_A_DIRECTORY, 0, "`%.300s` is %s, not a regular file", path,
                                            S_ISDIR(status->st_mode) ? "a directory" : "a special file");
}

/* Opens a regular file for reading, without touching anything else that may stand there. */
static bool open_regular(const struct place *place, int *fd, struct stat *status, struct error *error) {
    SCOPED_FD found = -1;
    if (!place_open(place, O_PATH, &found, error)) {
        return false;
    }
    if (fstat(found, status) != 0) {
        return fail_errno(error, "cannot examine", place->path);
    }
    if (!need_regular(status, place->path, error)) {
        return false;
    }
    *fd = reopen(found, O_RDONLY | O_NONBLOCK | O_NOCTTY);
    return *fd >= 0 || fail_errno(error, "cannot open", place->path);
}

static bool send_content(struct channel *channel, int fd, uint64_t offset, uint64_t most, uint64_t *sent,
                         struct error *error) {
    while (*sent < most) {
        size_t wanted = most - *sent < OUTPUT_CHUNK ? (size_t)(most - *sent) : OUTPUT_CHUNK;
        if (offset + *sent > INT64_MAX) {
            return true;
        }
        ssize_t got = pread(fd, channel_payload(channel), wanted, (off_t)(offset + *sent));
        if (got == 0) {
            return true;
        }
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            return fail_errno(error, "cannot read", "the file");
        }
        *sent += (uint64_t)got;
        if (!channel_undisturbed(channel, error) || !channel_send(channel, FRAME_DATA_OUT, (size_t)got, error)) {
            return false;
        }
    }
    return true;
}

bool read_operation(struct session *session, const struct fields *request, struct answer *answer, struct error *error) {
    uint64_t offset = 0;
    uint64_t most = 0;
    uint64_t sent = 0;
    bool present;
    if (!fields_u64(request, TAG_OFFSET, &offset, &present, error) || !fields_need(present, TAG_OFFSET, error) ||
        !fields_u64(request, TAG_MAX_BYTES, &most, &present, error) || !fields_need(present, TAG_MAX_BYTES, error)) {
        return false;
    }
    struct place place;
    struct stat status;
    SCOPED_FD fd = -1;
    bool opened = place_parse(&place, request, error) && open_regular(&place, &fd, &status, error);
    place_close(&place);
    if (!opened || !send_content(&session->channel, fd, offset, most, &sent, error)) {
        return false;
    }
    answer_u64(answer, 1, (uint64_t)status.st_size);
    answer_u64(answer, 2, sent);
    return true;
}

/* A file on its way: it gets its name when it is complete, and is removed when it never is. */
struct new_file {
    int parent_fd;
    int fd;
    bool replaces;
    struct stat old;
    uint64_t length;
    char name[NAME_MAX + 1];
    char temporary[NAME_MAX + 1]; /* empty: there is none to remove */
};

static bool create_temporary(struct new_file *file, uint32_t mode, struct error *error) {
    static atomic_uint counter;
    for (int tries = 0; tries < 100; tries++) {
        snprintf(file->temporary, sizeof file->temporary, ".pyro-%d-%u.tmp", (int)getpid(),
                 atomic_fetch_add(&counter, 1));
        file->fd = openat(file->parent_fd, file->temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
        if (file->fd >= 0) {
            break;
        }
        if (errno != EEXIST) {
            file->temporary[0] = '\0';
            return fail_errno(error, "cannot create a file beside", file->name);
        }
    }
    if (file->fd < 0) {
        file->temporary[0] = '\0';
        return fail(error, ERROR_IO, EEXIST, "cannot find a free name beside `%.200s`", file->name);
    }
    struct owner owner = {.uid = file->old.st_uid, .gid = file->old.st_gid};
    if ((!file->replaces && !owner_of(file->parent_fd, &owner)) || !owner_set(file->fd, &owner)) {
        return fail_errno(error, "cannot set the owner of", file->name);
    }
    /* The right to act as the file's owner or group was given to the content that was there. */
    return fchmod(file->fd, file->replaces ? file->old.st_mode & 01777 : mode & 07777) == 0 ||
           fail_errno(error, "cannot set the mode of", file->name);
}

static bool look_at_old(struct new_file *file, struct error *error) {
    file->replaces = fstatat(file->parent_fd, file->name, &file->old, AT_SYMLINK_NOFOLLOW) == 0;
    if (!file->replaces) {
        return errno == ENOENT || fail_errno(error, "cannot examine", file->name);
    }
    return need_regular(&file->old, file->name, error);
}

static bool write_all(int fd, struct slice piece, const char *name, struct error *error) {
    while (piece.length > 0) {
        ssize_t written = write(fd, piece.bytes, piece.length);
        if (written < 0 && errno == EINTR) {
            continue;
        }
        if (written < 0) {
            return fail_errno(error, "cannot write", name);
        }
        piece.bytes += written;
        piece.length -= (size_t)written;
    }
    return true;
}

static bool receive_content(struct session *session, struct new_file *file, struct error *error) {
    struct slice piece;
    do {
        if (!session_input(session, &piece, error) || !write_all(file->fd, piece, file->name, error)) {
            return false;
        }
        file->length += piece.length;
    } while (piece.length > 0);
    return true;
}

static bool write_file(struct session *session, const struct place *place, struct new_file *file, uint32_t mode,
                       bool make_parents, struct error *error) {
    if (!place_open_parent(place, true, make_parents, &file->parent_fd, file->name, error) ||
        !look_at_old(file, error) || !create_temporary(file, mode, error) || !receive_content(session, file, error)) {
        return false;
    }
    if (renameat(file->parent_fd, file->temporary, file->parent_fd, file->name) != 0) {
        return fail_errno(error, "cannot replace", file->name);
    }
    file->temporary[0] = '\0';
    return true;
}

bool write_operation(struct session *session, const struct fields *request, struct answer *answer,
                     struct error *error) {
    uint32_t mode = DEFAULT_MODE;
    uint8_t make_parents = 0;
    bool present;
    if (!fields_u32(request, TAG_MODE, &mode, &present, error) ||
        !fields_u8(request, TAG_MAKE_PARENTS, &make_parents, &present, error)) {
        return false;
    }
    struct place place;
    struct new_file file = {.parent_fd = -1, .fd = -1};
    bool done =
        place_parse(&place, request, error) && write_file(session, &place, &file, mode, make_parents == 1, error);
    place_close(&place);
    if (file.temporary[0] != '\0') {
        unlinkat(file.parent_fd, file.temporary, 0);
    }
    scope_drop(&file.fd);
    scope_drop(&file.parent_fd);
    if (done) {
        answer_u64(answer, 1, file.length);
        answer_u8(answer, 2, !file.replaces);
    }
    return done;
}
