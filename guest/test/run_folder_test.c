/* What of a root's own /run comes into the machine's. */
#include "check.h"
#include "run_folder.h"
#include "scope.h"
#include "tree.h"
#include "unit_test.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

static char folder[32];
static int from_fd;
static int to_fd;

static int enter(const char *name) {
    char path[64];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    CHECK(mkdir(path, 0755) == 0);
    return open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static void begin(void) {
    snprintf(folder, sizeof folder, "/tmp/pyro-run-XXXXXX");
    CHECK(mkdtemp(folder) != NULL);
    from_fd = enter("from");
    to_fd = enter("to");
    CHECK(from_fd >= 0 && to_fd >= 0);
}

static void end(void) {
    scope_drop(&from_fd);
    scope_drop(&to_fd);
    SCOPED_FD fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    tree_empty(fd);
    CHECK(rmdir(folder) == 0);
}

static void put_file(const char *name, const char *content, off_t size) {
    SCOPED_FD fd = openat(from_fd, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    CHECK(write(fd, content, strlen(content)) == (ssize_t)strlen(content) && ftruncate(fd, size) == 0);
}

/* Tells whether it came with this owner, who is the test's own unless that is root, and mode. */
static bool came(const char *name, uid_t uid, gid_t gid, mode_t mode) {
    struct stat status;
    bool is_root = geteuid() == 0;
    return fstatat(to_fd, name, &status, AT_SYMLINK_NOFOLLOW) == 0 && status.st_mode == mode &&
           status.st_uid == (is_root ? uid : geteuid()) && status.st_gid == (is_root ? gid : getegid());
}

static void give(const char *name, uid_t uid, gid_t gid) {
    CHECK(geteuid() != 0 || fchownat(from_fd, name, uid, gid, AT_SYMLINK_NOFOLLOW) == 0);
}

void what_is_in_run_is_copied(void) {
    char text[32];
    begin();
    CHECK(mkdirat(from_fd, "app", 0755) == 0 && mkdirat(from_fd, "app/deep", 0755) == 0);
    put_file("app/pid", "17\n", 3);
    CHECK(symlinkat("app/pid", from_fd, "link") == 0 && mkfifoat(from_fd, "fifo", 0600) == 0);
    give("app", 1000, 50);
    give("app/pid", 1000, 60);
    give("link", 5, 6);
    CHECK(fchmodat(from_fd, "app", 02750, 0) == 0 && fchmodat(from_fd, "app/pid", 04711, 0) == 0 &&
          fchmod(from_fd, 01777) == 0);
    CHECK(run_folder_copy(from_fd, to_fd));
    CHECK(came("app", 1000, 50, S_IFDIR | 02750) && came("app/deep", 0, 0, S_IFDIR | 0755));
    CHECK(came("app/pid", 1000, 60, S_IFREG | 04711) && came("link", 5, 6, S_IFLNK | 0777));
    CHECK(came(".", 0, 0, S_IFDIR | 01777) && faccessat(to_fd, "fifo", F_OK, AT_SYMLINK_NOFOLLOW) != 0);
    SCOPED_FD fd = openat(to_fd, "link", O_RDONLY | O_CLOEXEC);
    CHECK(read(fd, text, sizeof text) == 3 && memcmp(text, "17\n", 3) == 0);
    end();
}

void what_is_too_much_for_run_is_left_out(void) {
    char name[16];
    unsigned count = 0;
    begin();
    put_file("large", "", RUN_FOLDER_MAX_BYTES + 1);
    put_file("exact", "", RUN_FOLDER_MAX_BYTES - 5);
    put_file("small", "small", 5);
    CHECK(!run_folder_copy(from_fd, to_fd));
    CHECK(faccessat(to_fd, "large", F_OK, 0) != 0);
    CHECK(faccessat(to_fd, "exact", F_OK, 0) == 0 && faccessat(to_fd, "small", F_OK, 0) == 0);
    end();
    begin();
    for (unsigned i = 0; i <= RUN_FOLDER_MAX_ENTRIES; i++) {
        snprintf(name, sizeof name, "%u", i);
        CHECK(mkdirat(from_fd, name, 0755) == 0);
    }
    CHECK(!run_folder_copy(from_fd, to_fd));
    for (unsigned i = 0; i <= RUN_FOLDER_MAX_ENTRIES; i++) {
        snprintf(name, sizeof name, "%u", i);
        count += faccessat(to_fd, name, F_OK, 0) == 0;
    }
    CHECK(count == RUN_FOLDER_MAX_ENTRIES);
    end();
}

static bool is_there(const char *name) {
    return faccessat(to_fd, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

/* There is room for the small one only. */
void half_a_file_does_not_come_to_run(void) {
    struct rlimit usual;
    begin();
    put_file("large", "", 100000);
    put_file("small", "small", 5);
    CHECK(getrlimit(RLIMIT_FSIZE, &usual) == 0);
    const struct rlimit bound = {.rlim_cur = 4096, .rlim_max = usual.rlim_max};
    sighandler_t handler = signal(SIGXFSZ, SIG_IGN);
    bool bounded = setrlimit(RLIMIT_FSIZE, &bound) == 0;
    bool whole = run_folder_copy(from_fd, to_fd);
    CHECK(setrlimit(RLIMIT_FSIZE, &usual) == 0 && signal(SIGXFSZ, handler) == SIG_IGN);
    CHECK(bounded && !whole && !is_there("large") && is_there("small"));
    end();
}

/* Who is not root can give nothing to root. */
void what_cannot_be_given_does_not_come_to_run(void) {
    begin();
    if (geteuid() == 0) {
        const uid_t stranger = 54321;
        CHECK(mkdirat(from_fd, "app", 0755) == 0 && mkdirat(from_fd, "app/deep", 0755) == 0);
        put_file("app/pid", "17\n", 3);
        put_file("app/deep/theirs", "", 0);
        CHECK(symlinkat("pid", from_fd, "app/link") == 0);
        CHECK(fchownat(from_fd, "app/deep/theirs", stranger, getegid(), 0) == 0);
        CHECK(fchown(to_fd, stranger, getegid()) == 0);
        pid_t pid = fork();
        if (pid == 0) {
            _exit(seteuid(stranger) != 0 || run_folder_copy(from_fd, to_fd));
        }
        int status;
        CHECK(pid > 0 && waitpid(pid, &status, 0) == pid && status == 0);
        CHECK(!is_there("app/pid") && !is_there("app/link"));
        CHECK(came("app", stranger, 0, S_IFDIR | 0755) && came("app/deep", stranger, 0, S_IFDIR | 0755));
        CHECK(came("app/deep/theirs", stranger, 0, S_IFREG | 0644));
    }
    end();
}
