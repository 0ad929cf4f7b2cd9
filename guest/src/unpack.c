#include "unpack.h"

#include "place.h"
#include "scope.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define MAX_DIRECTORIES (256 * 1024)
#define PARENT_MODE 0755
#define ENTRY_MODE 0700 /* until the entry's own is set */

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

/*
 * Gives a new directory its owner: that of the one in whose place it will be merged, if there is one, or of the one
 * that it stands in.
 */
static bool give_directory(const struct unpack *unpack, int fd, mode_t mode, const struct owner *parent,
                           const char *path, struct error *error) {
    SCOPED_FD target =
        unpack->target_fd < 0 ? -1 : open_beneath(unpack->target_fd, path, O_PATH | O_DIRECTORY | O_NOFOLLOW);
    struct owner owner = *parent;
    return ((target < 0 || owner_of(target, &owner)) && owner_give(fd, mode, &owner)) ||
           fail_errno(error, "cannot set the owner of", path);
}

/* Makes the directories of a path that are missing. */
static bool make_parents(struct unpack *unpack, const char *whole_path, struct error *error) {
    SCOPED_FD current = fcntl(unpack->root_fd, F_DUPFD_CLOEXEC, 3);
    const char *path = whole_path;
    char name[NAME_MAX + 1];
    char so_far[MAX_PATH + 1];
    while (*path != '\0') {
        size_t length = strcspn(path, "/");
        memcpy(name, path, length);
        name[length] = '\0';
        bool made = mkdirat(current, name, PARENT_MODE) == 0;
        if (!made && errno != EEXIST) {
            return fail_errno(error, "cannot make the directory", name);
        }
        int next = open_beneath(current, name, O_PATH | O_DIRECTORY);
        if (next < 0) {
            return fail_way(error, name);
        }
        struct owner parent;
        size_t end = (size_t)(path - whole_path) + length;
        memcpy(so_far, whole_path, end);
        so_far[end] = '\0';
        if (made &&
            !(owner_of(current, &parent) && give_directory(unpack, next, PARENT_MODE, &parent, so_far, error))) {
            close(next);
            return false;
        }
        scope_drop(&current);
        current = next;
        path += length + (path[length] == '/');
    }
    unpack->parent_fd = scope_take(&current);
    return true;
}

/* Makes parent_fd the directory that holds an entry. */
static bool enter_parent(struct unpack *unpack, const char *name, struct error *error) {
    const char *last = last_component(name);
    size_t length = last == name ? 0 : (size_t)(last - name) - 1;
    if (unpack->parent_fd >= 0 && strncmp(unpack->parent, name, length) == 0 && unpack->parent[length] == '\0') {
        return true;
    }
    scope_drop(&unpack->parent_fd);
    memcpy(unpack->parent, name, length);
    unpack->parent[length] = '\0';
    unpack->parent_fd = open_beneath(unpack->root_fd, length == 0 ? "." : unpack->parent, O_PATH | O_DIRECTORY);
    if (unpack->parent_fd < 0 &&
        (errno == ENOENT ? !make_parents(unpack, unpack->parent, error) : !fail_way(error, name))) {
        return false;
    }
    return owner_of(unpack->parent_fd, &unpack->parent_owner) || fail_errno(error, "cannot examine", unpack->parent);
}

/* Whose the entry is. */
static const struct owner *owner_of_entry(const struct unpack *unpack) {
    return unpack->owner != NULL ? unpack->owner : &unpack->parent_owner;
}

/* Takes away what stands in an entry's place. A directory is taken away only when it is empty. */
static bool clear_place(struct unpack *unpack, const char *name, struct error *error) {
    const char *last = last_component(name);
    if (unlinkat(unpack->parent_fd, last, 0) == 0 || errno == ENOENT) {
        return true;
    }
    if (errno != EISDIR || unlinkat(unpack->parent_fd, last, AT_REMOVEDIR) != 0) {
        return fail_errno(error, "cannot replace", name);
    }
    scope_drop(&unpack->parent_fd); /* the kept directory may lie in the one that has gone: look anew */
    return enter_parent(unpack, name, error);
}

static bool remember(struct unpack *unpack, int fd, struct error *error) {
    struct stat status;
    if (fstat(fd, &status) != 0) {
        return fail_errno(error, "cannot examine", "a file of the archive");
    }
    return inodes_add(&unpack->files, status.st_ino) ||
           fail(error, ERROR_IO, ENOMEM, "no memory for the archive's files");
}

static bool begin_file(struct unpack *unpack, const struct tar_entry *entry, struct error *error) {
    const char *last = last_component(entry->name);
    int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
    unpack->file_fd = openat(unpack->parent_fd, last, flags, 0600);
    if (unpack->file_fd < 0 && errno == EEXIST) {
        if (!clear_place(unpack, entry->name, error)) {
            return false;
        }
        unpack->file_fd = openat(unpack->parent_fd, last, flags, 0600);
    }
    return unpack->file_fd >= 0 ? remember(unpack, unpack->file_fd, error)
                                : fail_errno(error, "cannot create", entry->name);
}

static bool make_directory(struct unpack *unpack, const struct tar_entry *entry, struct error *error) {
    if (entry->name[0] == '\0') {
        return true; /* the archive's own root: the directory that is there keeps its mode and owner */
    }
    const char *last = last_component(entry->name);
    bool made = mkdirat(unpack->parent_fd, last, ENTRY_MODE) == 0;
    if (!made) {
        struct stat status;
        if (errno != EEXIST || fstatat(unpack->parent_fd, last, &status, AT_SYMLINK_NOFOLLOW) != 0) {
            return fail_errno(error, "cannot make the directory", entry->name);
        }
        if (!S_ISDIR(status.st_mode)) {
            if (!clear_place(unpack, entry->name, error) || mkdirat(unpack->parent_fd, last, ENTRY_MODE) != 0) {
                return fail_errno(error, "cannot make the directory", entry->name);
            }
            made = true;
        }
    }
    SCOPED_FD fd = open_beneath(unpack->parent_fd, last, O_RDONLY | O_DIRECTORY);
    if (fd < 0) {
        return fail_errno(error, "cannot open", entry->name);
    }
    /* One that is there keeps its owner. */
    if (made && !give_directory(unpack, fd, ENTRY_MODE, &unpack->parent_owner, entry->name, error)) {
        return false;
    }
    return fchmod(fd, entry->mode) == 0 || fail_errno(error, "cannot set the mode of", entry->name);
}

static bool keep_time(struct unpack *unpack, const struct tar_entry *entry, struct error *error) {
    if (unpack->directories.count == unpack->time_capacity) {
        size_t wanted = unpack->time_capacity == 0 ? 64 : 2 * unpack->time_capacity;
        struct timespec *grown =
            wanted > MAX_DIRECTORIES ? NULL : realloc(unpack->directory_times, wanted * sizeof *grown);
        if (grown == NULL) {
            return fail(error, ERROR_LIMIT, 0, "the archive has more than %d directories", MAX_DIRECTORIES);
        }
        unpack->directory_times = grown;
        unpack->time_capacity = wanted;
    }
    size_t index;
    bool added;
    if (!paths_add(&unpack->directories, entry->name, &index, &added, error)) {
        return false;
    }
    unpack->directory_times[index] = (struct timespec){.tv_sec = entry->mtime_s, .tv_nsec = (long)entry->mtime_ns};
    return true;
}

/* By its descriptor: meanwhile a user who may write here could have put another's file in its place. */
static void give_link(const struct unpack *unpack, const char *name) {
    struct stat status;
    SCOPED_FD fd = openat(unpack->parent_fd, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
    if (fd >= 0 && fstat(fd, &status) == 0 && S_ISLNK(status.st_mode)) {
        (void)owner_set(fd, owner_of_entry(unpack));
    }
}

static bool make_symlink(struct unpack *unpack, const struct tar_entry *entry, struct error *error) {
    const char *last = last_component(entry->name);
    if (!clear_place(unpack, entry->name, error)) {
        return false;
    }
    struct timespec times[2] = {{.tv_nsec = UTIME_NOW}, {.tv_sec = entry->mtime_s, .tv_nsec = (long)entry->mtime_ns}};
    if (symlinkat(entry->target, unpack->parent_fd, last) != 0) {
        return fail_errno(error, "cannot make the link", entry->name);
    }
    give_link(unpack, last);
    (void)utimensat(unpack->parent_fd, last, times, AT_SYMLINK_NOFOLLOW);
    return true;
}

/* Not by /proc, which a machine may have lost, unless the capability for it is missing, as it is in namespaces. */
static bool link_descriptor(int fd, int parent_fd, const char *name) {
    char path[32];
    if (linkat(fd, "", parent_fd, name, AT_EMPTY_PATH) == 0) {
        return true;
    }
    if (errno != ENOENT) {
        return false;
    }
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    return linkat(AT_FDCWD, path, parent_fd, name, AT_SYMLINK_FOLLOW) == 0;
}

/* What the link leads to is looked up by what the archive made, and linked by its descriptor, not by its name: the name
 * could lead to anything by now. */
static bool make_hard_link(struct unpack *unpack, const struct tar_entry *entry, struct error *error) {
    SCOPED_FD target = open_beneath(unpack->root_fd, entry->target, O_PATH | O_NOFOLLOW);
    struct stat status;
    if (target < 0 || fstat(target, &status) != 0 || !S_ISREG(status.st_mode) ||
        !inodes_has(&unpack->files, status.st_ino)) {
        return fail(error, ERROR_BAD_ARCHIVE, 0,
                    "the hard link `%.200s` does not lead to an earlier file of the archive", entry->name);
    }
    if (strcmp(entry->name, entry->target) == 0) {
        return true;
    }
    if (!clear_place(unpack, entry->name, error)) {
        return false;
    }
    return link_descriptor(target, unpack->parent_fd, last_component(entry->name)) ||
           fail_errno(error, "cannot link", entry->name);
}

bool unpack_begin(struct unpack *unpack, const struct tar_entry *entry, struct error *error) {
    if (unpack->entries == unpack->max_entries) {
        return fail(error, ERROR_LIMIT, 0, "the archive has more than %llu entries",
                    (unsigned long long)unpack->max_entries);
    }
    if (entry->size > unpack->max_bytes - unpack->bytes) {
        return fail(error, ERROR_LIMIT, 0, "the archive holds more than %llu bytes",
                    (unsigned long long)unpack->max_bytes);
    }
    strcpy(unpack->name, entry->name);
    unpack->entries++;
    unpack->bytes += entry->size;
    if (!enter_parent(unpack, entry->name, error)) {
        return false;
    }
    switch (entry->kind) {
    case TAR_FILE:
        return begin_file(unpack, entry, error);
    case TAR_DIRECTORY:
        return make_directory(unpack, entry, error) && keep_time(unpack, entry, error);
    case TAR_SYMLINK:
        return make_symlink(unpack, entry, error);
    case TAR_HARD_LINK:
        break;
    }
    return make_hard_link(unpack, entry, error);
}

bool unpack_content(const struct unpack *unpack, const uint8_t *bytes, size_t length, struct error *error) {
    while (length > 0) {
        ssize_t written = write(unpack->file_fd, bytes, length);
        if (written < 0 && errno == EINTR) {
            continue;
        }
        if (written < 0) {
            return fail_errno(error, "cannot write", unpack->name);
        }
        bytes += written;
        length -= (size_t)written;
    }
    return true;
}

bool unpack_end(struct unpack *unpack, const struct tar_entry *entry, struct error *error) {
    if (entry->kind != TAR_FILE) {
        return true;
    }
    SCOPED_FD fd = scope_take(&unpack->file_fd);
    struct timespec times[2] = {{.tv_nsec = UTIME_NOW}, {.tv_sec = entry->mtime_s, .tv_nsec = (long)entry->mtime_ns}};
    if (!owner_set(fd, owner_of_entry(unpack)) || fchmod(fd, entry->mode) != 0 || futimens(fd, times) != 0) {
        return fail_errno(error, "cannot set owner, mode and time of", entry->name);
    }
    return true;
}

/* The deepest first, because they come last; what has been replaced since is left alone. */
void unpack_set_directory_times(const struct unpack *unpack, int root_fd) {
    for (size_t i = unpack->directories.count; i > 0; i--) {
        const char *name = unpack->directories.paths[i - 1];
        SCOPED_FD fd = open_beneath(root_fd, name[0] == '\0' ? "." : name, O_RDONLY | O_DIRECTORY);
        struct timespec times[2] = {{.tv_nsec = UTIME_NOW}, unpack->directory_times[i - 1]};
        if (fd >= 0) {
            (void)futimens(fd, times);
        }
    }
}

void unpack_init(struct unpack *unpack, int root_fd) {
    *unpack = (struct unpack){.root_fd = root_fd, .target_fd = -1, .file_fd = -1, .parent_fd = -1};
}

bool unpack_stage(struct unpack *unpack, int root_fd, int target_fd, struct error *error) {
    struct owner owner;
    unpack->root_fd = root_fd;
    unpack->target_fd = target_fd;
    return (owner_of(target_fd, &owner) && owner_set(root_fd, &owner)) ||
           fail_errno(error, "cannot set the owner of", "a staging folder");
}

void unpack_close(struct unpack *unpack) {
    if (unpack->file_fd >= 0) {
        unlinkat(unpack->parent_fd, last_component(unpack->name), 0); /* half written */
    }
    scope_drop(&unpack->file_fd);
    scope_drop(&unpack->parent_fd);
    inodes_free(&unpack->files);
    paths_free(&unpack->directories);
    free(unpack->directory_times);
    unpack->directory_times = NULL;
}
