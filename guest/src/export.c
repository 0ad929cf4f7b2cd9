/* EXPORT: packs a file or a tree as a tar stream. */
#include "names.h"
#include "place.h"
#include "scope.h"
#include "session.h"
#include "staging.h"
#include "tar_writer.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>

enum { TAG_MAX_BYTES = 3 };

struct export {
    struct channel *channel;
    uint64_t max_bytes;
    uint64_t entries;
    uint64_t bytes;
    dev_t device;
    size_t used; /* of the frame that is being filled */
    struct tar_entry entry;
    uint8_t headers[TAR_MAX_HEADERS];
};

static bool flush(struct export *export, struct error *error) {
    size_t used = export->used;
    export->used = 0;
    return used == 0 ||
           (channel_undisturbed(export->channel, error) && channel_send(export->channel, FRAME_DATA_OUT, used, error));
}

/* Appends bytes to the stream; without bytes, zeros. */
static bool append(struct export *export, const uint8_t *bytes, uint64_t length, struct error *error) {
    while (length > 0) {
        size_t room = OUTPUT_CHUNK - export->used;
        size_t piece = length < room ? (size_t)length : room;
        uint8_t *at = channel_payload(export->channel) + export->used;
        if (bytes == NULL) {
            memset(at, 0, piece);
        } else {
            memcpy(at, bytes, piece);
            bytes += piece;
        }
        export->used += piece;
        length -= piece;
        if (export->used == OUTPUT_CHUNK && !flush(export, error)) {
            return false;
        }
    }
    return true;
}

/* Appends a file's content, exactly as long as its header said: a file that shrinks meanwhile is filled up with zeros.
 */
static bool append_content(struct export *export, int fd, uint64_t size, struct error *error) {
    uint64_t left = size;
    while (left > 0) {
        size_t room = OUTPUT_CHUNK - export->used;
        ssize_t got = read(fd, channel_payload(export->channel) + export->used, left < room ? (size_t)left : room);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            return fail_errno(error, "cannot read", export->entry.name);
        }
        if (got == 0) {
            break;
        }
        export->used += (size_t)got;
        left -= (uint64_t)got;
        if (export->used == OUTPUT_CHUNK && !flush(export, error)) {
            return false;
        }
    }
    return append(export, NULL, left + (TAR_BLOCK - size % TAR_BLOCK) % TAR_BLOCK, error);
}

static bool append_headers(struct export *export, const struct stat *status, struct error *error) {
    struct tar_owner owner = {.uid = status->st_uid, .gid = status->st_gid};
    export->entry.mode = status->st_mode & 07777;
    export->entry.mtime_s = status->st_mtim.tv_sec;
    export->entries++;
    return append(export, export->headers, tar_write_headers(export->headers, &export->entry, owner), error);
}

static bool export_file(struct export *export, int parent_fd, const char *name, struct error *error) {
    SCOPED_FD fd = openat(parent_fd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    struct stat status;
    if (fd < 0 || fstat(fd, &status) != 0) {
        return errno == ENOENT || fail_errno(error, "cannot open", export->entry.name);
    }
    if (!S_ISREG(status.st_mode)) {
        return true; /* replaced meanwhile */
    }
    export->entry.kind = TAR_FILE;
    export->entry.size = (uint64_t)status.st_size;
    export->entry.target[0] = '\0';
    if (export->entry.size > export->max_bytes - export->bytes) {
        return fail(error, ERROR_LIMIT, 0, "the tree holds more than %" PRIu64 " bytes", export->max_bytes);
    }
    export->bytes += export->entry.size;
    return append_headers(export, &status, error) && append_content(export, fd, export->entry.size, error);
}

static bool export_symlink(struct export *export, int parent_fd, const char *name, const struct stat *status,
                           struct error *error) {
    ssize_t length = readlinkat(parent_fd, name, export->entry.target, MAX_PATH);
    if (length < 0) {
        return errno == ENOENT || fail_errno(error, "cannot read the link", export->entry.name);
    }
    export->entry.target[length] = '\0';
    export->entry.kind = TAR_SYMLINK;
    export->entry.size = 0;
    return append_headers(export, status, error);
}

static bool export_name(struct export *export, int parent_fd, const char *name, int level, struct error *error);

static bool export_names(struct export *export, int fd, const struct names *names, int level, struct error *error) {
    size_t length = strlen(export->entry.name);
    for (size_t i = 0; i < names->count; i++) {
        if (staging_is_ours(names->names[i])) {
            continue;
        }
        size_t name_length = strlen(names->names[i]);
        if (length + 1 + name_length > MAX_PATH - 1) {
            return fail(error, ERROR_LIMIT, ENAMETOOLONG, "a path below `%.200s` is too long", export->entry.name);
        }
        export->entry.name[length] = '/';
        memcpy(export->entry.name + length + 1, names->names[i], name_length + 1);
        if (!export_name(export, fd, names->names[i], level + 1, error)) {
            return false;
        }
        export->entry.name[length] = '\0';
    }
    return true;
}

static bool export_directory(struct export *export, int parent_fd, const char *name, const struct stat *status,
                             int level, struct error *error) {
    if (level > MAX_LEVELS) {
        return fail(error, ERROR_LIMIT, 0, "the tree has more than %d levels", MAX_LEVELS);
    }
    export->entry.kind = TAR_DIRECTORY;
    export->entry.size = 0;
    export->entry.target[0] = '\0';
    if (!append_headers(export, status, error)) {
        return false;
    }
    SCOPED_FD fd = openat(parent_fd, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0) {
        return errno == ENOENT || fail_errno(error, "cannot open", export->entry.name);
    }
    if (status->st_dev != export->device) {
        return true; /* another file system's mount point */
    }
    struct names names;
    bool done = names_read(&names, fd, error) && export_names(export, fd, &names, level, error);
    names_free(&names);
    return done;
}

/* Takes a name in a directory, and what is below it; the entry's name is set. */
static bool export_name(struct export *export, int parent_fd, const char *name, int level, struct error *error) {
    struct stat status;
    if (fstatat(parent_fd, name, &status, AT_SYMLINK_NOFOLLOW) != 0) {
        return errno == ENOENT || fail_errno(error, "cannot examine", export->entry.name);
    }
    if (S_ISREG(status.st_mode)) {
        return export_file(export, parent_fd, name, error);
    }
    if (S_ISLNK(status.st_mode)) {
        return export_symlink(export, parent_fd, name, &status, error);
    }
    return !S_ISDIR(status.st_mode) || export_directory(export, parent_fd, name, &status, level, error);
}

/* Takes the slashes from a path's end; returns its last component. */
static const char *strip(char *path) {
    size_t length = strlen(path);
    while (length > 0 && path[length - 1] == '/') {
        path[--length] = '\0';
    }
    const char *slash = strrchr(path, '/');
    return slash == NULL ? path : slash + 1;
}

/*
 * Opens the directory above the path and gives the name that the path has in it. The base itself has no such name: it
 * is "." in itself, and its entries are named after it.
 */
static bool find_root(struct place *place, struct export *export, int *parent_fd, char name[NAME_MAX + 1],
                      struct error *error) {
    const char *path_name = strip(place->path);
    if (path_name[0] != '\0') {
        if (!place_open_parent(place, false, false, parent_fd, name, error)) {
            return false;
        }
        strcpy(export->entry.name, name);
        return true;
    }
    const char *base_name = strip(place->base);
    strcpy(export->entry.name, base_name[0] == '\0' ? "." : base_name);
    strcpy(name, ".");
    *parent_fd = scope_take(&place->base_fd);
    return true;
}

static bool export_root(struct export *export, int parent_fd, const char *name, char *kind, struct error *error) {
    struct stat status;
    if (fstatat(parent_fd, name, &status, AT_SYMLINK_NOFOLLOW) != 0) {
        return fail_errno(error, "cannot examine", export->entry.name);
    }
    *kind = S_ISREG(status.st_mode) ? 'f' : S_ISDIR(status.st_mode) ? 'd' : S_ISLNK(status.st_mode) ? 'l' : 'o';
    if (*kind == 'o') {
        return fail(error, ERROR_IS_A_DIRECTORY, 0, "`%.300s` is neither file, directory nor link", export->entry.name);
    }
    export->device = status.st_dev;
    return export_name(export, parent_fd, name, 0, error) && append(export, NULL, 2 * TAR_BLOCK, error) &&
           flush(export, error);
}

bool export_operation(struct session *session, const struct fields *request, struct answer *answer,
                      struct error *error) {
    SCOPED_FREE struct export *export = calloc(1, sizeof *export);
    if (export == NULL) {
        return fail(error, ERROR_IO, ENOMEM, "no memory for an export");
    }
    export->channel = &session->channel;
    struct place place;
    bool present;
    char kind;
    char name[NAME_MAX + 1];
    SCOPED_FD parent_fd = -1;
    bool found = place_parse(&place, request, error) &&
                 fields_u64(request, TAG_MAX_BYTES, &export->max_bytes, &present, error) &&
                 fields_need(present, TAG_MAX_BYTES, error) && find_root(&place, export, &parent_fd, name, error);
    place_close(&place);
    if (!found || !export_root(export, parent_fd, name, &kind, error)) {
        return false;
    }
    answer_u64(answer, 1, export->entries);
    answer_u64(answer, 2, export->bytes);
    answer_u8(answer, 3, (uint8_t)kind);
    return true;
}
