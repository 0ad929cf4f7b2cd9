/* IMPORT: unpacks a tar stream below a directory, on demand all or nothing. */
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

enum { TAG_MAX_ENTRIES = 3, TAG_MAX_BYTES = 4, TAG_STAGED = 5, TAG_MAKE_MISSING = 6 };

struct import {
    struct unpack unpack;
    struct tar_reader reader;
    struct place place;
    int root_fd;
    size_t made; /* how many of the directories that lead to the root the request made */
    bool staged;
    bool make_missing;
};

static bool begin_entry(void *context, const struct tar_entry *entry, struct error *error) {
    return unpack_begin(context, entry, error);
}

static bool add_content(void *context, const uint8_t *bytes, size_t length, struct error *error) {
    return unpack_content(context, bytes, length, error);
}

static bool end_entry(void *context, const struct tar_entry *entry, struct error *error) {
    return unpack_end(context, entry, error);
}

static bool parse(struct import *import, const struct fields *request, struct error *error) {
    bool present;
    uint8_t staged = 0;
    uint8_t make_missing = 0;
    struct unpack *unpack = &import->unpack;
    if (!fields_u64(request, TAG_MAX_ENTRIES, &unpack->max_entries, &present, error) ||
        !fields_need(present, TAG_MAX_ENTRIES, error) ||
        !fields_u64(request, TAG_MAX_BYTES, &unpack->max_bytes, &present, error) ||
        !fields_need(present, TAG_MAX_BYTES, error) || !fields_u8(request, TAG_STAGED, &staged, &present, error) ||
        !fields_u8(request, TAG_MAKE_MISSING, &make_missing, &present, error)) {
        return false;
    }
    import->staged = staged == 1;
    import->make_missing = make_missing == 1;
    return true;
}

static bool open_root(struct import *import, struct error *error) {
    return import->make_missing ? place_make_directory(&import->place, &import->root_fd, &import->made, error)
                                : place_open(&import->place, O_PATH | O_DIRECTORY, &import->root_fd, error);
}

static bool receive_archive(struct session *session, struct import *import, struct error *error) {
    struct tar_sink sink = {.context = &import->unpack, .begin = begin_entry, .content = add_content, .end = end_entry};
    tar_reader_init(&import->reader, sink);
    struct slice piece;
    do {
        if (!session_input(session, &piece, error) ||
            !tar_reader_feed(&import->reader, piece.bytes, piece.length, error)) {
            return false;
        }
    } while (piece.length > 0);
    return tar_reader_finish(&import->reader, error);
}

/* Moves what was unpacked into place. */
static bool put_into_place(struct import *import, const struct staging *staging, struct error *error) {
    SCOPED_FREE struct merge *merge = calloc(1, sizeof *merge);
    if (merge == NULL) {
        return fail(error, ERROR_IO, ENOMEM, "no memory for an import");
    }
    merge->root_fd = import->root_fd;
    merge->new_fd = staging->new_fd;
    merge->old_fd = staging->old_fd;
    merge->directories = &import->unpack.directories;
    merge->replaces_specials = true;
    bool good = merge_check(merge, error);
    if (!good && (error->code == ERROR_OUTSIDE || error->code == ERROR_NOT_A_DIRECTORY)) {
        error->code = ERROR_BAD_ARCHIVE; /* as when it is not staged */
    }
    good = good && merge_apply(merge, error);
    merge_free(merge);
    return good;
}

static bool receive_staged(struct session *session, struct import *import, struct error *error) {
    struct staging staging;
    bool done = staging_open(&staging, staging_parent(import->place.base_fd, import->root_fd), "import", error) &&
                unpack_stage(&import->unpack, staging.new_fd, import->root_fd, error) &&
                receive_archive(session, import, error) && put_into_place(import, &staging, error);
    staging_close(&staging);
    return done;
}

static bool perform(struct session *session, struct import *import, struct error *error) {
    import->unpack.root_fd = import->root_fd;
    if (import->staged ? !receive_staged(session, import, error) : !receive_archive(session, import, error)) {
        return false;
    }
    unpack_set_directory_times(&import->unpack, import->root_fd);
    return true;
}

bool import_operation(struct session *session, const struct fields *request, struct answer *answer,
                      struct error *error) {
    SCOPED_FREE struct import *import = calloc(1, sizeof *import);
    if (import == NULL) {
        return fail(error, ERROR_IO, ENOMEM, "no memory for an import");
    }
    unpack_init(&import->unpack, -1);
    import->root_fd = -1;
    bool opened =
        place_parse(&import->place, request, error) && parse(import, request, error) && open_root(import, error);
    bool done = opened && perform(session, import, error);
    if (done) {
        answer_u64(answer, 1, import->unpack.entries);
        answer_u64(answer, 2, import->unpack.bytes);
    }
    unpack_close(&import->unpack);
    if (opened && !done && import->staged) {
        place_unmake_directory(&import->place, import->root_fd, import->made);
    }
    scope_drop(&import->root_fd);
    place_close(&import->place);
    return done;
}
