/* The machine's /run: in memory, as programs expect it, with what the root's own /run holds. */
#ifndef PYRO_RUN_FOLDER_H
#define PYRO_RUN_FOLDER_H

#include "error.h"

#define RUN_FOLDER_MAX_ENTRIES 4096
#define RUN_FOLDER_MAX_BYTES (16 * 1024 * 1024)

/*
 * Mounts it over a path, which becomes a directory when it is something else. What cannot be copied, or is more than
 * the bounds above, is left out, and standard error says so. Nobody may run in this root yet.
 */
bool run_folder_mount(const char *path, struct error *error);

/*
 * Copies folders, files and links with owners and modes, and nothing else; false when something was left out. A file or
 * link comes whole or not at all; a folder comes also where its owner cannot be given.
 */
bool run_folder_copy(int from_fd, int to_fd);

#endif
