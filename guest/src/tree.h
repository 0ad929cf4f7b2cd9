/* Removes trees of files, without following links or leaving their file system. */
#ifndef PYRO_TREE_H
#define PYRO_TREE_H

/* Removes what is in a directory, as far as that can be removed. */
void tree_empty(int directory_fd);

/* Removes a name and what is below it. */
void tree_remove(int parent_fd, const char *name);

#endif
