/* WALK: lists a tree, on demand with the content's SHA-256. */
#include "names.h"
#include "place.h"
#include "scope.h"
#include "session.h"
#include "sha256.h"
#include "staging.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

enum { TAG_DEPTH = 3, TAG_HASHED = 4, TAG_MAX_ENTRIES = 5 };

#define ENTRY_FIXED (4 + 1 + 4 + 8 + 8 + 8 + 4 + 4 + 4 + 2 + 2 + 1)
#define MAX_TARGET 4095
#define MAX_ENTRY (ENTRY_FIXED + MAX_PATH + MAX_TARGET + SHA256_SIZE)
#define HASH_PIECE 65536
#define PIECES_BETWEEN_LOOKS 16

struct walk {
    struct channel *channel;
    uint32_t depth;
    uint32_t max_entries;
    bool hashed;
    dev_t device;
    uint64_t count;
    bool cut;
    size_t used; /* of the frame that is being filled */
    size_t path_length;
    char path[MAX_PATH + 1];
    uint8_t piece[HASH_PIECE];
};

static bool flush(struct walk *walk, struct error *error) {
    if (!channel_undisturbed(walk->channel, error)) {
        return false;
    }
    size_t used = walk->used;
    walk->used = 0;
    return used == 0 || channel_send(walk->channel, FRAME_ENTRIES, used, error);
}

/* Hashes a regular file. A file that cannot be read has no digest; only the end of the session is a failure. */
static bool hash_file(struct walk *walk, int directory_fd, const char *name, uint8_t *digest, uint8_t *digest_size,
                      struct error *error) {
    *digest_size = 0;
    int flags = O_RDONLY | O_NONBLOCK | O_NOCTTY;
    SCOPED_FD fd =
        name[0] == '\0' ? reopen(directory_fd, flags) : openat(directory_fd, name, flags | O_NOFOLLOW | O_CLOEXEC);
    struct stat status;
    if (fd < 0 || fstat(fd, &status) != 0 || !S_ISREG(status.st_mode)) {
        return true;
    }
    struct sha256 hash;
    sha256_init(&hash);
    ssize_t got;
    for (int pieces = 1; (got = read(fd, walk->piece, sizeof walk->piece)) > 0; pieces++) {
        sha256_update(&hash, walk->piece, (size_t)got);
        if (pieces % PIECES_BETWEEN_LOOKS == 0 && !channel_undisturbed(walk->channel, error)) {
            return false;
        }
    }
    if (got == 0) {
        sha256_final(&hash, digest);
        *digest_size = SHA256_SIZE;
    }
    return true;
}

static char kind_of(mode_t mode) {
    return S_ISREG(mode) ? 'f' : S_ISDIR(mode) ? 'd' : S_ISLNK(mode) ? 'l' : 'o';
}

static uint8_t *append(uint8_t *at, const void *bytes, size_t length) {
    memcpy(at, bytes, length);
    return at + length;
}

/* Adds an entry to the frame: `name` in the directory, or with an empty name what the descriptor stands for. */
static bool add_entry(struct walk *walk, int directory_fd, const char *name, const struct stat *status,
                      struct error *error) {
    uint8_t digest[SHA256_SIZE];
    uint8_t digest_size = 0;
    char target[MAX_TARGET + 1];
    ssize_t target_length = 0;
    if (S_ISREG(status->st_mode) && walk->hashed && !hash_file(walk, directory_fd, name, digest, &digest_size, error)) {
        return false;
    }
    if (S_ISLNK(status->st_mode)) {
        target_length = readlinkat(directory_fd, name, target, MAX_TARGET);
        if (target_length < 0) {
            return true; /* it has gone meanwhile */
        }
    }
    if (OUTPUT_CHUNK - walk->used < MAX_ENTRY && !flush(walk, error)) {
        return false;
    }
    uint8_t *start = channel_payload(walk->channel) + walk->used;
    uint8_t *at = start + 4;
    *at++ = (uint8_t)kind_of(status->st_mode);
    put_u32(at, status->st_mode & 07777);
    put_u64(at + 4, (uint64_t)status->st_size);
    put_u64(at + 12, (uint64_t)status->st_mtim.tv_sec * 1000000000 + (uint64_t)status->st_mtim.tv_nsec);
    put_u64(at + 20, (uint64_t)status->st_ctim.tv_sec * 1000000000 + (uint64_t)status->st_ctim.tv_nsec);
    put_u32(at + 28, status->st_uid);
    put_u32(at + 32, status->st_gid);
    put_u32(at + 36, (uint32_t)status->st_nlink);
    put_u16(at + 40, (uint16_t)walk->path_length);
    at = append(at + 42, walk->path, walk->path_length);
    put_u16(at, (uint16_t)target_length);
    at = append(at + 2, target, (size_t)target_length);
    *at++ = digest_size;
    at = append(at, digest, digest_size);
    put_u32(start, (uint32_t)(at - start) - 4);
    walk->used = (size_t)(at - channel_payload(walk->channel));
    walk->count++;
    return true;
}

/* Makes the path longer by a name; false when it would be too long. */
static bool descend(struct walk *walk, const char *name) {
    size_t separator = walk->path_length > 0 ? 1 : 0;
    size_t length = strlen(name);
    if (walk->path_length + separator + length > MAX_PATH) {
        return false;
    }
    if (separator > 0) {
        walk->path[walk->path_length] = '/';
    }
    memcpy(walk->path + walk->path_length + separator, name, length + 1);
    walk->path_length += separator + length;
    return true;
}

static bool walk_directory(struct walk *walk, int fd, uint32_t level, struct error *error);

/* Takes a name in a directory, and what is below it. */
static bool walk_name(struct walk *walk, int directory_fd, const char *name, uint32_t level, struct error *error) {
    struct stat status;
    if (fstatat(directory_fd, name, &status, AT_SYMLINK_NOFOLLOW) != 0) {
        return true; /* it has gone meanwhile */
    }
    if (walk->count == walk->max_entries) {
        walk->cut = true;
        return true;
    }
    if (!add_entry(walk, directory_fd, name, &status, error)) {
        return false;
    }
    if (!S_ISDIR(status.st_mode) || level >= walk->depth || status.st_dev != walk->device) {
        return true;
    }
    SCOPED_FD fd = openat(directory_fd, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    return fd < 0 || walk_directory(walk, fd, level + 1, error);
}

static bool walk_names(struct walk *walk, int fd, const struct names *names, uint32_t level, struct error *error) {
    for (size_t i = 0; i < names->count && !walk->cut; i++) {
        if (staging_is_ours(names->names[i])) {
            continue;
        }
        size_t length = walk->path_length;
        if (!descend(walk, names->names[i])) {
            walk->cut = true;
            return true;
        }
        if (!walk_name(walk, fd, names->names[i], level, error)) {
            return false;
        }
        walk->path_length = length;
    }
    return true;
}

/* Takes what is in a directory; `level` is that of its children. */
static bool walk_directory(struct walk *walk, int fd, uint32_t level, struct error *error) {
    if (level > MAX_LEVELS) {
        walk->cut = true;
        return true;
    }
    struct names names;
    bool done = names_read(&names, fd, error) ? walk_names(walk, fd, &names, level, error) : error->code != ERROR_LIMIT;
    names_free(&names);
    return done;
}

static bool walk_root(struct walk *walk, int fd, struct error *error) {
    struct stat status;
    if (fstat(fd, &status) != 0) {
        return fail_errno(error, "cannot examine", "the walked path");
    }
    walk->device = status.st_dev;
    if (walk->max_entries == 0) {
        walk->cut = true;
        return true;
    }
    return add_entry(walk, fd, "", &status, error) &&
           (!S_ISDIR(status.st_mode) || walk->depth == 0 || walk_directory(walk, fd, 1, error));
}

static bool parse(struct walk *walk, const struct fields *request, struct error *error) {
    bool present;
    uint8_t hashed = 0;
    if (!fields_u32(request, TAG_DEPTH, &walk->depth, &present, error) || !fields_need(present, TAG_DEPTH, error) ||
        !fields_u8(request, TAG_HASHED, &hashed, &present, error) ||
        !fields_u32(request, TAG_MAX_ENTRIES, &walk->max_entries, &present, error) ||
        !fields_need(present, TAG_MAX_ENTRIES, error)) {
        return false;
    }
    if (walk->max_entries > MAX_WALK_ENTRIES) {
        return fail(error, ERROR_LIMIT, 0, "%u entries, more than %d", walk->max_entries, MAX_WALK_ENTRIES);
    }
    walk->hashed = hashed == 1;
    return true;
}

bool walk_operation(struct session *session, const struct fields *request, struct answer *answer, struct error *error) {
    SCOPED_FREE struct walk *walk = calloc(1, sizeof *walk);
    if (walk == NULL) {
        return fail(error, ERROR_IO, ENOMEM, "no memory for a walk");
    }
    walk->channel = &session->channel;
    struct place place;
    SCOPED_FD fd = -1;
    bool opened =
        place_parse(&place, request, error) && parse(walk, request, error) && place_open(&place, O_PATH, &fd, error);
    place_close(&place);
    if (!opened || !walk_root(walk, fd, error) || !flush(walk, error)) {
        return false;
    }
    answer_u64(answer, 1, walk->count);
    answer_u8(answer, 2, walk->cut);
    return true;
}
