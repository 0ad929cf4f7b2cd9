/* To whom new directories are given, and that no other is which somebody has put in their place. */
#include "check.h"
#include "owner.h"
#include "unit_test.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define MODE 0755

static const struct owner stranger = {.uid = 54321, .gid = 54322};

static char folder[32];
static int folder_fd;

static void begin(void) {
    snprintf(folder, sizeof folder, "/tmp/pyro-owner-XXXXXX");
    CHECK(mkdtemp(folder) != NULL);
    folder_fd = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
    CHECK(folder_fd >= 0);
}

static void end(void) {
    CHECK(unlinkat(folder_fd, "name/inside", 0) == 0 || errno == ENOENT);
    CHECK(unlinkat(folder_fd, "name", AT_REMOVEDIR) == 0);
    CHECK(close(folder_fd) == 0 && rmdir(folder) == 0);
}

static int make(mode_t mode) {
    mode_t mask = umask(0);
    CHECK(mkdirat(folder_fd, "name", mode) == 0);
    umask(mask);
    return openat(folder_fd, "name", O_PATH | O_DIRECTORY | O_CLOEXEC);
}

static bool is_owned_by(int fd, uid_t uid, gid_t gid) {
    struct owner owner;
    return owner_of(fd, &owner) && owner.uid == uid && owner.gid == gid;
}

void new_directories_are_given(void) {
    begin();
    int fd = make(MODE);
    CHECK(owner_made(fd, MODE) && !owner_made(fd, 0700) && errno == EBUSY);
    CHECK(owner_inherit(folder_fd, "name", MODE) && is_owned_by(fd, geteuid(), getegid()));
    if (geteuid() == 0) {
        CHECK(chown(folder, stranger.uid, stranger.gid) == 0);
        CHECK(owner_inherit(folder_fd, "name", MODE) && is_owned_by(fd, stranger.uid, stranger.gid));
        CHECK(owner_inherit(folder_fd, "name", MODE)); /* it is that one's */
        CHECK(!owner_made(fd, MODE) && errno == EBUSY);
    }
    close(fd);
    end();
}

/* What the owner of the folder can put there: the agent's own that holds something, another's, one that lets more in.
 */
void other_directories_are_not_given(void) {
    begin();
    int fd = make(MODE);
    CHECK(close(openat(folder_fd, "name/inside", O_WRONLY | O_CREAT | O_EXCL, 0600)) == 0);
    CHECK(!owner_made(fd, MODE) && errno == EBUSY);
    CHECK(!owner_give(fd, MODE, &stranger) && errno == EBUSY && is_owned_by(fd, geteuid(), getegid()));
    if (geteuid() == 0) {
        CHECK(chown(folder, stranger.uid, stranger.gid) == 0);
        CHECK(!owner_inherit(folder_fd, "name", MODE) && errno == EBUSY && is_owned_by(fd, 0, getegid()));
        CHECK(unlinkat(folder_fd, "name/inside", 0) == 0 && fchownat(folder_fd, "name", 7, 8, 0) == 0);
        CHECK(!owner_inherit(folder_fd, "name", MODE) && errno == EBUSY && is_owned_by(fd, 7, 8));
    }
    close(fd);
    end();
    begin();
    fd = make(0777);
    CHECK(!owner_give(fd, MODE, &stranger) && errno == EBUSY && is_owned_by(fd, geteuid(), getegid()));
    close(fd);
    end();
}
