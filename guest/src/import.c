/* IMPORT: unpacks a tar stream below a directory. Nothing is written through a link, and nothing outside of the
 * directory. */
#include "inodes.h"
#include "place.h"
#include "scope.h"
#include "session.h"
#include "tar_reader.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

enum { TAG_MAX_ENTRIES = 3, TAG_MAX_BYTES = 4 };

#define MAX_DIRECTORY_TIMES (256 * 1024)

/* A directory's time is set last, because making what is in it changes it. */
struct directory_time {
    char *name;
    struct timespec mtime;
};

struct import {
    int root_fd;
    uint64_t max_entries;
    uint64_t max_bytes;
    uint64_t entries;
    uint64_t bytes;
    int file_fd;   /* of the file that is being written, or -1 */
    int parent_fd; /* of the entry; kept for the next one, which often is in the same directory; or -1 */
    char parent[MAX_PATH + 1];
    struct inodes files; /* what the archive has made: the only things that its hard links may lead to */
    struct directory_time *times;
    size_t time_count;
    size_t time_capacity;
    struct tar_reader reader;
};

static const char *last_component(const char *name) {
    const char *slash = strrchr(name, '/');
    return slash == NULL ? name : slash + 1;
}

/* Fails for something that stands in the way below the root: a link is never written through. */
static bool fail_way(struct error *error, const char *name) {
    if (errno == ELOOP || errno == ENOTDIR || errno == EXDEV) {
        return fail(error, ERROR_BAD_ARCHIVE, errno, "`%.300s` lies behind a link or a file", name);
    }
    return fail_errno(error, "cannot enter", name);
}

/* Makes the directories of a path that are missing. */
static bool make_parents(struct import *import, const char *path, struct error *error) {
    SCOPED_FD current = fcntl(import->root_fd, F_DUPFD_CLOEXEC, 3);
    char name[NAME_MAX + 1];
    while (*path != '\0') {
        size_t length = strcspn(path, "/");
        memcpy(name, path, length);
        name[length] = '\0';
        if (mkdirat(current, name, 0755) != 0 && errno != EEXIST) {
            return fail_errno(error, "cannot make the directory", name);
        }
        int next = open_beneath(current, name, O_PATH | O_DIRECTORY);
        if (next < 0) {
            return fail_way(error, name);
        }
        scope_drop(&current);
        current = next;
        path += length + (path[length] == '/');
    }
    import->parent_fd = scope_take(&current);
    return true;
}

/* Makes parent_fd the directory that holds an entry. */
static bool enter_parent(struct import *import, const char *name, struct error *error) {
    const char *last = last_component(name);
    size_t length = last == name ? 0 : (size_t)(last - name) - 1;
    if (import->parent_fd >= 0 && strncmp(import->parent, name, length) == 0 && import->parent[length] == '\0') {
        return true;
    }
    scope_drop(&import->parent_fd);
    memcpy(import->parent, name, length);
    import->parent[length] = '\0';
    import->parent_fd = open_beneath(import->root_fd, length == 0 ? "." : import->parent, O_PATH | O_DIRECTORY);
    if (import->parent_fd >= 0) {
        return true;
    }
    return errno == ENOENT ? make_parents(import, import->parent, error) : fail_way(error, name);
}

/* Takes away what stands in an entry's place. A directory is taken away only when it is empty. */
static bool clear_place(struct import *import, const char *name, struct error *error) {
    const char *last = last_component(name);
    if (unlinkat(import->parent_fd, last, 0) == 0 || errno == ENOENT) {
        return true;
    }
    if (errno != EISDIR || unlinkat(import->parent_fd, last, AT_REMOVEDIR) != 0) {
        return fail_errno(error, "cannot replace", name);
    }
    scope_drop(&import->parent_fd); /* the kept directory may lie in the one that has gone: look anew */
    return enter_parent(import, name, error);
}

static bool remember(struct import *import, int fd, struct error *error) {
    struct stat status;
    if (fstat(fd, &status) != 0) {
        return fail_errno(error, "cannot examine", "a file of the archive");
    }
    return inodes_add(&import->files, status.st_ino) ||
           fail(error, ERROR_IO, ENOMEM, "no memory for the archive's files");
}

static bool begin_file(struct import *import, const struct tar_entry *entry, struct error *error) {
    const char *last = last_component(entry->name);
    int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
    import->file_fd = openat(import->parent_fd, last, flags, 0600);
    if (import->file_fd < 0 && errno == EEXIST) {
        if (!clear_place(import, entry->name, error)) {
            return false;
        }
        import->file_fd = openat(import->parent_fd, last, flags, 0600);
    }
    return import->file_fd >= 0 ? remember(import, import->file_fd, error)
                                : fail_errno(error, "cannot create", entry->name);
}

static bool make_directory(struct import *import, const struct tar_entry *entry, struct error *error) {
    if (entry->name[0] == '\0') {
        return true; /* the archive's own root: the directory that is there keeps its mode and owner */
    }
    const char *last = last_component(entry->name);
    if (mkdirat(import->parent_fd, last, 0700) != 0) {
        struct stat status;
        if (errno != EEXIST || fstatat(import->parent_fd, last, &status, AT_SYMLINK_NOFOLLOW) != 0) {
            return fail_errno(error, "cannot make the directory", entry->name);
        }
        if (!S_ISDIR(status.st_mode) &&
            (!clear_place(import, entry->name, error) || mkdirat(import->parent_fd, last, 0700) != 0)) {
            return fail_errno(error, "cannot make the directory", entry->name);
        }
    }
    SCOPED_FD fd = open_beneath(import->parent_fd, last, O_RDONLY | O_DIRECTORY);
    if (fd < 0 || fchown(fd, 0, 0) != 0 || fchmod(fd, entry->mode) != 0) {
        return fail_errno(error, "cannot set owner and mode of", entry->name);
    }
    return true;
}

static bool keep_time(struct import *import, const struct tar_entry *entry, struct error *error) {
    if (import->time_count == import->time_capacity) {
        size_t wanted = import->time_capacity == 0 ? 64 : 2 * import->time_capacity;
        struct directory_time *grown =
            wanted > MAX_DIRECTORY_TIMES ? NULL : realloc(import->times, wanted * sizeof *grown);
        if (grown == NULL) {
            return fail(error, ERROR_LIMIT, 0, "the archive has more than %d directories", MAX_DIRECTORY_TIMES);
        }
        import->times = grown;
        import->time_capacity = wanted;
    }
    char *name = strdup(entry->name);
    if (name == NULL) {
        return fail(error, ERROR_IO, ENOMEM, "no memory for the archive's directories");
    }
    struct timespec mtime = {.tv_sec = entry->mtime_s, .tv_nsec = (long)entry->mtime_ns};
    import->times[import->time_count++] = (struct directory_time){.name = name, .mtime = mtime};
    return true;
}

static bool make_symlink(struct import *import, const struct tar_entry *entry, struct error *error) {
    const char *last = last_component(entry->name);
    if (!clear_place(import, entry->name, error)) {
        return false;
    }
    struct timespec times[2] = {{.tv_nsec = UTIME_NOW}, {.tv_sec = entry->mtime_s, .tv_nsec = (long)entry->mtime_ns}};
    if (symlinkat(entry->target, import->parent_fd, last) != 0) {
        return fail_errno(error, "cannot make the link", entry->name);
    }
    (void)fchownat(import->parent_fd, last, 0, 0, AT_SYMLINK_NOFOLLOW);
    (void)utimensat(import->parent_fd, last, times, AT_SYMLINK_NOFOLLOW);
    return true;
}

/* What the link leads to is looked up by what the archive made, not by its name: the name could lead to anything by
 * now. */
static bool make_hard_link(struct import *import, const struct tar_entry *entry, struct error *error) {
    SCOPED_FD target = open_beneath(import->root_fd, entry->target, O_PATH | O_NOFOLLOW);
    struct stat status;
    if (target < 0 || fstat(target, &status) != 0 || !S_ISREG(status.st_mode) ||
        !inodes_has(&import->files, status.st_ino)) {
        return fail(error, ERROR_BAD_ARCHIVE, 0,
                    "the hard link `%.200s` does not lead to an earlier file of the archive", entry->name);
    }
    if (strcmp(entry->name, entry->target) == 0) {
        return true;
    }
    if (!clear_place(import, entry->name, error)) {
        return false;
    }
    return linkat(import->root_fd, entry->target, import->parent_fd, last_component(entry->name), 0) == 0 ||
           fail_errno(error, "cannot link", entry->name);
}

static bool begin_entry(void *context, const struct tar_entry *entry, struct error *error) {
    struct import *import = context;
    if (import->entries == import->max_entries) {
        return fail(error, ERROR_LIMIT, 0, "the archive has more than %llu entries",
                    (unsigned long long)import->max_entries);
    }
    if (entry->size > import->max_bytes - import->bytes) {
        return fail(error, ERROR_LIMIT, 0, "the archive holds more than %llu bytes",
                    (unsigned long long)import->max_bytes);
    }
    import->entries++;
    import->bytes += entry->size;
    if (!enter_parent(import, entry->name, error)) {
        return false;
    }
    switch (entry->kind) {
    case TAR_FILE:
        return begin_file(import, entry, error);
    case TAR_DIRECTORY:
        return make_directory(import, entry, error) && keep_time(import, entry, error);
    case TAR_SYMLINK:
        return make_symlink(import, entry, error);
    case TAR_HARD_LINK:
        break;
    }
    return make_hard_link(import, entry, error);
}

static bool write_content(void *context, const uint8_t *bytes, size_t length, struct error *error) {
    const struct import *import = context;
    while (length > 0) {
        ssize_t written = write(import->file_fd, bytes, length);
        if (written < 0 && errno == EINTR) {
            continue;
        }
        if (written < 0) {
            return fail_errno(error, "cannot write", import->reader.entry.name);
        }
        bytes += written;
        length -= (size_t)written;
    }
    return true;
}

static bool end_entry(void *context, const struct tar_entry *entry, struct error *error) {
    struct import *import = context;
    if (entry->kind != TAR_FILE) {
        return true;
    }
    SCOPED_FD fd = scope_take(&import->file_fd);
    struct timespec times[2] = {{.tv_nsec = UTIME_NOW}, {.tv_sec = entry->mtime_s, .tv_nsec = (long)entry->mtime_ns}};
    if (fchown(fd, 0, 0) != 0 || fchmod(fd, entry->mode) != 0 || futimens(fd, times) != 0) {
        return fail_errno(error, "cannot set owner, mode and time of", entry->name);
    }
    return true;
}

/* The deepest last, in the order of the archive; what has been replaced since is left alone. */
static void set_directory_times(const struct import *import) {
    for (size_t i = import->time_count; i > 0; i--) {
        const struct directory_time *time = &import->times[i - 1];
        SCOPED_FD fd = open_beneath(import->root_fd, time->name[0] == '\0' ? "." : time->name, O_RDONLY | O_DIRECTORY);
        struct timespec times[2] = {{.tv_nsec = UTIME_NOW}, time->mtime};
        if (fd >= 0) {
            (void)futimens(fd, times);
        }
    }
}

static bool receive_archive(struct session *session, struct import *import, struct error *error) {
    struct slice piece;
    do {
        if (!session_input(session, &piece, error) ||
            !tar_reader_feed(&import->reader, piece.bytes, piece.length, error)) {
            return false;
        }
    } while (piece.length > 0);
    if (!tar_reader_finish(&import->reader, error)) {
        return false;
    }
    set_directory_times(import);
    return true;
}

static void import_close(struct import *import) {
    if (import->file_fd >= 0) {
        unlinkat(import->parent_fd, last_component(import->reader.entry.name), 0); /* half written */
    }
    scope_drop(&import->file_fd);
    scope_drop(&import->parent_fd);
    scope_drop(&import->root_fd);
    inodes_free(&import->files);
    for (size_t i = 0; i < import->time_count; i++) {
        free(import->times[i].name);
    }
    free(import->times);
}

bool import_operation(struct session *session, const struct fields *request, struct answer *answer,
                      struct error *error) {
    SCOPED_FREE struct import *import = calloc(1, sizeof *import);
    if (import == NULL) {
        return fail(error, ERROR_IO, ENOMEM, "no memory for an import");
    }
    import->root_fd = -1;
    import->file_fd = -1;
    import->parent_fd = -1;
    struct tar_sink sink = {.context = import, .begin = begin_entry, .content = write_content, .end = end_entry};
    tar_reader_init(&import->reader, sink);
    struct place place;
    bool present;
    bool opened = place_parse(&place, request, error) &&
                  fields_u64(request, TAG_MAX_ENTRIES, &import->max_entries, &present, error) &&
                  fields_need(present, TAG_MAX_ENTRIES, error) &&
                  fields_u64(request, TAG_MAX_BYTES, &import->max_bytes, &present, error) &&
                  fields_need(present, TAG_MAX_BYTES, error) &&
                  place_open(&place, O_PATH | O_DIRECTORY, &import->root_fd, error);
    place_close(&place);
    bool done = opened && receive_archive(session, import, error);
    if (done) {
        answer_u64(answer, 1, import->entries);
        answer_u64(answer, 2, import->bytes);
    }
    import_close(import);
    return done;
}
