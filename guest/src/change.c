/* CHANGE: a batch of changes to files, all or nothing. */
#include "change_reader.h"
#include "merge.h"
#include "place.h"
#include "scope.h"
#include "session.h"
#include "staging.h"
#include "unpack.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

enum { TAG_MAX_BYTES = 3 };

#define MAX_RECORDS 100000
#define MAX_PATH_BYTES (16 * 1024 * 1024)

struct change {
    int root_fd;
    uint64_t max_bytes;
    uint64_t records;
    uint64_t path_bytes;
    size_t target_length;
    struct staging staging;
    struct unpack unpack;
    struct paths removed;
    struct merge merge;
    struct change_reader reader;
    struct tar_entry entry; /* what the record makes */
    struct owner replaced;  /* of what it replaces */
};

/* Examines what stands at a path, without following any link. Fails with errno. */
static bool examine(int root_fd, const char *path, struct stat *status) {
    SCOPED_FD fd = open_beneath(root_fd, path, O_PATH | O_NOFOLLOW);
    return fd >= 0 && fstat(fd, status) == 0;
}

static bool fail_way(struct error *error, const char *path) {
    return errno == ELOOP
               ? fail(error, ERROR_OUTSIDE, ELOOP, "`%.300s` lies behind a link, which is not followed", path)
               : fail_errno(error, "cannot reach", path);
}

static bool remove_record(struct change *change, const struct change_record *record, struct error *error) {
    struct stat status;
    size_t index;
    bool added;
    if (examine(change->staging.new_fd, record->path, &status)) {
        return fail(error, ERROR_BAD_REQUEST, 0, "`%.300s` is written before it is deleted", record->path);
    }
    if (!examine(change->root_fd, record->path, &status)) {
        return fail_way(error, record->path);
    }
    if (!S_ISREG(status.st_mode) && !S_ISLNK(status.st_mode)) {
        return fail(error, ERROR_IS_A_DIRECTORY, 0, "`%.300s` is neither file nor link", record->path);
    }
    if (!paths_add(&change->removed, record->path, &index, &added, error)) {
        return false;
    }
    return added || fail(error, ERROR_BAD_REQUEST, 0, "`%.300s` is deleted twice", record->path);
}

/* What is made belongs to whom the file belongs that it replaces, if there is one. */
static void keep_owner(struct change *change, const char *path) {
    struct stat status;
    bool kept = examine(change->root_fd, path, &status) && (S_ISREG(status.st_mode) || S_ISLNK(status.st_mode));
    if (kept) {
        change->replaced = (struct owner){.uid = status.st_uid, .gid = status.st_gid};
    }
    change->unpack.owner = kept ? &change->replaced : NULL;
}

static bool stage(struct change *change, struct error *error) {
    if (unpack_begin(&change->unpack, &change->entry, error)) {
        return true;
    }
    if (error->code == ERROR_BAD_ARCHIVE) {
        error->code = ERROR_BAD_REQUEST; /* behind a file or a link of the batch itself */
    }
    return false;
}

static bool write_record(struct change *change, const struct change_record *record, struct error *error) {
    struct stat status;
    if (examine(change->staging.new_fd, record->path, &status)) {
        return fail(error, ERROR_BAD_REQUEST, 0, "`%.300s` is written twice, or is above another path", record->path);
    }
    keep_owner(change, record->path);
    change->entry.kind = record->action == CHANGE_WRITE ? TAR_FILE : TAR_SYMLINK;
    change->entry.mode = record->mode;
    change->entry.size = record->size;
    change->entry.mtime_s = 0;
    change->entry.mtime_ns = UTIME_NOW;
    change->target_length = 0;
    strcpy(change->entry.name, record->path);
    return record->action == CHANGE_LINK || stage(change, error);
}

static bool begin_record(void *context, const struct change_record *record, struct error *error) {
    struct change *change = context;
    change->path_bytes += strlen(record->path);
    if (change->records == MAX_RECORDS || change->path_bytes > MAX_PATH_BYTES) {
        return fail(error, ERROR_LIMIT, 0, "more than %d changes, or %d bytes of paths", MAX_RECORDS, MAX_PATH_BYTES);
    }
    change->records++;
    return record->action == CHANGE_DELETE ? remove_record(change, record, error) : write_record(change, record, error);
}

static bool add_content(void *context, const uint8_t *bytes, size_t length, struct error *error) {
    struct change *change = context;
    if (change->entry.kind == TAR_FILE) {
        return unpack_content(&change->unpack, bytes, length, error);
    }
    memcpy(change->entry.target + change->target_length, bytes, length); /* the reader has checked the size */
    change->target_length += length;
    return true;
}

static bool end_record(void *context, const struct change_record *record, struct error *error) {
    struct change *change = context;
    if (record->action == CHANGE_DELETE) {
        return true;
    }
    if (record->action == CHANGE_LINK) {
        change->entry.target[change->target_length] = '\0';
        if (strlen(change->entry.target) != change->target_length) {
            return fail(error, ERROR_BAD_REQUEST, 0, "the target of `%.300s` holds a NUL", record->path);
        }
        change->entry.size = change->target_length; /* counts as content */
        if (!stage(change, error)) {
            return false;
        }
    }
    return unpack_end(&change->unpack, &change->entry, error);
}

static bool receive(struct session *session, struct change *change, struct error *error) {
    struct slice piece;
    do {
        if (!session_input(session, &piece, error) ||
            !change_reader_feed(&change->reader, piece.bytes, piece.length, error)) {
            return false;
        }
    } while (piece.length > 0);
    return change_reader_finish(&change->reader, error);
}

static bool put_into_place(struct change *change, struct error *error) {
    struct merge *merge = &change->merge;
    merge->root_fd = change->root_fd;
    merge->new_fd = change->staging.new_fd;
    merge->old_fd = change->staging.old_fd;
    merge->removed = &change->removed;
    bool done = merge_check(merge, error) && merge_apply(merge, error);
    if (done) {
        merge_prune(merge);
    }
    merge_free(merge);
    return done;
}

static bool perform(struct session *session, struct change *change, int base_fd, struct error *error) {
    struct change_sink sink = {.context = change, .begin = begin_record, .content = add_content, .end = end_record};
    change_reader_init(&change->reader, sink);
    bool done = staging_open(&change->staging, staging_parent(base_fd, change->root_fd), "change", error);
    unpack_init(&change->unpack, change->staging.new_fd);
    change->unpack.max_entries = MAX_RECORDS;
    change->unpack.max_bytes = change->max_bytes;
    done = done && unpack_stage(&change->unpack, change->staging.new_fd, change->root_fd, error) &&
           receive(session, change, error) && put_into_place(change, error);
    unpack_close(&change->unpack);
    paths_free(&change->removed);
    staging_close(&change->staging);
    return done;
}

bool change_operation(struct session *session, const struct fields *request, struct answer *answer,
                      struct error *error) {
    SCOPED_FREE struct change *change = calloc(1, sizeof *change);
    if (change == NULL) {
        return fail(error, ERROR_IO, ENOMEM, "no memory for changes");
    }
    bool present;
    SCOPED_FD root_fd = -1;
    struct place place;
    bool done = place_parse(&place, request, error) &&
                fields_u64(request, TAG_MAX_BYTES, &change->max_bytes, &present, error) &&
                fields_need(present, TAG_MAX_BYTES, error) && place_open(&place, O_PATH | O_DIRECTORY, &root_fd, error);
    change->root_fd = root_fd;
    done = done && perform(session, change, place.base_fd, error);
    place_close(&place);
    if (done) {
        answer_u64(answer, 1, change->records);
        answer_u64(answer, 2, change->unpack.bytes);
    }
    return done;
}
