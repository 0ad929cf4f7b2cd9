#include "disks.h"

#include "abi.h"
#include "directories.h"
#include "scope.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statfs.h>

bool disks_grow_root(struct error *error) {
    SCOPED_FD disk = open(ROOT_DISK, O_RDONLY | O_CLOEXEC);
    uint64_t bytes;
    if (disk < 0 || ioctl(disk, (int)ABI_BLKGETSIZE64, &bytes) != 0) {
        return fail_errno(error, "cannot get the size of", ROOT_DISK);
    }
    SCOPED_FD root = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    struct statfs root_fs;
    if (root < 0 || fstatfs(root, &root_fs) != 0) {
        return fail_errno(error, "cannot open", "/");
    }
    uint64_t blocks = bytes / (uint64_t)root_fs.f_bsize;
    return ioctl(root, ABI_EXT4_IOC_RESIZE_FS, &blocks) == 0 ||
           fail_errno(error, "cannot grow the file system on", "/");
}

bool disks_mount_workspace(const char *path, struct error *error) {
    struct stat device;
    struct stat point;
    if (stat(WORKSPACE_DISK, &device) != 0) {
        return fail_errno(error, "cannot find", WORKSPACE_DISK);
    }
    if (stat(path, &point) == 0 && point.st_dev == device.st_rdev) {
        return true;
    }
    SCOPED_FD disk = open(WORKSPACE_DISK, O_RDONLY | O_CLOEXEC);
    if (disk < 0 || ioctl(disk, ABI_BLKFLSBUF, 0) != 0) {
        return fail_errno(error, "cannot drop the cache of", WORKSPACE_DISK);
    }
    if (!directories_make_mount_point(path, error)) {
        return false;
    }
    return mount(WORKSPACE_DISK, path, "ext4", MS_NOATIME, NULL) == 0 ||
           fail_errno(error, "cannot mount " WORKSPACE_DISK " on", path);
}
