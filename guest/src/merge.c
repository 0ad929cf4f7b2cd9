#include "merge.h"

#include "abi.h"
#include "names.h"
#include "place.h"
#include "scope.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static int rename_with(int from_fd, const char *from, int to_fd, const char *to, unsigned flags) {
    return (int)syscall(SYS_renameat2, from_fd, from, to_fd, to, flags);
}

/* What was done, so that it can be undone. */
struct merge_step {
    enum {
        MOVED_IN,    /* from the new tree to where nothing was */
        EXCHANGED,   /* with what is now in the new tree */
        MOVED_OUT,   /* to the old folder, under the step's number */
        CHANGED_MODE /* of a directory */
    } kind;
    char *path;
    mode_t mode;
};

static const char *last_component(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash == NULL ? path : slash + 1;
}

/* Opens the directory that holds a path, below a root. */
static int open_parent(int root_fd, const char *path) {
    char parent[MAX_PATH + 1];
    const char *last = last_component(path);
    size_t length = last == path ? 0 : (size_t)(last - path) - 1;
    memcpy(parent, path, length);
    parent[length] = '\0';
    return open_beneath(root_fd, length == 0 ? "." : parent, O_PATH | O_DIRECTORY);
}

/* Makes the path longer by a name; *mark is what it is to be cut to again. */
static bool push(struct merge *merge, const char *name, size_t *mark, struct error *error) {
    size_t separator = merge->path_length > 0 ? 1 : 0;
    size_t length = strlen(name);
    *mark = merge->path_length;
    if (merge->path_length + separator + length > MAX_PATH) {
        return fail(error, ERROR_LIMIT, ENAMETOOLONG, "a path below `%.200s` is too long", merge->path);
    }
    if (separator > 0) {
        merge->path[merge->path_length] = '/';
    }
    memcpy(merge->path + merge->path_length + separator, name, length + 1);
    merge->path_length += separator + length;
    return true;
}

static void pop(struct merge *merge, size_t mark) {
    merge->path_length = mark;
    merge->path[mark] = '\0';
}

/* Notes a step before it is done: it counts when step_count is raised. */
static struct merge_step *note_step(struct merge *merge, const char *path, struct error *error) {
    if (merge->step_count == merge->step_capacity) {
        size_t wanted = merge->step_capacity == 0 ? 64 : 2 * merge->step_capacity;
        struct merge_step *grown = realloc(merge->steps, wanted * sizeof *grown);
        if (grown == NULL) {
            (void)fail(error, ERROR_IO, ENOMEM, "no memory for the steps of a change");
            return NULL;
        }
        memset(grown + merge->step_capacity, 0, (wanted - merge->step_capacity) * sizeof *grown);
        merge->steps = grown;
        merge->step_capacity = wanted;
    }
    struct merge_step *step = &merge->steps[merge->step_count];
    free(step->path);
    *step = (struct merge_step){.path = strdup(path)};
    if (step->path == NULL) {
        (void)fail(error, ERROR_IO, ENOMEM, "no memory for the steps of a change");
        return NULL;
    }
    return step;
}

static bool move_out(struct merge *merge, int parent_fd, const char *path, struct error *error) {
    struct merge_step *step = note_step(merge, path, error);
    if (step == NULL) {
        return false;
    }
    char number[24];
    snprintf(number, sizeof number, "%zu", merge->step_count);
    if (renameat(parent_fd, last_component(path), merge->old_fd, number) != 0) {
        return fail_errno(error, "cannot remove", path);
    }
    step->kind = MOVED_OUT;
    merge->step_count++;
    return true;
}

static bool move_in(struct merge *merge, int new_fd, int target_fd, const char *name, struct error *error) {
    struct merge_step *step = note_step(merge, merge->path, error);
    if (step == NULL) {
        return false;
    }
    int moved = rename_with(new_fd, name, target_fd, name, ABI_RENAME_NOREPLACE);
    if (moved != 0 && errno == EINVAL) {
        moved = renameat(new_fd, name, target_fd, name); /* a file system that knows no flags */
    }
    if (moved != 0) {
        return fail_errno(error, "cannot put into place", merge->path);
    }
    step->kind = MOVED_IN;
    merge->step_count++;
    return true;
}

static bool exchange(struct merge *merge, int new_fd, int target_fd, const char *name, struct error *error) {
    struct merge_step *step = note_step(merge, merge->path, error);
    if (step == NULL) {
        return false;
    }
    if (rename_with(new_fd, name, target_fd, name, ABI_RENAME_EXCHANGE) != 0) {
        if (errno == EINVAL) {
            return move_out(merge, target_fd, merge->path, error) && move_in(merge, new_fd, target_fd, name, error);
        }
        return fail_errno(error, "cannot replace", merge->path);
    }
    step->kind = EXCHANGED;
    merge->step_count++;
    return true;
}

/* Gives a directory that stays the mode of the staged one; it keeps its owner. */
static bool adopt_mode(struct merge *merge, int target_fd, const char *name, const struct stat *staged,
                       const struct stat *target, struct error *error) {
    if (target->st_mode == staged->st_mode) {
        return true;
    }
    struct merge_step *step = note_step(merge, merge->path, error);
    if (step == NULL) {
        return false;
    }
    SCOPED_FD fd = openat(target_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0) {
        return fail_errno(error, "cannot open", merge->path);
    }
    step->kind = CHANGED_MODE;
    step->mode = target->st_mode & 07777;
    merge->step_count++;
    return fchmod(fd, staged->st_mode & 07777) == 0 || fail_errno(error, "cannot set the mode of", merge->path);
}

/* Takes one step back. */
static bool undo_step(const struct merge *merge, size_t index) {
    const struct merge_step *step = &merge->steps[index];
    const char *name = last_component(step->path);
    SCOPED_FD target_fd = open_parent(merge->root_fd, step->path);
    if (target_fd < 0) {
        return false;
    }
    if (step->kind == MOVED_OUT) {
        char number[24];
        snprintf(number, sizeof number, "%zu", index);
        return renameat(merge->old_fd, number, target_fd, name) == 0;
    }
    if (step->kind == CHANGED_MODE) {
        SCOPED_FD fd = openat(target_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        return fd >= 0 && fchmod(fd, step->mode) == 0;
    }
    SCOPED_FD new_fd = open_parent(merge->new_fd, step->path);
    unsigned flags = step->kind == EXCHANGED ? ABI_RENAME_EXCHANGE : 0;
    return new_fd >= 0 && rename_with(target_fd, name, new_fd, name, flags) == 0;
}

/* Goes back to the beginning, the last step first. Always returns false. */
static bool undo(struct merge *merge, struct error *error) {
    size_t failures = 0;
    while (merge->step_count > 0) {
        merge->step_count--;
        failures += !undo_step(merge, merge->step_count);
    }
    if (failures > 0) {
        struct error cause = *error;
        return fail(error, cause.code, cause.os_error,
                    "%.300s; %zu paths could not be moved back, because something else changed them meanwhile",
                    cause.message, failures);
    }
    return false;
}

/* Tells whether all that a directory holds is to be removed. An empty one below the first stays, and so counts. */
static bool holds_only_removed(struct merge *merge, int parent_fd, const char *name, int level) {
    SCOPED_FD fd = openat(parent_fd, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    struct names names;
    struct error error;
    bool all = fd >= 0 && level <= MAX_LEVELS && names_read(&names, fd, &error);
    if (!all) {
        return false;
    }
    all = names.count > 0 || level == 0;
    for (size_t i = 0; all && i < names.count; i++) {
        size_t mark;
        all = push(merge, names.names[i], &mark, &error);
        if (all) {
            all = (merge->removed != NULL && paths_has(merge->removed, merge->path)) ||
                  holds_only_removed(merge, fd, names.names[i], level + 1);
            pop(merge, mark);
        }
    }
    names_free(&names);
    return all;
}

/* Something that is no directory is in the way of a staged directory. */
static bool may_replace_by_directory(const struct merge *merge, mode_t target, struct error *error) {
    if ((merge->removed != NULL && paths_has(merge->removed, merge->path)) ||
        (merge->directories != NULL && paths_has(merge->directories, merge->path))) {
        return true;
    }
    if (S_ISLNK(target)) {
        return fail(error, ERROR_OUTSIDE, ELOOP, "`%.300s` is a link, which is not followed", merge->path);
    }
    return fail(error, ERROR_NOT_A_DIRECTORY, ENOTDIR, "`%.300s` is not a directory", merge->path);
}

/* Tells whether what is there may give way to a staged file or link. */
static bool may_replace_by_file(struct merge *merge, int target_fd, const char *name, mode_t target,
                                struct error *error) {
    if (S_ISDIR(target)) {
        return holds_only_removed(merge, target_fd, name, 0) ||
               fail(error, ERROR_IS_A_DIRECTORY, ENOTEMPTY, "`%.300s` is a directory that holds something",
                    merge->path);
    }
    return S_ISREG(target) || S_ISLNK(target) || merge->replaces_specials ||
           fail(error, ERROR_IS_A_DIRECTORY, 0, "`%.300s` is a special file", merge->path);
}

static bool visit_directory(struct merge *merge, int new_fd, int target_fd, bool apply, struct error *error);

static bool visit_both(struct merge *merge, int new_fd, int target_fd, const char *name, bool apply,
                       struct error *error) {
    SCOPED_FD new_child = openat(new_fd, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    SCOPED_FD target_child = openat(target_fd, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (new_child < 0 || target_child < 0) {
        return fail_errno(error, "cannot open", merge->path);
    }
    return visit_directory(merge, new_child, target_child, apply, error);
}

/* Checks what a staged name would do to what is there, or does it. */
static bool visit_name(struct merge *merge, int new_fd, int target_fd, const char *name, bool apply,
                       struct error *error) {
    struct stat staged;
    struct stat target;
    if (fstatat(new_fd, name, &staged, AT_SYMLINK_NOFOLLOW) != 0) {
        return fail_errno(error, "cannot examine", merge->path);
    }
    if (fstatat(target_fd, name, &target, AT_SYMLINK_NOFOLLOW) != 0) {
        if (errno != ENOENT) {
            return fail_errno(error, "cannot examine", merge->path);
        }
        return !apply || move_in(merge, new_fd, target_fd, name, error);
    }
    if (S_ISDIR(staged.st_mode) && S_ISDIR(target.st_mode)) {
        if (target.st_dev != staged.st_dev) {
            return fail(error, ERROR_OUTSIDE, EXDEV, "`%.300s` is another file system", merge->path);
        }
        bool counts = merge->directories != NULL && paths_has(merge->directories, merge->path);
        if (apply && counts && !adopt_mode(merge, target_fd, name, &staged, &target, error)) {
            return false;
        }
        return visit_both(merge, new_fd, target_fd, name, apply, error);
    }
    bool may = S_ISDIR(staged.st_mode) ? may_replace_by_directory(merge, target.st_mode, error)
                                       : may_replace_by_file(merge, target_fd, name, target.st_mode, error);
    return may && (!apply || exchange(merge, new_fd, target_fd, name, error));
}

static bool visit_directory(struct merge *merge, int new_fd, int target_fd, bool apply, struct error *error) {
    struct names names;
    bool done = names_read(&names, new_fd, error);
    for (size_t i = 0; done && i < names.count; i++) {
        size_t mark;
        done = push(merge, names.names[i], &mark, error);
        if (done) {
            done = visit_name(merge, new_fd, target_fd, names.names[i], apply, error);
            pop(merge, mark);
        }
    }
    names_free(&names);
    return done;
}

/* Tells whether a path, or something above it, is replaced as a whole by what is staged. */
static bool is_replaced(const struct merge *merge, const char *path) {
    char prefix[MAX_PATH + 1];
    strcpy(prefix, path);
    for (size_t end = strcspn(prefix, "/");; end += 1 + strcspn(path + end + 1, "/")) {
        struct stat status;
        char kept = prefix[end];
        prefix[end] = '\0';
        if (fstatat(merge->new_fd, prefix, &status, AT_SYMLINK_NOFOLLOW) != 0) {
            return false;
        }
        if (!S_ISDIR(status.st_mode)) {
            return true;
        }
        if (kept == '\0') {
            return false;
        }
        prefix[end] = '/';
    }
}

static bool remove_all(struct merge *merge, struct error *error) {
    for (size_t i = 0; merge->removed != NULL && i < merge->removed->count; i++) {
        const char *path = merge->removed->paths[i];
        if (is_replaced(merge, path)) {
            continue;
        }
        SCOPED_FD parent_fd = open_parent(merge->root_fd, path);
        if (parent_fd < 0) {
            return fail_errno(error, "cannot open the directory of", path);
        }
        if (!move_out(merge, parent_fd, path, error)) {
            return false;
        }
    }
    return true;
}

static bool visit_all(struct merge *merge, bool apply, struct error *error) {
    pop(merge, 0);
    return visit_directory(merge, merge->new_fd, merge->root_fd, apply, error);
}

bool merge_check(struct merge *merge, struct error *error) {
    return visit_all(merge, false, error);
}

bool merge_apply(struct merge *merge, struct error *error) {
    return (remove_all(merge, error) && visit_all(merge, true, error)) || undo(merge, error);
}

void merge_prune(const struct merge *merge) {
    for (size_t i = 0; merge->removed != NULL && i < merge->removed->count; i++) {
        char path[MAX_PATH + 1];
        strcpy(path, merge->removed->paths[i]);
        for (char *slash = strrchr(path, '/'); slash != NULL; slash = strrchr(path, '/')) {
            *slash = '\0';
            SCOPED_FD parent_fd = open_parent(merge->root_fd, path);
            bool gone = parent_fd >= 0 && unlinkat(parent_fd, last_component(path), AT_REMOVEDIR) == 0;
            if (!gone && errno != ENOENT) {
                break;
            }
        }
    }
}

void merge_free(struct merge *merge) {
    for (size_t i = 0; i < merge->step_capacity; i++) {
        free(merge->steps[i].path);
    }
    free(merge->steps);
    merge->steps = NULL;
}
