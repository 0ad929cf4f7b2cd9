/*
 * Makes what an archive holds below a directory. Nothing is written through a link, and nothing outside of the
 * directory.
 */
#ifndef PYRO_UNPACK_H
#define PYRO_UNPACK_H

#include "inodes.h"
#include "owner.h"
#include "paths.h"
#include "tar_reader.h"

#include <time.h>

struct unpack {
    int root_fd;
    uint64_t max_entries;
    uint64_t max_bytes;
    uint64_t entries;
    uint64_t bytes;
    int target_fd;             /* where what is made will be moved to, or -1 */
    const struct owner *owner; /* whose the entry is; NULL: whose the directory is that holds it */
    int file_fd;               /* of the file that is being written, or -1 */
    int parent_fd;             /* of the entry; kept for the next one, which often is in the same directory; or -1 */
    struct owner parent_owner;
    char parent[MAX_PATH + 1];
    char name[MAX_PATH + 1]; /* of the entry */
    struct inodes files;     /* what the archive has made: the only things that its hard links may lead to */
    /* The directories that were entries. Their times are set last, because making what is in them changes them. */
    struct paths directories;
    struct timespec *directory_times;
    size_t time_capacity;
};

/* Without bounds: the caller sets them. The descriptor stays the caller's. */
void unpack_init(struct unpack *unpack, int root_fd);

/*
 * The root is a staging folder, and what is made in it will be moved to a target: it belongs to whom it would if it
 * were made there. The descriptors stay the caller's.
 */
bool unpack_stage(struct unpack *unpack, int root_fd, int target_fd, struct error *error);

/* Begins an entry, adds to its content, ends it. */
bool unpack_begin(struct unpack *unpack, const struct tar_entry *entry, struct error *error);
bool unpack_content(const struct unpack *unpack, const uint8_t *bytes, size_t length, struct error *error);
bool unpack_end(struct unpack *unpack, const struct tar_entry *entry, struct error *error);

/* Gives the directories their times, when nothing more is made in them; they may have been moved to another root. */
void unpack_set_directory_times(const struct unpack *unpack, int root_fd);

/* Removes a half written file, and forgets all. */
void unpack_close(struct unpack *unpack);

#endif
