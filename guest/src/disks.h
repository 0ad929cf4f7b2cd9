/* The machine's disks: /dev/vda is the root, /dev/vdb the workspace. */
#ifndef PYRO_DISKS_H
#define PYRO_DISKS_H

#include "error.h"

#define ROOT_DISK "/dev/vda"
#define WORKSPACE_DISK "/dev/vdb"

/* Grows the root's file system to its device's size. */
bool disks_grow_root(struct error *error);

/*
 * Mounts the workspace's disk, after forgetting what the kernel knows of its content: the disk behind the device may be
 * another one than when the template was saved. Does nothing when it is mounted there already.
 */
bool disks_mount_workspace(const char *path, struct error *error);

#endif
